"""Files of vector stores become searchable, beside the requests.

What is to be done stands in the database (status ``in_progress``), not in memory: a process that
dies leaves its work to the next one that opens the file. Two processes may index the same file at
the same time; the second finds it done and throws its own work away.
"""

import asyncio
import logging
import sqlite3
from dataclasses import dataclass
from functools import partial
from typing import Final

from provider_shim.local.answers import dump
from provider_shim.local.chunking import chunks
from provider_shim.local.errors import ApiError
from provider_shim.local.store import Store
from provider_shim.local.text import UnreadableError, extract

_NEXT: Final = (
    "SELECT v.seq, v.file_id, v.chunk_tokens, v.overlap_tokens, f.filename"
    " FROM vector_store_files v JOIN files f ON f.id = v.file_id"
    " WHERE v.status = 'in_progress' AND v.seq > ? ORDER BY v.seq LIMIT 1"
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Outcome:
    status: str
    pieces: list[str]
    error: dict[str, str] | None = None


class Indexer:
    """At most one task in a process, which ends when there is nothing left to index."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._task: asyncio.Task[None] | None = None

    def kick(self) -> None:
        """See that someone is at work. Cheap; to be called whenever something is ``in_progress``."""
        loop = asyncio.get_running_loop()
        # A task of a loop that was closed in between will never go on.
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._task = loop.create_task(self._work())

    async def stop(self) -> None:
        """Leave what is not done to the next process."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        done = 0
        try:
            while row := await self._store.read(partial(_next, after=done)):
                done = row["seq"]
                outcome = await asyncio.to_thread(self._outcome, row)
                await self._store.write(partial(_keep, seq=done, outcome=outcome))
        except (ApiError, sqlite3.Error):
            # What is left stays in progress; the next kick comes back to it.
            _log.exception("Indexing stopped after file %s of the database", done)

    def _outcome(self, row: sqlite3.Row) -> _Outcome:
        try:
            text = extract(self._store.files / row["file_id"], row["filename"])
            pieces = list(chunks(text, row["chunk_tokens"], row["overlap_tokens"]))
        except UnreadableError as error:
            return _Outcome("failed", [], {"code": error.code, "message": str(error)})
        except OSError as error:
            message = f"The file's content can't be read beside the database: {error.strerror}."
            return _Outcome("failed", [], {"code": "server_error", "message": message})
        # Whatever a parser does to hostile content, this file fails alone.
        except Exception as error:  # noqa: BLE001 - whatever it is, it becomes the file's last_error
            _log.exception("Reading file %s failed", row["file_id"])
            message = f"The file's text can't be extracted ({type(error).__name__})."
            return _Outcome("failed", [], {"code": "server_error", "message": message})
        return _Outcome("completed", pieces)


def _next(db: sqlite3.Connection, after: int) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(_NEXT, (after,)).fetchone()
    return row


def _keep(db: sqlite3.Connection, seq: int, outcome: _Outcome) -> None:
    # Deleted, cancelled or indexed by another process in the meantime: then nothing is kept.
    changed = db.execute(
        "UPDATE vector_store_files SET status = ?, last_error = ?, usage_bytes = ?"
        " WHERE seq = ? AND status = 'in_progress'",
        (
            outcome.status,
            dump(outcome.error) if outcome.error else None,
            sum(len(piece.encode()) for piece in outcome.pieces),
            seq,
        ),
    ).rowcount
    if changed:
        db.execute("DELETE FROM chunks WHERE vector_store_file = ?", (seq,))
        db.executemany(
            "INSERT INTO chunks (vector_store_file, text) VALUES (?, ?)",
            ((seq, piece) for piece in outcome.pieces),
        )
