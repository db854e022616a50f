"""Beside openai/openai, which administrates an organization and bears the same name: both in one stack."""

import json
from pathlib import Path

import pytest

from provider_shim.launcher.mirror import SOURCE
from tests.support import official_provider
from tests.support.cdktf_project import CdktfError, CdktfProject
from tests.support.local_provider import write_mirror
from tests.support.official_provider import ADDRESS

HEAD = """
import os
from cdktf import App, TerraformProvider, TerraformResource, TerraformStack
from cdktf import TerraformProviderGeneratorMetadata as Metadata
from cdktf_openai_thread import DataOpenaiThread, File, OpenaiProvider, Thread, ThreadSet

METADATA = Metadata(provider_name="openai", provider_version="2.999.0", provider_version_constraint="~> 2.0")


class Administration(TerraformProvider):
    def __init__(self, scope, id_):
        super().__init__(
            scope,
            id_,
            terraform_resource_type="openai",
            terraform_generator_metadata=METADATA,
            terraform_provider_source="openai/openai",
        )

    def _synthesize_attributes(self):
        return {}

    def _synthesize_hcl_attributes(self):
        return {}


class Project(TerraformResource):
    def __init__(self, scope, id_):
        super().__init__(
            scope, id_, terraform_resource_type="openai_project", terraform_generator_metadata=METADATA
        )

    def _synthesize_attributes(self):
        return {"name": "x"}

    def _synthesize_hcl_attributes(self):
        return {"name": {"value": "x", "isBlock": False, "type": "simple", "storageClassType": "string"}}


app = App()
stack = TerraformStack(app, "own")
"""
BOTH = (
    HEAD
    + """
early = Thread(stack, "early", metadata={"a": "b"})
OpenaiProvider(stack, "openai", base_url="sqlite:one.db")
other = OpenaiProvider(stack, "other", alias="other", base_url="sqlite:other.db")
Administration(stack, "administration")
Project(stack, "project")
File(stack, "file", content="x", filename="x.md")
Thread(stack, "elsewhere", provider=other)
ThreadSet(stack, "set", {"a": {}})
DataOpenaiThread(stack, "read", id=early.id)
app.synth()
"""
)


@pytest.fixture
def project(tmp_path: Path) -> CdktfProject:
    home = tmp_path / "home"
    write_mirror(home / ".terraform.d" / "plugins", ADDRESS, official_provider.__file__)
    return CdktfProject(tmp_path / "app", environment={"HOME": str(home)})


@pytest.mark.parametrize("form", ["json", "hcl"])
def test_both_are_deployed_from_one_stack(project: CdktfProject, form: str) -> None:
    project.environment["SYNTH_HCL_OUTPUT"] = "true" if form == "hcl" else ""
    stack = project.write(BOTH).synth().stack("own")
    stack.run("init", "-input=false")
    stack.apply()
    lock = (stack.folder / ".terraform.lock.hcl").read_text()
    shown = json.loads(stack.run("show", "-json"))["values"]["root_module"]["resources"]

    assert {each["address"]: each["provider_name"] for each in shown} == {
        "openai_project.project": ADDRESS,
        **dict.fromkeys(
            (
                "data.openai_thread.read",
                "openai_file.file",
                "openai_thread.early",
                "openai_thread.elsewhere",
                "openai_thread_set.set",
            ),
            SOURCE,
        ),
    }
    assert all(f'provider "{each}" {{\n  version' in lock for each in (ADDRESS, SOURCE))
    assert stack.plan().actions == {}


@pytest.mark.cdktf
def test_the_first_deploy_of_the_cdktf_command_works(project: CdktfProject) -> None:
    assert "5 added" in project.write(BOTH).deploy()


WRONG = {
    'Administration(stack, "administration")\nThread(stack, "it")': "has no provider, and the stack has no",
    (
        'OpenaiProvider(stack, "openai", alias="one")\nAdministration(stack, "administration")\n'
        'Thread(stack, "it")'
    ): "has no provider, and the stack has no OpenaiProvider without an alias",
    'OpenaiProvider(stack, "openai")\nThread(stack, "it", provider=Administration(stack, "other"))': (
        "has the provider openai/openai"
    ),
}


@pytest.mark.parametrize(("program", "text"), WRONG.items())
def test_what_can_not_work_is_an_error_at_synth(project: CdktfProject, program: str, text: str) -> None:
    with pytest.raises(CdktfError) as raised:
        project.write(f"{HEAD}\n{program}\napp.synth()\n").synth()

    said = raised.value.output
    assert text in said
    assert "Traceback" not in said
    assert 'OpenaiProvider(self, "threads")' in said
