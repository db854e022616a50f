"""`terraform query`: what there is, by identity, with its state, and as configuration that plans empty."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.blocks import DOCS, blocks
from tests.support.cdktf_project import CdktfProject
from tests.support.database import Database
from tests.support.environment import BIN, clean, engine
from tests.support.faulty import Fault
from tests.support.matching import matches
from tests.support.one_of_each import STORE, THREAD, OneOfEach
from tests.support.terraform import TerraformError, TerraformProject

KNOWN_FROM = (1, 14)


@pytest.fixture(scope="session", autouse=True)
def _engine_lists(initialised: Path) -> None:
    """Skip all of it, before anything is deployed for it, where the engine can't list."""
    if TerraformProject(initialised).version() < KNOWN_FROM:
        pytest.skip("the engine knows no lists")


class Found(NamedTuple):
    """One object of a list."""

    name: str
    identity: dict[str, Any]
    state: dict[str, Any] | None


def query(terraform: TerraformProject, lists: str, *options: str) -> dict[str, list[Found]]:
    """Run the lists; return what each found, by its address."""
    (terraform.folder / "all.tfquery.hcl").write_text(lists)
    done = terraform.execute("query", "-json", *options)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    errors = [each["diagnostic"] for each in events if each["type"] == "diagnostic"]
    if done.returncode or errors:
        raise TerraformError("query", [], "\n".join(each["detail"] for each in errors) or done.stdout)
    found: dict[str, list[Found]] = {
        each["list_complete"]["address"]: [] for each in events if each["type"] == "list_complete"
    }
    for event in events:
        if event["type"] == "list_resource_found":
            each = event["list_resource_found"]
            found[each["address"]].append(
                Found(each["display_name"], each["identity"], each.get("resource_object"))
            )
    return found


def one(kind: str, name: str = "all", config: str = "", more: str = "") -> str:
    return f"""
list "openai_{kind}" "{name}" {{
  provider = openai
  {more}
  config {{
    {config}
  }}
}}
"""


def every(made: OneOfEach, more: str = "") -> str:
    """Return a list of each kind."""
    thread, store = made.state[THREAD]["id"], made.state[STORE]["id"]
    return (
        one("thread", more=more)
        + one("message", config=f'thread_id = "{thread}"', more=more)
        + one("file", config='purpose = "assistants"\n order = "asc"', more=more)
        + one("vector_store", more=more)
        + one("vector_store_file", config=f'vector_store_id = "{store}"\n filter = "completed"', more=more)
    )


def test_a_query_finds_each_object_by_the_identity_that_its_state_has(
    one_of_each: OneOfEach, terraform: TerraformProject
) -> None:
    terraform.write(one_of_each.configuration(resource=None))
    expected = one_of_each.identities()

    found = query(terraform, every(one_of_each, "include_resource = true"))
    by_address = {
        address.replace("list.", "").replace(".all", ".it"): [each.identity for each in objects]
        for address, objects in found.items()
    }
    [file] = found["list.openai_file.all"]
    message = found["list.openai_message.all"][-1]

    assert by_address.keys() == expected.keys()
    assert {address for address, identity in expected.items() if identity not in by_address[address]} == set()
    assert file.name == "a.md"
    assert [each.name for each in found["list.openai_vector_store.all"]] == ["Knowledge"]
    assert f"{one_of_each.state[THREAD]['id']} (a = b)" in [
        each.name for each in found["list.openai_thread.all"]
    ]
    assert message.name == "user: two"
    assert message.state == one_of_each.state["openai_message.it"]
    assert file.state is not None
    assert file.state["bytes"] == one_of_each.state["openai_file.it"]["bytes"]


def test_what_a_query_generates_imports_all_and_plans_empty(
    one_of_each: OneOfEach, terraform: TerraformProject
) -> None:
    terraform.write(one_of_each.configuration(resource=None))
    (terraform.folder / "a.md").write_text("# The answer is 42.")

    query(terraform, every(one_of_each), "-generate-config-out=generated.tf")
    (terraform.folder / "all.tfquery.hcl").unlink()
    said = terraform.apply()

    # What other tests have made is found, too: of their threads Terraform spells some texts in its own way.
    others = {address for address in said.actions if address.startswith("openai_thread.")}
    assert {said.actions[address] for address in others} <= {"import", "update"}
    assert {said.actions[address] for address in {*said.actions} - others} == {"import"}
    assert len(said.actions) >= len(one_of_each.identities())
    assert terraform.plan().actions == {}


