"""Threads that Terraform did not make: import, and state of other providers."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from provider_shim.launcher.mirror import PLUGINS, write_mirror
from tests.support.cdktf_project import CdktfProject
from tests.support.environment import registry
from tests.support.served import ServedApi
from tests.support.terraform import TerraformError, TerraformProject
from tests.support.threads import ADDRESS, ONE, TWO, message, thread

pytestmark = pytest.mark.peers

FULL: dict[str, Any] = {
    "metadata": {"user_id": "u1", "tier": "gold"},
    "messages": [ONE, TWO, message("with a file", attachments=[{"file_id": "file-1"}])],
}


def test_an_import_gives_the_state_that_a_create_gave_and_an_empty_plan(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(thread(api, **FULL)).apply()
    created = terraform.state()[ADDRESS]
    terraform.run("state", "rm", ADDRESS)

    terraform.run("import", ADDRESS, created["id"])

    assert terraform.state()[ADDRESS] == created
    assert terraform.plan().actions == {}


def test_an_import_block_imports(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(thread(api, **FULL)).apply()
    created = terraform.state()[ADDRESS]
    terraform.run("state", "rm", ADDRESS)

    block = {"import": [{"to": ADDRESS, "id": created["id"]}]}
    terraform.write({**thread(api, **FULL), **block}).apply()

    assert terraform.state()[ADDRESS] == created
    assert terraform.write(thread(api, **FULL)).plan().actions == {}


PROGRAM = """
from cdktf import App, TerraformStack
from cdktf_openai_thread import OpenaiProvider, Thread

