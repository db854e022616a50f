"""Projects in folders of their own, with the real tools."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.cdktf_project import CdktfProject
from tests.support.database import Database, Peer
from tests.support.one_of_each import OneOfEach
from tests.support.one_of_each import one_of_each as making_one_of_each
from tests.support.peers import PEER, smg
from tests.support.served import ServedApi, served
from tests.support.terraform import TerraformProject


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which `terraform init` has run."""
    return TerraformProject(tmp_path_factory.mktemp("initialised")).write({}).init().folder


@pytest.fixture
def terraform(tmp_path: Path, initialised: Path) -> TerraformProject:
    """Return an initialised folder without a configuration."""
    return TerraformProject(tmp_path / "terraform", initialised=initialised).init()


@pytest.fixture(scope="session")
def one_of_each(tmp_path_factory: pytest.TempPathFactory, initialised: Path) -> Iterator[OneOfEach]:
    """Return a deployment with an object of each kind, which no test changes."""
    folder = tmp_path_factory.mktemp("one of each")
    with served(Database(folder / "threads.db")) as server:
        terraform = TerraformProject(folder / "made", initialised=initialised).init()
        yield making_one_of_each(terraform, server)


@pytest.fixture
def database(tmp_path: Path, request: pytest.FixtureRequest) -> Database:
    """Return an embedded API on a file of this test's own, which does not exist yet; or the peer."""
    if os.environ.get(PEER):
        peer: Peer = request.getfixturevalue("peer")
        return peer
    return Database(tmp_path / "threads.db")


@pytest.fixture(scope="session")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Return a running third-party server."""
    with smg(tmp_path_factory.mktemp("peer")) as origin:
        yield Peer(origin)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the whole table unless it is asked for, and with a peer what that is not for."""
    if "table" not in config.getoption("markexpr"):
        items[:] = [each for each in items if each.get_closest_marker("table") is None]
    if not os.environ.get(PEER):
        return
    for item in items:
        if item.get_closest_marker("peers") is None or "threads" in item.name.partition("[")[2]:
            item.add_marker(pytest.mark.skip(reason="not for a server of the Conversations API alone"))


@pytest.fixture
def cdktf_project(tmp_path: Path) -> Callable[..., CdktfProject]:
    """Return a maker of cdktf projects: main.py's text, and variables for the environment."""

    def make(program: str, **environment: str) -> CdktfProject:
        return CdktfProject(tmp_path / "a project", environment=environment).write(program)

    return make


@pytest.fixture
def api(database: Database) -> Iterator[ServedApi]:
    """Return the database of this test behind a loopback port; requests are checked at the end."""
    with served(database) as server:
        yield server
