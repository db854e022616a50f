"""The tiny provider under the real Terraform."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from provider_shim.launcher.mirror import PLUGINS, this_platform
from tests.support.provider_process import ROOT, TINY

TERRAFORM = shutil.which("terraform", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
LAUNCHER = """#!/bin/sh
PYTHONPATH='{root}' exec '{python}' '{tiny}'
"""


class Project:
    """A folder with a configuration, a mirror that holds the provider, and the boxes."""

    def __init__(self, folder: Path) -> None:
        assert TERRAFORM, "there is no terraform"
        self.folder = folder
        self.boxes = folder / "boxes"
        self.boxes.mkdir()
        mirror = folder / PLUGINS / "localhost/test/tiny/1.0.0" / this_platform()
        mirror.mkdir(parents=True)
        launcher = mirror / "terraform-provider-tiny_v1.0.0"
        launcher.write_text(LAUNCHER.format(root=ROOT, python=sys.executable, tiny=TINY))
        launcher.chmod(0o755)

    def write(self, resource: Mapping[str, object] | None) -> None:
        configuration: dict[str, object] = {
            "terraform": {"required_providers": {"tiny": {"source": "localhost/test/tiny"}}},
            "provider": {"tiny": {"folder": str(self.boxes), "key": "sk-very-secret"}},
        }
        if resource is not None:
            configuration["resource"] = {"tiny_box": {"box": resource}}
        (self.folder / "main.tf.json").write_text(json.dumps(configuration, indent=2))

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("TF_", "PLUGIN_"))
        }
        return subprocess.Popen(
            [str(TERRAFORM), *arguments, "-no-color"],
            cwd=self.folder,
            env=inherited | {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, expected: int = 0) -> str:
        with self.start(*arguments) as process:
            output, _ = process.communicate(timeout=60)
        assert process.returncode == expected, output
        return output

    def apply(self, expected: int = 0) -> str:
        return self.run("apply", "-auto-approve", "-input=false", expected=expected)

    def state(self) -> list[dict[str, Any]]:
        resources = json.loads((self.folder / "terraform.tfstate").read_text())["resources"]
        return [instance for resource in resources for instance in resource["instances"]]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.write(None)
    project.run("init", "-input=false")
    return project


def test_a_box_lives_from_plan_to_destroy(project: Project) -> None:
    box = {"name": "one", "size": 0.1, "tags": {"ä": "é"}, "items": [{"text": "a", "weight": 1e30}]}
    project.write(box)
    first = project.apply()
    again = project.run("plan", "-input=false")
    project.write({**box, "size": 2, "items": [*box["items"], {"text": "b"}]})  # type: ignore[misc]
    changed = project.apply()
    project.write({**box, "name": "two"})
    replaced = project.apply()
    destroyed = project.run("destroy", "-auto-approve", "-input=false")

    assert "Resources: 1 added, 0 changed, 0 destroyed" in first
    assert "No changes" in again
    assert "Resources: 0 added, 1 changed, 0 destroyed" in changed
    assert "Resources: 1 added, 0 changed, 1 destroyed" in replaced
    assert "Resources: 1 destroyed" in destroyed
    assert list(project.boxes.iterdir()) == []


def test_a_replacement_says_which_attribute_forces_it(project: Project) -> None:
    project.write({"name": "one", "items": [{"text": "a", "kind": "old"}]})
    project.apply()
    project.write({"name": "one", "items": [{"text": "a", "kind": "new"}]})

    planned = project.run("plan", "-input=false")

    (line,) = (line for line in planned.splitlines() if "forces replacement" in line)
    assert '"old" -> "new"' in line


def test_an_apply_that_fails_after_creating_keeps_the_box_tainted(project: Project) -> None:
    project.write({"name": "one", "behave": "fail"})

    output = project.apply(expected=1)

    (instance,) = project.state()
    assert "The lid is stuck" in output
    assert instance["attributes"]["id"] == "box-1"
    assert instance["status"] == "tainted"


def test_a_bug_is_shown_without_a_traceback_and_keeps_the_box(project: Project) -> None:
    project.write({"name": "one", "behave": "crash"})

    output = project.apply(expected=1)

    (instance,) = project.state()
    assert "please report it" in output
    assert "Traceback" not in output
    assert "sk-very-secret" not in output
    assert instance["attributes"]["id"] == "box-1"


def test_ctrl_c_while_a_box_is_made_keeps_it(project: Project) -> None:
    project.write({"name": "one", "behave": "slow"})

    with project.start("apply", "-auto-approve", "-input=false") as process:
        end = time.monotonic() + 30
        while not (project.boxes / "slow").exists() and time.monotonic() < end:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to Terraform and to the provider
        output, _ = process.communicate(timeout=60)

    (instance,) = project.state()
    assert "Stopped" in output
    assert instance["attributes"]["id"] == "box-1"
    assert instance["status"] == "tainted"


def test_a_box_is_imported(project: Project) -> None:
    project.write({"name": "one"})
    project.apply()
    project.run("state", "rm", "tiny_box.box")
    project.run("import", "-input=false", "tiny_box.box", "box-1")

    assert "No changes" in project.run("plan", "-input=false")


def test_a_wrong_configuration_is_shown_with_its_place(project: Project) -> None:
    project.write({"name": "forbidden"})

    output = project.run("plan", "-input=false", expected=1)

    assert "Forbidden name" in output
    assert "main.tf.json line" in output
