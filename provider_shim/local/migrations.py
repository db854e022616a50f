"""The tables, in the order in which they came to be.

A migration that has been released is never edited: a change is a new entry at the end. The version
of a database is the number of entries that it has been through.
"""

import sqlite3
import time

APPLICATION_ID = 0x6F746C64
"""Marks the file as ours (``otld``), so that someone else's database is never written to."""

_CONVERSATIONS = (
    """CREATE TABLE conversations (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        metadata TEXT NOT NULL,
        origin TEXT
    )""",
    """CREATE TABLE items (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        conversation INTEGER NOT NULL REFERENCES conversations (seq) ON DELETE CASCADE,
        created_at INTEGER NOT NULL,
        body TEXT NOT NULL,
        origin TEXT
    )""",
    "CREATE INDEX items_of_conversation ON items (conversation, seq)",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_CONVERSATIONS,)


def version_of(db: sqlite3.Connection) -> int:
    """How many migrations the database has been through; 0 for an empty one."""
    known = db.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
    ).fetchone()
    if known is None:
        return 0
    row = db.execute("SELECT max(version) FROM schema_version").fetchone()
    return int(row[0] or 0)


def is_foreign(db: sqlite3.Connection) -> bool:
    """Whether the database holds tables that somebody else made."""
    (mark,) = db.execute("PRAGMA application_id").fetchone()
    if mark == APPLICATION_ID:
        return False
    return db.execute("SELECT 1 FROM sqlite_master").fetchone() is not None


def migrate(db: sqlite3.Connection) -> None:
    """Bring the database up to date, inside the caller's transaction."""
    present = version_of(db)
    if present == 0:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, migrated_at INTEGER NOT NULL)")
    for version, statements in enumerate(MIGRATIONS[present:], start=present + 1):
        for statement in statements:
            db.execute(statement)
        db.execute("INSERT INTO schema_version VALUES (?, ?)", (version, int(time.time())))
