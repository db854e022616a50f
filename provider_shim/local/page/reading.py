"""The page's own way to the database: read-only, in a thread, for a bounded time.

The API works right on the event loop because its statements are short. A search through all texts
is not, so the page neither shares the API's connection nor its thread.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

SECONDS: Final = 5.0
"""How long one page may read."""

_STEPS: Final = 500
"""SQLite looks at the clock after so many of its instructions."""


class MissingError(Exception):
    """What the address names is not in the database; the text says what that is."""


class Reader:
    """Reads one database; each call has a connection and a snapshot of its own."""

    def __init__(self, database: Path) -> None:
        """Take the database's path; the API has opened and migrated it."""
        self.database = database
        self._uri = f"{database.as_uri()}?mode=ro"

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in a thread; raises sqlite3.OperationalError where it takes too long."""
        return await asyncio.to_thread(self._read, work)

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with closing(sqlite3.connect(self._uri, uri=True, isolation_level=None)) as db:
            db.row_factory = sqlite3.Row
            limit(db, SECONDS)
            db.execute("BEGIN")
            return work(db)


def limit(db: sqlite3.Connection, seconds: float) -> None:
    """Let statements run for so long from now; what runs on ends with an sqlite3.OperationalError."""
    deadline = time.monotonic() + seconds
    db.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)


def took_too_long(error: sqlite3.Error) -> bool:
    """Whether a statement was ended because time was up."""
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT
