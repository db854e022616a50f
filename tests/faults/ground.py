"""Where the scripts run: folders in which Terraform works with an embedded API that can fail."""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from provider_shim.journal.records import Record, Records
from tests.support.database import Database
from tests.support.served import ServedApi, served
from tests.support.terraform import TerraformProject

SECONDS = 90
"""A run that takes longer hangs. A provider whose Terraform died early waits 60 s for another."""

TABLES = {
    "openai_thread": "conversations",
    "openai_message": "items",
    "openai_file": "files",
    "openai_vector_store": "vector_stores",
}


class Ground:
    """A folder with a configuration and a database of its own."""

    def __init__(self, folder: Path, initialised: Path) -> None:
        self.terraform = TerraformProject(folder / "stack", initialised=initialised).init()
        self.database = Database(folder / "threads.db")

    @property
    def journal(self) -> list[Record]:
        """What the journal holds unsettled."""
        path = self.terraform.folder / ".openai-thread-journal.jsonl"
        return list(Records(path.read_text().splitlines()).values()) if path.exists() else []

    def objects(self, type_name: str) -> set[str]:
        """Return the ids of all there are at the API."""
        with closing(sqlite3.connect(self.database.path)) as db:
            rows = db.execute(f"SELECT id FROM {TABLES[type_name]}").fetchall()  # noqa: S608 - ours
        return {row[0] for row in rows}


class Site:
    """Makes grounds: `terraform init` runs once for all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._initialised = TerraformProject(folder / "initialised").write({}).init().folder
        self._count = 0

    @contextmanager
    def ground(self) -> Iterator[tuple[Ground, ServedApi]]:
        """Give a new ground and its API on a loopback port."""
        self._count += 1
        folder = self.folder / f"{self._count}"
        folder.mkdir()
        ground = Ground(folder, self._initialised)
        with served(ground.database) as api:
            yield ground, api


@contextmanager
def site() -> Iterator[Site]:
    """Give a site in a temporary folder."""
    with TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        yield Site(Path(folder))


def configuration(api: ServedApi, type_name: str, **config: Any) -> dict[str, Any]:
    """Return a stack with one resource, "it"."""
    return {
        "provider": {"openai": {"base_url": api.base_url, "api_key": "sk-faults"}},
        "resource": {type_name: {"it": config}},
    }


def wait_until(condition: Callable[[], bool]) -> None:
    """Look again and again until it is so."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def wait_for_end(pid: int, seconds: float = SECONDS) -> None:
    """Wait until a process that is not our child has ended."""
    until = time.monotonic() + seconds
    while _lives(pid):
        if time.monotonic() > until:
            raise AssertionError(f"process {pid} did not end within {seconds:g} s")
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def ids_in(state: dict[str, dict[str, Any]], type_name: str) -> list[str]:
    """Return the ids of one type in a state."""
    return [values["id"] for address, values in state.items() if address.startswith(f"{type_name}.")]


def report(title: str, **figures: object) -> None:
    """Print a line of figures."""
    print(json.dumps({"what": title, **figures}), flush=True)  # noqa: T201 - a script's result


def load() -> float:
    """Return how busy the machine is, which decides how long things take."""
    return round(os.getloadavg()[0], 1)
