"""Projects in folders of their own, with the real tools."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.cdktf_project import CdktfProject
from tests.e2e.database import Database
from tests.e2e.served import ServedApi, served
from tests.e2e.terraform import TerraformProject


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which `terraform init` has run."""
    return TerraformProject(tmp_path_factory.mktemp("initialised")).write({}).init().folder


@pytest.fixture
def terraform(tmp_path: Path, initialised: Path) -> TerraformProject:
    """Return an initialised folder without a configuration."""
    return TerraformProject(tmp_path / "terraform", initialised=initialised).init()


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Return an embedded API on a file of this test's own, which does not exist yet."""
    return Database(tmp_path / "threads.db")


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