def test_the_page_of_the_docs_shows_what_happens(tmp_path: Path) -> None:
    page = blocks(DOCS / "how-to" / "query.md")
    project = CdktfProject(tmp_path / "project")
    database = Database(project.folder / "threads.db")
    for block in page:
        if block.title:
            (project.folder / block.title).write_text(block.text)

    async def filled(client: Any) -> None:
        await client.files.create(file=("handbook.md", b"# Handbook"), purpose="assistants")
        await client.vector_stores.create(name="Knowledge")

    database.ask(filled)
    (project.folder / "bin").mkdir()
    (project.folder / "bin" / "terraform").symlink_to(engine())
    said = []
    commands = "\n".join(each.text for each in page if each.language == "sh")
    commands += 'printf "# Handbook" > handbook.md\n'
    for text in (commands, "terraform apply -auto-approve", "terraform plan"):
        there = "" if text == commands else "cd cdktf.out/stacks/support\n"
        done = subprocess.run(
            ["sh", "-e", "-c", there + text],
            cwd=project.folder,
            env=clean({"PATH": f"{project.folder}/bin:{BIN}:{os.environ['PATH']}"}),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        said.append(done.stdout)

    [shown] = [each.text for each in page if each.language == "text"]
    for line in shown.splitlines():
        assert matches(f"…\n{line}\n…", said[0]), line
    assert "Resources: 2 imported, 0 added, 0 changed, 0 destroyed." in said[1]
    assert "No changes." in said[2]


def test_a_query_ends_at_its_limit(one_of_each: OneOfEach, terraform: TerraformProject) -> None:
    made = one_of_each
    thread_id = made.api.database.ask(lambda client: client.conversations.create()).id

    async def filled(client: Any) -> None:
        for _ in range(13):
            await client.conversations.items.create(
                thread_id, items=[{"type": "message", "role": "user", "content": "x" * 500}] * 20
            )

    made.api.database.ask(filled)
    terraform.write(made.configuration(resource=None))
    lists = one("message", "few", f'thread_id = "{thread_id}"', "limit = 3")
    lists += one("message", "most", f'thread_id = "{thread_id}"', "limit = 1000")
    before = len(made.api.seen)

    found = query(terraform, lists)

    assert {address: len(each) for address, each in found.items()} == {
        "list.openai_message.few": 3,
        "list.openai_message.most": 260,
    }
    listings = [each for each in made.api.seen[before:] if "/items" in each.path]
    assert len(listings) == 1 + 3


WRONG = {
    "config": (
        one("file", config='purpose = ""'),
        "purpose is empty. Allowed: at least 1 character.",
    ),
    "order": (one("thread", config='order = "up"'), 'order is "up"'),
    "not there": (
        one("message", config='thread_id = "conv_nothing"'),
        'thread_id is "conv_nothing". There is no such thread on the conversations API at URL.',
    ),
    "no store": (
        one("vector_store_file", config='vector_store_id = "vs_nothing"'),
        'vector_store_id is "vs_nothing". There is no such vector store on the vector stores API at URL.',
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_list_that_can_not_be_made_says_why(
    one_of_each: OneOfEach, terraform: TerraformProject, case: str
) -> None:
    lists, expected = WRONG[case]
    terraform.write(one_of_each.configuration(resource=None))

    with pytest.raises(TerraformError) as failed:
        query(terraform, lists)

    assert expected in failed.value.output.replace(one_of_each.api.base_url, "URL")


def test_a_server_that_lists_no_threads_is_named(one_of_each: OneOfEach, terraform: TerraformProject) -> None:
    api = one_of_each.api
    api.fail("GET", "/conversations", Fault(status=405, body='{"error": {"message": "Not allowed"}}'))
    terraform.write(one_of_each.configuration(resource=None))
    try:
        with pytest.raises(TerraformError) as failed:
            query(terraform, one("thread"))
    finally:
        api.heal()

    assert failed.value.output == (
        f"GET /conversations at {api.base_url.removesuffix('/v1')} is answered with HTTP status 405. "
        "OpenAI's API has no such call; Azure AI Foundry and the embedded API have it.\n\n"
        "Import what you know by its id."
    )


def test_a_query_leaves_no_trace(one_of_each: OneOfEach, terraform: TerraformProject) -> None:
    terraform.write(one_of_each.configuration(resource=None))
    before = {*terraform.folder.iterdir()}

    query(terraform, every(one_of_each, "include_resource = true"))

    assert {*terraform.folder.iterdir()} - before == {terraform.folder / "all.tfquery.hcl"}
