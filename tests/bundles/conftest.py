"""A bundle, made once; `make bundles` asks for these tests."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.cdktf_project import CdktfProject
from tests.support.database import Database
from tests.support.environment import BIN, clean
from tests.support.served import ServedApi, served

PROGRAM = """
from cdktf import App, LocalBackend, TerraformOutput, TerraformStack
from cdktf_openai_thread import File, OpenaiProvider, Thread, VectorStore

app = App()
stack = TerraformStack(app, "support")
# Without a backend, cdktf writes the path of this project, which is nothing to another machine.
LocalBackend(stack, path="terraform.tfstate")
OpenaiProvider(stack, "openai", base_url="BASE_URL")
returns = File(stack, "returns", content="Within 30 days.", filename="returns.md")
store = VectorStore(stack, "knowledge", files=[returns])
thread = Thread(stack, "desk").say("user", "Hello").search(store)
TerraformOutput(stack, "id", value=thread.id)
app.synth()
"""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave these tests out unless they are asked for."""
    if "bundles" not in config.getoption("markexpr"):
        items[:] = [each for each in items if each.get_closest_marker("bundles") is None]


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a bundle for this platform, in a folder with a blank and letters."""
    folder = tmp_path_factory.mktemp("made") / "bün dles"
    command = [str(BIN / "openai-thread"), "bundle", "--to", str(folder)]
    done = subprocess.run(command, env=clean({}), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    return folder


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ServedApi]:
    """Return an API on loopback."""
    with served(Database(tmp_path / "threads.db")) as server:
        yield server


@pytest.fixture
def stack(tmp_path: Path, bundles: Path, api: ServedApi) -> Callable[..., Path]:
    """Return a maker of the folder of a stack that was synthesized with the bundle."""

    def make(**environment: str) -> Path:
        given = {"CDKTF_OPENAI_THREAD_BUNDLES": str(bundles), **environment}
        project = CdktfProject(tmp_path / "app", environment=given)
        return project.write(PROGRAM.replace("BASE_URL", api.base_url)).synth().stack("support").folder

    return make
