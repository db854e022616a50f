"""What is wrong with the machine is said as that, and not as a bug: a full disk, a file that is gone."""

import asyncio
import errno
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from provider_shim.local.app import create_app
from provider_shim.local.errors import machine_fault
from tests.support.embedded_server import started, stopped

MESSAGE = {"type": "message", "role": "user", "content": "x" * 200_000}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "threads.db"


@pytest.fixture
def url(database: Path) -> Iterator[str]:
    process, url = started(database)
    yield url
    stopped(process)


def test_a_full_disk_is_said_and_what_was_there_stays(database: Path) -> None:
    async def fill() -> tuple[httpx2.Response, httpx2.Response]:
        app = create_app(database)
        store = app.state.store
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://embedded/v1") as api:
            made = (await api.post("/conversations", json={})).json()["id"]
            (pages,) = store._db.execute("PRAGMA page_count").fetchone()
            # The database may not grow, which SQLite answers as it does a disk without space.
            store._db.execute(f"PRAGMA max_page_count = {pages}")
            refused = await api.post(f"/conversations/{made}/items", json={"items": [MESSAGE]})
            asked = {"input": MESSAGE["content"], "conversation": made, "stream": True}
            stream = await api.post("/responses", json=asked)
            assert '"message":"The disk of the database is full.' in stream.text
            found = await api.get(f"/conversations/{made}")
        store.close()
        return refused, found

    refused, found = asyncio.run(fill())

    assert (refused.status_code, refused.json()["error"]["code"]) == (507, "disk_full")
    assert refused.headers["x-should-retry"] == "false"
    assert "bug" not in refused.text
    assert found.status_code == 200


@pytest.mark.parametrize("put_another_there", [False, True], ids=["removed", "replaced"])
def test_a_database_that_is_gone_answers_nothing(url: str, database: Path, put_another_there: bool) -> None:
    made = httpx2.post(f"{url}/conversations", json={}).json()["id"]
    database.rename(database.with_name("elsewhere.db"))
    if put_another_there:
        database.write_bytes(b"")

    answers = [
        httpx2.get(f"{url}/conversations/{made}"),
        httpx2.post(f"{url}/conversations", json={}),
        httpx2.post(f"{url}/responses", json={"input": "Hi"}),
    ]

    assert {(each.status_code, each.json()["error"]["code"]) for each in answers} == {(500, "database_gone")}
    assert str(database) in answers[0].json()["error"]["message"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 507, "disk_full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), 507, "disk_full"),
        (PermissionError(errno.EACCES, "Permission denied"), 500, "files_unusable"),
    ],
)
def test_a_folder_that_can_not_be_written_is_no_bug(error: OSError, status: int, code: str) -> None:
    fault = machine_fault(error)

    assert fault is not None
    assert (fault.status, fault.code) == (status, code)


def test_what_is_no_fault_of_the_machine_is_not_called_one() -> None:
    assert machine_fault(ValueError("x")) is None
    assert machine_fault(sqlite3.ProgrammingError("x")) is None


def test_only_the_owner_can_read_the_database_and_its_files(url: str, database: Path) -> None:
    file: Any = {"file": ("a.txt", b"a")}
    httpx2.post(f"{url}/files", files=file, data={"purpose": "assistants"})

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in database.parent.iterdir()}

    assert modes == {
        "threads.db": 0o600,
        "threads.db-wal": 0o600,
        "threads.db-shm": 0o600,
        "threads.db.files": 0o700,
    }
