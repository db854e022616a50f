"""A set of threads with the real Terraform."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.cdktf_project import CdktfProject
from tests.support.database import Database

HEAD = """
import json
from pathlib import Path

from cdktf import App, TerraformOutput, TerraformStack, TerraformVariable
from cdktf_openai_thread import OpenaiProvider, ThreadSet

app = App()
stack = TerraformStack(app, "saas")
OpenaiProvider(stack, "openai", base_url="sqlite:threads.db")
"""
MAPPING = """
threads = ThreadSet(stack, "tenants", json.loads(Path("tenants.json").read_text()))
TerraformOutput(stack, "ids", value=threads.ids)
TerraformOutput(stack, "acme", value=threads["acme"].id)
app.synth()
"""
VARIABLE = """
threads = ThreadSet(stack, "tenants", TerraformVariable(stack, "given", type="any"), retain_on_destroy=False)
TerraformOutput(stack, "acme", value=threads["acme"].id)
app.synth()
"""
ITERATOR = """
from cdktf import TerraformIterator, Token

given = TerraformVariable(stack, "given", type="map(object({tier = string}))")
each = TerraformIterator.from_map(Token.as_any_map(given.value))
threads = ThreadSet(
    stack,
    "tenants",
    each,
    metadata={"tier": each.get_string("tier")},
    messages=[{"role": "assistant", "content": f"Hello {each.key}!"}],
)
TerraformOutput(stack, "acme", value=threads["acme"].id)
app.synth()
"""
GREETING = {"role": "assistant", "content": 'Hello "you",\n${name}!'}
TENANTS = {
    "acme": {"metadata": {"tier": "gold"}, "messages": [GREETING, {"role": "user", "content": "Hi"}]},
    "userId 7": {"metadata": {"tierName": "free"}},
    "empty": {},
}


def test_adding_one_thread_touches_one(tmp_path: Path) -> None:
    address = "openai_thread_set.tenants"
    project = CdktfProject(tmp_path / "saas").write(HEAD + MAPPING)
    (project.folder / "tenants.json").write_text(json.dumps(TENANTS))
    terraform = project.synth().stack("saas")
    terraform.run("init")
    first = terraform.apply()
    unchanged = terraform.plan()
    (project.folder / "tenants.json").write_text(json.dumps({**TENANTS, "globex": {"metadata": {"a": "b"}}}))
    project.synth()

    then = terraform.plan()
    change = terraform.planned()["resource_changes"][0]["change"]

    assert first.actions == {address: "create"}
    assert unchanged.actions == {}
    assert then.actions == {address: "update"}
    assert set(change["after"]["threads"]) - set(change["before"]["threads"]) == {"globex"}
    assert change["after_unknown"]["ids"] == {"globex": True}


def test_each_thread_has_what_its_entry_says(tmp_path: Path) -> None:
    project = CdktfProject(tmp_path / "saas").write(HEAD + MAPPING)
    (project.folder / "tenants.json").write_text(json.dumps(TENANTS))
    terraform = project.synth().stack("saas")
    terraform.run("init")

    terraform.apply()

    database = Database(project.folder / "threads.db")
    outputs = terraform.outputs()
    acme, other = database.conversation(outputs["acme"]), database.conversation(outputs["ids"]["userId 7"])
    assert acme is not None
    assert acme.metadata == {"tier": "gold"}
    assert other is not None
    assert other.metadata == {"tierName": "free"}
    assert database.messages(outputs["acme"]) == [
        ("assistant", GREETING["content"]),
        ("user", "Hi"),
    ]
    assert set(outputs["ids"]) == set(TENANTS)


ACME: dict[str, Any] = {"metadata": {"tier": "gold"}, "messages": [GREETING]}


@pytest.mark.parametrize(
    ("program", "given", "added", "said"),
    [
        pytest.param(
            VARIABLE, {"acme": ACME, "empty": {}}, {"globex": {"tools": []}}, GREETING, id="variable"
        ),
        pytest.param(
            ITERATOR,
            {"acme": {"tier": "gold"}, "empty": {"tier": "free"}},
            {"globex": {"tier": "free"}},
            {"content": "Hello acme!"},
            id="iterator",
        ),
    ],
)
def test_what_only_the_deploy_knows_says_which_threads_there_are(
    tmp_path: Path, program: str, given: dict[str, Any], added: dict[str, Any], said: dict[str, str]
) -> None:
    project = CdktfProject(tmp_path / "saas").write(HEAD + program)
    terraform = project.synth().stack("saas")
    terraform.run("init")
    variables = terraform.folder / "terraform.tfvars.json"

    variables.write_text(json.dumps({"given": given}))
    first = terraform.apply()
    unchanged = terraform.plan()
    variables.write_text(json.dumps({"given": {**given, **added}}))
    then = terraform.plan()
    acme = terraform.outputs()["acme"]
    database = Database(project.folder / "threads.db")
    conversation = database.conversation(acme)

    assert first.actions == {"openai_thread_set.tenants": "create"}
    assert unchanged.actions == {}
    assert then.actions == {"openai_thread_set.tenants": "update"}
    assert conversation is not None
    assert conversation.metadata == {"tier": "gold"}
    assert database.messages(acme) == [("assistant", said["content"])]


def test_hcl_of_a_set_says_the_same(tmp_path: Path) -> None:
    project = CdktfProject(tmp_path / "saas", environment={"SYNTH_HCL_OUTPUT": "true"}).write(HEAD + MAPPING)
    (project.folder / "tenants.json").write_text(json.dumps(TENANTS))
    terraform = project.synth().stack("saas")
    terraform.run("init")

    terraform.apply()

    database = Database(project.folder / "threads.db")
    assert (terraform.folder / "cdk.tf").exists()
    assert database.messages(terraform.outputs()["acme"])[0] == ("assistant", GREETING["content"])
