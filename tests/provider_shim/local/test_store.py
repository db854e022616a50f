"""The database: what it refuses, what it survives, who shares it."""

import asyncio
import http.client
import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import httpx2
import pytest

from provider_shim.local.app import create_app
from provider_shim.local.errors import DatabaseError
from provider_shim.local.migrations import MIGRATIONS
from provider_shim.local.store import Store
from tests.support.embedded_server import started, stopped

PROCESSES = 4
WRITES = 100
KILLS = 3
CLIENTS = 10

WRITER = """
import asyncio, sys
from provider_shim.local.store import Store

async def main():
    store = Store(sys.argv[1])
    for number in range(int(sys.argv[3])):
        row = (f"{sys.argv[2]}-{number}",)
        statement = "INSERT INTO conversations (id, created_at, metadata) VALUES (?, 0, '{}')"
        await store.write(lambda db: db.execute(statement, row))
    store.close()

asyncio.run(main())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "threads.db"


def test_a_new_database_has_been_through_every_migration(path: Path) -> None:
    Store(path).close()

    with sqlite3.connect(path) as db:
        versions = [row[0] for row in db.execute("SELECT version FROM schema_version ORDER BY version")]
    db.close()
    assert versions == list(range(1, len(MIGRATIONS) + 1))


def test_a_database_writes_ahead(path: Path) -> None:
    store = Store(path)
    (mode,) = store._db.execute("PRAGMA journal_mode").fetchone()
    store.close()

    assert mode == "wal"


def test_an_older_database_is_brought_up_to_date_and_keeps_its_rows(path: Path) -> None:
    with sqlite3.connect(path) as db:
        for statement in MIGRATIONS[0]:
            db.execute(statement)
        db.execute("PRAGMA application_id = 0x6F746C64")
        db.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, migrated_at INTEGER NOT NULL)")
        db.execute("INSERT INTO schema_version VALUES (1, 0)")
        db.execute("INSERT INTO conversations (id, created_at, metadata) VALUES ('conv_1', 0, '{}')")
    db.close()

    store = Store(path)

    rows = asyncio.run(store.read(lambda db: db.execute("SELECT id FROM conversations").fetchall()))
    assert [row["id"] for row in rows] == ["conv_1"]
    asyncio.run(store.read(lambda db: db.execute("SELECT * FROM vector_stores").fetchall()))
    store.close()


def test_a_newer_database_is_refused(path: Path) -> None:
    Store(path).close()
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO schema_version VALUES (99, 0)")
    db.close()

    with pytest.raises(DatabaseError, match=r"schema version 99.*Upgrade cdktf-openai-thread"):
        Store(path)


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE notes (text)")
    db.close()
    before = path.read_bytes()

    with pytest.raises(DatabaseError, match="another program"):
        Store(path)
    assert path.read_bytes() == before


def test_what_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_text("api_key = something" * 100)

    with pytest.raises(DatabaseError, match="not a SQLite database"):
        create_app(path)
    assert path.read_text() == "api_key = something" * 100


def test_a_folder_and_a_missing_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"it is a folder\. Name a file"):
        Store(tmp_path)
    with pytest.raises(DatabaseError, match=r"it is no regular file\. Name a file"):
        Store(Path(os.devnull))
    with pytest.raises(DatabaseError, match=r"missing does not exist\. Create the folder") as refused:
        Store(tmp_path / "missing" / "threads.db")
    assert refused.value.path == str(tmp_path / "missing" / "threads.db")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_database_without_write_permission_is_refused(path: Path) -> None:
    Store(path).close()
    path.chmod(stat.S_IRUSR)

    with pytest.raises(DatabaseError, match="can't be written"):
        Store(path)


def test_nothing_is_kept_of_a_write_that_raises(path: Path) -> None:
    store = Store(path)

    def work(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO conversations (id, created_at, metadata) VALUES ('conv_1', 0, '{}')")
        raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(store.write(work))
    rows = asyncio.run(store.read(lambda db: db.execute("SELECT * FROM conversations").fetchall()))
    store.close()
    assert rows == []


def test_a_write_waits_for_another_process_without_stopping_the_loop(path: Path) -> None:
    store = Store(path)
    other = sqlite3.connect(path, isolation_level=None)
    order: list[str] = []

    async def run() -> None:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(
            store.write(lambda db: db.execute("INSERT INTO threads VALUES (1, 't', 0, '{}', '{}', NULL)"))
        )
        await asyncio.sleep(0.05)
        order.append("loop runs")
        assert not waiting.done()
        other.execute("COMMIT")
        await waiting
        order.append("written")

    asyncio.run(run())
    other.close()
    store.close()
    assert order == ["loop runs", "written"]


def test_several_processes_and_two_servers_make_and_fill_one_database_together(path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(number), str(WRITES)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    servers = [started(path) for _ in range(2)]
    with httpx2.Client() as client:
        answers = [client.post(f"{url}/conversations", json={}) for _ in range(WRITES) for _, url in servers]
    errors = [writer.communicate(timeout=120)[1] for writer in writers]
    for process, _ in servers:
        stopped(process)

    store = Store(path)
    (count,) = asyncio.run(store.read(lambda db: db.execute("SELECT count(*) FROM conversations").fetchone()))
    store.close()
    assert errors == [""] * PROCESSES
    assert {each.status_code for each in answers} == {200}
    assert count == (PROCESSES + len(servers)) * WRITES


def test_what_was_acknowledged_outlives_kill_9(path: Path) -> None:
    acknowledged: set[str] = set()
    refused: list[str] = []

    for _ in range(KILLS):
        process, url = started(path)
        port = int(url.rpartition(":")[2].removesuffix("/v1"))
        enough = threading.Event()
        clients = [
            threading.Thread(target=_create, args=(port, acknowledged, refused, enough))
            for _ in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        enough.wait(30)
        process.kill()
        process.communicate(timeout=20)
        for client in clients:
            client.join()

    store = Store(path)
    check, kept = asyncio.run(store.read(_integrity))
    store.close()
    assert check == "ok"
    assert len(acknowledged) > KILLS * 50
    assert acknowledged - kept == set()
    assert refused == []


def _integrity(db: sqlite3.Connection) -> tuple[str, set[str]]:
    (check,) = db.execute("PRAGMA integrity_check").fetchone()
    return check, {row["id"] for row in db.execute("SELECT id FROM conversations")}


def _create(port: int, acknowledged: set[str], refused: list[str], enough: threading.Event) -> None:
    """Create conversations until the server is gone; say when there are some 50 more."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    start = len(acknowledged)
    try:
        while True:
            connection.request("POST", "/v1/conversations", body=b"{}")
            answer = connection.getresponse()
            body = answer.read()
            if answer.status == 200:
                acknowledged.add(json.loads(body)["id"])
            else:
                refused.append(body.decode())
            if len(acknowledged) > start + 60:
                enough.set()
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()


