"""One SQLite file, shared by any number of processes.

Each process has one connection and uses it right on its event loop: a write takes some 0.1 ms,
less than handing it to a thread would. What may take long is waiting for another process, so that
is done without blocking: SQLite is told never to wait, and the loop sleeps and asks again.
"""

import asyncio
import os
import random
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from provider_shim.local.errors import DatabaseError, busy, database_gone
from provider_shim.local.migrations import MIGRATIONS, is_foreign, migrate, version_of

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

OPENING_SECONDS: Final = 15.0
"""How long opening waits for another process that migrates or recovers the same file."""

WAITING_SECONDS: Final = 30.0
"""How long a call waits for another process's transaction. One takes about 0.1 ms."""

_LOCKED: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PRIMARY_CODE: Final = 0xFF


class Store:
    """The database and the folder of uploaded files that belongs to it."""

    def __init__(self, database: str | os.PathLike[str]) -> None:
        """Open or create the database; raises `DatabaseError` where that is impossible."""
        self.path = Path(os.path.abspath(database))  # noqa: PTH100 - resolve() follows links
        self.files = self.path.with_name(f"{self.path.name}.files")
        self._lock = threading.Lock()
        self.is_new = not self.path.exists()
        """Whether opening it has made the file."""
        self._db = _open(self.path)
        self._opened = _identity(self.path)

    def close(self) -> None:
        """Write the log back into the database file and let go of it."""
        self._db.close()

    async def read(self, work: Work[T]) -> T:
        """Run `work`, which only reads, on one consistent snapshot."""
        return await self._run(work, "BEGIN")

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction that outlives this process once this returns.

        Nothing is kept if `work` raises. `work` may run again if another process is in the way.
        """
        return await self._run(work, "BEGIN IMMEDIATE")

    async def _run(self, work: Work[T], begin: str) -> T:
        deadline = 0.0
        pause = 0.000_5
        while True:
            try:
                return self._attempt(work, begin)
            except sqlite3.OperationalError as error:
                if not _is_locked(error):
                    raise
            now = time.monotonic()
            deadline = deadline or now + WAITING_SECONDS
            if now > deadline:
                raise busy()
            # Jitter, so that two processes that met do not meet again and again.
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            pause = min(pause * 1.5, 0.02)

    def _attempt(self, work: Work[T], begin: str) -> T:
        with self._lock:
            # Unlinked, the file would go on to be read and written, and nobody would ever see it again.
            if _identity(self.path) != self._opened:
                raise database_gone(str(self.path))
            self._db.execute(begin)
            try:
                result = work(self._db)
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            return result


def counted(db: sqlite3.Connection) -> dict[str, int]:
    """Count what a person would ask for."""
    kinds = {
        "conversation": "conversations",
        "thread": "threads",
        "response": "responses",
        "vector store": "vector_stores",
        "file": "files",
    }
    return {
        kind: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - constants
        for kind, table in kinds.items()
    }


def new_id(prefix: str) -> str:
    """An id that nobody can guess, as OpenAI's are."""
    return prefix + secrets.token_hex(16)


def now() -> int:
    """Unix time in seconds, as every ``created_at``."""
    return int(time.time())


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - each call is measured
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_locked(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in _LOCKED


def _open(path: Path) -> sqlite3.Connection:
    if path.is_dir():
        raise DatabaseError(str(path), "it is a folder", "Name a file.")
    if path.exists() and not path.is_file():
        raise DatabaseError(str(path), "it is no regular file", "Name a file.")
    if not path.parent.is_dir():
        raise DatabaseError(
            str(path),
            f"the folder {path.parent} does not exist",
            "Create the folder or correct the path.",
        )
    try:
        return _prepared(path)
    except sqlite3.DatabaseError as error:
        raise _problem(path, error) from error
    except OSError as error:
        raise DatabaseError(
            str(path),
            f"it can't be opened ({error.strerror})",
            "Give yourself write permission on the file and its folder, or name another file.",
        ) from error


def _prepared(path: Path) -> sqlite3.Connection:
    # Readable by its owner alone, as the folder of files; SQLite gives its log the same permissions.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    # check_same_thread: the lock of the store keeps threads apart.
    db = sqlite3.connect(path, timeout=OPENING_SECONDS, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    try:
        _refuse_foreign(db, path)
        _enter_wal(db, path)
        # NORMAL: what was acknowledged outlives the process, whatever ends it. A power cut may cost
        # the last seconds and never the file. FULL, an fsync each write, is four times slower where
        # others use the machine as well, and nothing here is the only copy of anything.
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        if version_of(db) != len(MIGRATIONS):
            db.execute("BEGIN IMMEDIATE")
            _bring_up_to_date(db, path)
            db.execute("COMMIT")
        db.execute("PRAGMA busy_timeout = 0")
    except BaseException:
        db.close()
        raise
    return db


def _refuse_foreign(db: sqlite3.Connection, path: Path) -> None:
    if is_foreign(db):
        raise DatabaseError(
            str(path),
            "it is a SQLite database of another program",
            "Name a file that does not exist yet.",
        )


def _bring_up_to_date(db: sqlite3.Connection, path: Path) -> None:
    present = version_of(db)
    if present > len(MIGRATIONS):
        raise DatabaseError(
            str(path),
            f"it has schema version {present}, this release knows versions up to {len(MIGRATIONS)}",
            "Upgrade cdktf-openai-thread, or name another file.",
        )
    migrate(db)


def _enter_wal(db: sqlite3.Connection, path: Path) -> None:
    """Switch to write-ahead logging; SQLite does not wait for others in this one case."""
    deadline = time.monotonic() + OPENING_SECONDS
    while True:
        try:
            (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if not _is_locked(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            break
    if mode != "wal":
        raise DatabaseError(
            str(path),
            "its file system does not allow write-ahead logging",
            "Name a file on a local disk.",
        )


def _problem(path: Path, error: sqlite3.DatabaseError) -> DatabaseError:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    if code == sqlite3.SQLITE_NOTADB:
        return DatabaseError(str(path), "it is not a SQLite database", "Name a file that does not exist yet.")
    if code == sqlite3.SQLITE_CORRUPT:
        return DatabaseError(str(path), f"it is damaged ({error})", "Restore a copy, or name another file.")
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return DatabaseError(
            str(path),
            f"it can't be written ({error})",
            "Give yourself write permission on the file and its folder, or name another file.",
        )
    if code == sqlite3.SQLITE_FULL:
        return DatabaseError(str(path), "the disk is full", "Free some space.")
    if code in _LOCKED:
        return DatabaseError(
            str(path),
            f"another process has kept it locked for {OPENING_SECONDS:.0f} s",
            "Close the program that has it open, then try again.",
        )
    return DatabaseError(str(path), str(error), "Check the file, or name another one.")
