"""examples/two_providers with the real cdktf: another provider beside ours, the first deploy included."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from provider_shim.launcher.cli_configuration import cli_configuration_warning
from provider_shim.launcher.mirror import SOURCE
from tests.support.cdktf_project import CdktfProject
from tests.support.database import Database
from tests.support.example import Example
from tests.support.local_provider import ADDRESS, write_mirror


def told(home: Path) -> Mapping[str, str]:
    """Have a mirror in the CLI configuration, and in it what our warning tells to add."""
    write_mirror(home / "mirror")
    file = home / "company.tfrc"
    mirror = f'  filesystem_mirror {{\n    path = "{home}/mirror"\n    EXCLUDE\n  }}\n'
    file.write_text(f"provider_installation {{\n{mirror}}}\n")
    variables = {"HOME": str(home), "TF_CLI_CONFIG_FILE": str(file)}
    warning = cli_configuration_warning(variables, home)
    assert warning is not None
    block, exclude = warning.partition("Add to the block:\n")[2].partition(" to each of")[0].split("and ")
    file.write_text(f"provider_installation {{\n{mirror.replace('EXCLUDE', exclude)}{block}}}\n")
    return variables


def implied(home: Path) -> Mapping[str, str]:
    """Have the other provider where Terraform looks without a CLI configuration."""
    write_mirror(home / ".terraform.d" / "plugins")
    return {"HOME": str(home)}


def project_in(folder: Path, environment: Mapping[str, str]) -> CdktfProject:
    return Example("two_providers", folder, environment=environment)


def locked(project: CdktfProject) -> set[str]:
    """Return the providers that the lock file pins with a hash, each."""
    text = (project.folder / "cdktf.out/stacks/support/.terraform.lock.hcl").read_text()
    return {address for address in (SOURCE, ADDRESS) if f'provider "{address}" {{\n  version' in text}


@pytest.mark.cdktf
@pytest.mark.parametrize("installation", [told, implied])
def test_the_first_deploy_of_a_fresh_folder_works_and_the_second_changes_nothing(
    tmp_path: Path, installation: Callable[[Path], Mapping[str, str]]
) -> None:
    project = project_in(tmp_path, installation(tmp_path / "home"))

    first = project.deploy()
    settings = json.loads((project.folder / "settings.json").read_text())
    second = project.deploy()

    assert "2 added" in first
    assert "No changes" in second
    assert settings["tools"] == []
    assert Database(project.folder / "threads.db").messages(settings["conversation"]) == [
        ("assistant", "Hello! How can I help?")
    ]
    assert locked(project) == {SOURCE, ADDRESS}


@pytest.mark.cdktf
def test_the_other_provider_can_be_added_to_a_deployed_stack(tmp_path: Path) -> None:
    project = project_in(tmp_path, implied(tmp_path / "home"))
    program = (project.folder / "main.py").read_text()
    head, _, tail = program.partition('        LocalProvider(self, "local")\n')
    stack = project.write(head + tail[tail.index("\n\napp = ") :]).synth().stack("support")
    stack.run("init", "-input=false")
    stack.apply()
    before = locked(project)

    said = project.write(program).deploy()

    assert before == {SOURCE}
    assert "1 added, 0 changed, 0 destroyed" in said
    assert locked(project) == {SOURCE, ADDRESS}