app = App()
stack = TerraformStack(app, "support")
OpenaiProvider(stack, "openai", base_url="BASE_URL")
thread = Thread(stack, "it", metadata={"user_id": "u1"}, messages=[{"role": "user", "content": "one"}])
thread.import_from("IDENTIFIER")
app.synth()
"""


def test_import_from_in_python_imports(tmp_path: Path, terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(thread(api, metadata={"user_id": "u1"}, messages=[ONE])).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    program = PROGRAM.replace("BASE_URL", api.base_url).replace("IDENTIFIER", identifier)
    stack = CdktfProject(tmp_path / "python").write(program).synth().stack("support")
    stack.run("init", "-input=false")

    said = stack.apply()

    assert said.actions == {ADDRESS: "import"}
    assert stack.state()[ADDRESS]["id"] == identifier
    assert stack.plan().actions == {}


BAD_IDS = {
    "thread_abc": (
        '"thread_abc" belongs to the threads API, and the provider is configured with '
        'api = "conversations". Import with api = "threads" in the provider, or give an id of the '
        "conversations API."
    ),
    "conv_nothing": (
        'There is no thread "conv_nothing" on the conversations API at URL. Check the id, base_url, project '
        "and key."
    ),
    "conv_" + "x" * 10_000: (
        f'The id "conv_{"x" * 35}…" has 10,005 characters. Allowed: the id of a thread, such as conv_… or '
        "thread_…, of at most 512 characters. Copy the id from the API or from the state."
    ),
}


@pytest.mark.parametrize("identifier", BAD_IDS, ids=["other API", "nothing", "10 kB"])
def test_an_id_that_can_not_be_imported_says_why(
    terraform: TerraformProject, api: ServedApi, identifier: str
) -> None:
    block = {"import": [{"to": ADDRESS, "id": identifier}]}

    with pytest.raises(TerraformError) as failed:
        terraform.write({**thread(api), **block}).plan()

    [error] = failed.value.errors
    assert error.detail.replace(api.base_url, "URL") == BAD_IDS[identifier]


def other_state(identifier: str, provider: str, *, version: int = 0) -> str:
    """Write a state as the retired providers did."""
    attributes = {
        "id": identifier,
        "created_at": 1_700_000_000,
        "object": "thread",
        "metadata": {"user_id": "u1"},
        "messages": [{"role": "user", "content": "one", "metadata": None, "file_ids": None}],
    }
    instance = {"schema_version": version, "attributes": attributes, "sensitive_attributes": []}
    resource = {
        "mode": "managed",
        "type": "openai_thread",
        "name": "it",
        "provider": f'provider["{provider}"]',
        "instances": [instance],
    }
    return json.dumps(
        {"version": 4, "terraform_version": "1.8.4", "serial": 1, "lineage": "x", "resources": [resource]}
    )


OURS = "localhost/cdktf-openai-thread/openai"
RETIRED = f"{registry()}/mkdev-me/openai"


def made_elsewhere(terraform: TerraformProject, api: ServedApi) -> str:
    """Make a conversation with one message and forget it."""
    terraform.write(thread(api, metadata={"user_id": "u1"}, messages=[ONE])).apply()
    identifier = str(terraform.state()[ADDRESS]["id"])
    (terraform.folder / "terraform.tfstate").unlink()
    return identifier


def test_a_state_of_schema_version_0_is_upgraded_and_nothing_is_to_do(
    terraform: TerraformProject, api: ServedApi
) -> None:
    identifier = made_elsewhere(terraform, api)
    (terraform.folder / "terraform.tfstate").write_text(other_state(identifier, OURS))

    said = terraform.plan()
    terraform.apply()

    assert said.actions == {}
    assert terraform.state()[ADDRESS]["id"] == identifier


def test_replace_provider_takes_over_the_retired_providers_state(
    terraform: TerraformProject, api: ServedApi
) -> None:
    identifier = made_elsewhere(terraform, api)
    (terraform.folder / "terraform.tfstate").write_text(other_state(identifier, RETIRED))

    terraform.run("state", "replace-provider", "-auto-approve", RETIRED, OURS)
    said = terraform.plan()

    assert said.actions == {}


def test_a_moved_block_takes_over_another_providers_thread(tmp_path: Path, api: ServedApi) -> None:
    terraform = TerraformProject(tmp_path / "moved")
    identifier = api.database.ask(lambda client: client.conversations.create(metadata={"user_id": "u1"})).id
    api.database.say(identifier, "user", "one")
    (terraform.folder / "terraform.tfstate").write_text(
        other_state(identifier, RETIRED).replace('"name": "it"', '"name": "old"')
    )
    # Terraform wants to know every provider of the state. Ours stands in for the retired one.
    plugins = terraform.folder / PLUGINS
    write_mirror(plugins)
    (plugins / RETIRED).mkdir(parents=True)
    for packed in (plugins / OURS).glob("*.zip"):
        shutil.copy(packed, plugins / RETIRED / packed.name)
    moved = {"moved": [{"from": "openai_thread.old", "to": ADDRESS}]}
    terraform.write({**thread(api, metadata={"user_id": "u1"}, messages=[ONE]), **moved})
    terraform.run("init", "-input=false")

    said = terraform.apply()

    assert said.actions == {ADDRESS: "move"}
    assert terraform.state()[ADDRESS]["id"] == identifier


def test_a_thread_of_the_switched_off_api_is_made_anew_as_a_conversation(
    terraform: TerraformProject, api: ServedApi
) -> None:
    (terraform.folder / "terraform.tfstate").write_text(other_state("thread_abc", OURS))
    configuration = thread(api, messages=[ONE])
    configuration["provider"]["openai"] = {"base_url": "https://api.openai.com/v1"}
    terraform.environment["OPENAI_API_KEY"] = "sk-not-a-real-key"

    said = terraform.write(configuration).plan()

    [warning] = said.warnings
    assert said.actions == {ADDRESS: "create"}
    assert warning.summary == "The thread is gone with the Assistants API"
    assert warning.detail == (
        "OpenAI switched the Assistants API off on 2026-08-26, and thread_abc with it. It is removed from "
        "the state; the next apply makes a conversation with the configured metadata and messages."
    )
    assert api.seen == []