def test_what_a_dead_process_left_to_index_is_indexed_by_the_next(path: Path) -> None:
    folder = path.with_name("threads.db.files")
    store = Store(path)
    folder.mkdir()
    (folder / "file-1").write_text("left behind")
    rows = """
        INSERT INTO files (id, created_at, filename, purpose, bytes)
        VALUES ('file-1', 0, 'a.txt', 'vision', 11);
        INSERT INTO vector_stores (seq, id, created_at, metadata, last_active_at)
        VALUES (1, 'vs_1', 0, '{}', 0);
        INSERT INTO vector_store_files
        (vector_store, file_id, created_at, status, chunk_tokens, overlap_tokens, attributes)
        VALUES (1, 'file-1', 0, 'in_progress', 800, 400, '{}');
    """
    asyncio.run(store.write(lambda db: [db.execute(row) for row in rows.split(";")]))
    store.close()

    process, url = started(path)
    port = int(url.rpartition(":")[2].removesuffix("/v1"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    found = []
    for _ in range(200):
        connection.request("POST", "/v1/vector_stores/vs_1/search", body=b'{"query": "behind"}')
        found = json.loads(connection.getresponse().read())["data"]
        if found:
            break
    connection.close()
    stopped(process)

    assert [one["file_id"] for one in found] == ["file-1"]
