"""Another version of the package goes on with what the last one deployed, and uninstalling leaves nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from provider_shim import __version__
from provider_shim.launcher.mirror import SOURCE
from scripts.release import copy, installed
from tests.support.cdktf_project import CdktfProject
from tests.support.environment import BIN, clean
from tests.support.terraform import TerraformProject

pytestmark = [pytest.mark.bundles, pytest.mark.timeout(600)]
NEXT = "0.1.99"
PROGRAM = """
from cdktf import App, TerraformStack
from cdktf_openai_thread import OpenaiProvider, Thread

app = App()
stack = TerraformStack(app, "support")
OpenaiProvider(stack, "openai", base_url="sqlite:threads.db")
Thread(stack, "desk", metadata={"team": "support"})
app.synth()
"""


def wheel(folder: Path, version: str) -> Path:
    """Build the package as it would be with a version."""
    copy(folder / "tree", SOURCE)
    place = folder / "tree/provider_shim/__init__.py"
    place.write_text(place.read_text().replace(f'"{__version__}"', f'"{version}"'))
    command = [str(BIN / "python"), "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=folder / "tree", check=True, capture_output=True, env=clean({}))
    (made,) = folder.glob("*.whl")
    return made


def pip(python: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*command, *arguments], check=True, capture_output=True)


def test_the_next_version_plans_nothing_and_the_one_before_does_again(tmp_path: Path) -> None:
    python = installed(wheel(tmp_path / "now", __version__), tmp_path / "environment")
    project = CdktfProject(tmp_path / "app", python=python).write(PROGRAM)
    stack = project.synth().stack("support")
    stack.run("init", "-input=false")
    stack.apply()
    identifier = stack.state()["openai_thread.desk"]["id"]
    said, locked = [], []
    for version, folder in ((NEXT, "next"), (__version__, "back")):
        pip(
            python,
            "install",
            "--no-deps",
            "--no-index",
            "--force-reinstall",
            str(wheel(tmp_path / folder, version)),
        )
        project.synth()
        stack.run("init", "-input=false", "-lockfile=readonly")
        said.append(stack.plan().actions)
        locked.append(f'"{version}"' in (stack.folder / ".terraform.lock.hcl").read_text())
        stack.apply()

    assert said == [{}, {}]
    assert locked == [True, True]
    assert stack.state()["openai_thread.desk"]["id"] == identifier
    stack.destroy()


def test_what_the_page_says_removes_all_that_was_installed(tmp_path: Path) -> None:
    python = installed(wheel(tmp_path / "now", __version__), tmp_path / "environment")
    home = tmp_path / "home"
    home.mkdir()
    environment = clean({"HOME": str(home)})

    def parts() -> list[Path]:
        found = (tmp_path / "environment").rglob("*openai*")
        return sorted(path for path in found if path.name != "dependencies.pth")

    before = parts()
    subprocess.run(
        [python.with_name("openai-thread"), "install"], env=environment, check=True, capture_output=True
    )
    terraform = TerraformProject(tmp_path / "stack", environment={"HOME": str(home)})
    terraform.write(
        {
            "provider": {"openai": {"base_url": "sqlite:threads.db"}},
            "resource": {"openai_thread": {"desk": {}}},
        }
    )
    terraform.run("init", "-input=false")
    terraform.apply()

    terraform.run("apply", "-destroy", "-auto-approve")
    pip(python, "uninstall", "--yes", "cdktf-openai-thread")
    remove = "rm -rf ~/.terraform.d/plugins/localhost/cdktf-openai-thread ~/.terraform.d/openai-thread"
    subprocess.run(["/bin/sh", "-c", remove], env=environment, check=True)

    assert before != []
    assert terraform.state() == {}
    assert [
        path for path in (tmp_path / "environment").rglob("*openai*") if "dependencies" not in path.name
    ] == []
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert list((tmp_path / "stack").glob(".openai-thread-journal*")) == []
