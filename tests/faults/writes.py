"""kill -9 of a server of the embedded API while ten clients write, and another server beside it does too."""

import http.client
import json
import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.faults.ground import report
from tests.support.embedded_server import started, stopped

CLIENTS = 10
"""Half of them on the server that dies, half on the other one."""
ENOUGH = 20
"""Writes that are acknowledged before a server dies."""


@dataclass
class Written:
    """What the servers have acknowledged, and what they have refused."""

    conversations: set[str] = field(default_factory=set)
    items: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    ended: bool = False


def write(url: str, written: Written, enough: threading.Event, *, dies: bool) -> None:
    """Make conversations with two messages each until the server has gone, or all is over."""
    port = int(url.rpartition(":")[2].removesuffix("/v1"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
    done = 0
    try:
        while not written.ended:
            made = _post(connection, "/v1/conversations", {}, written)
            if made is not None:
                written.conversations.add(made["id"])
                items = [{"type": "message", "role": "user", "content": text} for text in ("one", "two")]
                added = _post(connection, f"/v1/conversations/{made['id']}/items", {"items": items}, written)
                written.items.update(each["id"] for each in (added or {}).get("data", ()))
            done += 1
            if done == ENOUGH * 2 // CLIENTS:
                enough.set()
    except (OSError, http.client.HTTPException) as gone:
        if not dies:
            written.refused.append(f"{type(gone).__name__}: {gone}")
    finally:
        connection.close()


def _post(
    connection: http.client.HTTPConnection, path: str, body: dict[str, object], written: Written
) -> dict[str, Any] | None:
    connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != http.client.OK:
        written.refused.append(text.decode())
        return None
    return dict(json.loads(text))


def killed(database: Path, kills: int) -> dict[str, object]:
    """Kill a server as often as this; give what was acknowledged, what is there, and what is not."""
    written, steady = Written(), threading.Event()
    other, other_url = started(database)
    clients = [
        threading.Thread(target=write, args=(other_url, written, steady), kwargs={"dies": False})
        for _ in range(CLIENTS // 2)
    ]
    for client in clients:
        client.start()
    checks = []
    for _ in range(kills):
        process, url = started(database)
        enough = threading.Event()
        dying = [
            threading.Thread(target=write, args=(url, written, enough), kwargs={"dies": True})
            for _ in range(CLIENTS // 2)
        ]
        for client in dying:
            client.start()
        enough.wait(30)
        process.kill()
        process.communicate(timeout=20)
        for client in dying:
            client.join()
        checks.append(_rows(database, "PRAGMA quick_check"))
    written.ended = True
    for client in clients:
        client.join()
    stopped(other)
    return {
        "kills": kills,
        "acknowledged": len(written.conversations) + len(written.items),
        "lost": len(written.conversations - _rows(database, "SELECT id FROM conversations"))
        + len(written.items - _rows(database, "SELECT id FROM items")),
        "refused": written.refused[:3],
        "integrity": sorted(set().union(*checks, _rows(database, "PRAGMA integrity_check"))),
    }


def _rows(database: Path, query: str) -> set[str]:
    with closing(sqlite3.connect(database, timeout=30)) as db:
        return {row[0] for row in db.execute(query)}


def main(kills: int = 100) -> None:
    """Kill a server 100 times."""
    with TemporaryDirectory(prefix="faults-") as folder:
        report("kill -9 while ten clients write", **killed(Path(folder) / "threads.db", kills))


if __name__ == "__main__":
    main()
