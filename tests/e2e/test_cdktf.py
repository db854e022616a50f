"""The whole way with the real cdktf command, as somebody who installed the package goes it."""

import json
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from tests.support.cdktf_project import CdktfProject
from tests.support.database import Database
from tests.support.environment import BIN, FRAMEWORK, clean
from tests.support.installed import build, install

PROGRAM = """
from cdktf import App, TerraformOutput, TerraformStack
from cdktf_openai_thread import OpenaiProvider, Thread

app = App()
stack = TerraformStack(app, "support")
OpenaiProvider(stack, "openai", base_url="sqlite:threads.db")
thread = Thread(
    stack, "thread", metadata={"priority": "PRIORITY"}, messages=[{"role": "user", "content": "Hello"}]
)
TerraformOutput(stack, "id", value=thread.id)
app.synth()
"""


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment that has the package from its wheel, not from the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    (wheel,) = build(folder, "wheel")
    return install(wheel, folder / "venv")


@pytest.mark.cdktf
def test_a_thread_is_deployed_changed_in_place_and_destroyed(tmp_path: Path, installed: Path) -> None:
    project = CdktfProject(tmp_path / "a project", python=installed)
    database = Database(project.folder / "threads.db")
    outputs = project.folder / "outputs.json"

    project.write(PROGRAM.replace("PRIORITY", "low")).deploy("--outputs-file", str(outputs))
    thread_id = json.loads(outputs.read_text())["support"]["id"]
    created = database.conversation(thread_id)
    unchanged = project.diff()
    project.write(PROGRAM.replace("PRIORITY", "high")).deploy("--outputs-file", str(outputs))
    changed = database.conversation(thread_id)
    said = database.messages(thread_id)
    project.destroy()

    assert created is not None
    assert created.metadata == {"priority": "low"}
    assert "No changes" in unchanged
    assert json.loads(outputs.read_text())["support"]["id"] == thread_id
    assert changed is not None
    assert changed.metadata == {"priority": "high"}
    assert said == [("user", "Hello")]
    assert database.conversation(thread_id) is None


@pytest.mark.cdktf
def test_the_doctor_tells_which_framework_the_app_imports(tmp_path: Path) -> None:
    project = CdktfProject(tmp_path / "a project").write(PROGRAM).synth()
    doctor: list[str | Path] = [
        BIN / "python",
        "-m",
        "provider_shim",
        "doctor",
        "--json",
        "--base-url",
        "sqlite:threads.db",
    ]
    done = subprocess.run(
        doctor,
        cwd=project.folder,
        env=clean({"HOME": str(tmp_path)}),
        capture_output=True,
        text=True,
        check=False,
    )
    found = {each["name"]: each["found"] for each in json.loads(done.stdout)["findings"]}

    assert done.returncode == 0, done.stdout
    assert found["Python framework"] == f"{FRAMEWORK} {metadata.version(FRAMEWORK)}: the app imports it"
    assert found["Command line"].startswith(f"{FRAMEWORK} 0.2")


def test_what_synth_wrote_can_be_deployed_with_terraform_alone(tmp_path: Path) -> None:
    project = CdktfProject(tmp_path / "a project").write(PROGRAM).synth()
    stack = project.stack("support")

    stack.run("init", "-input=false")
    planned = stack.plan().actions
    stack.apply_plan()

    assert planned == {"openai_thread.thread": "create"}
    assert stack.plan().actions == {}
    assert stack.outputs()["id"].startswith("conv_")
