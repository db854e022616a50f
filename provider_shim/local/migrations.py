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

_THREADS = (
    """CREATE TABLE threads (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        metadata TEXT NOT NULL,
        tool_resources TEXT NOT NULL,
        origin TEXT
    )""",
    """CREATE TABLE messages (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        thread INTEGER NOT NULL REFERENCES threads (seq) ON DELETE CASCADE,
        created_at INTEGER NOT NULL,
        body TEXT NOT NULL,
        metadata TEXT NOT NULL,
        origin TEXT
    )""",
    "CREATE INDEX messages_of_thread ON messages (thread, seq)",
)

_FILES = (
    """CREATE TABLE files (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        filename TEXT NOT NULL,
        purpose TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        expires_at INTEGER,
        origin TEXT
    )""",
    "CREATE INDEX files_by_expiry ON files (expires_at) WHERE expires_at IS NOT NULL",
)

_VECTOR_STORES = (
    """CREATE TABLE vector_stores (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        name TEXT,
        description TEXT,
        metadata TEXT NOT NULL,
        expires_after_days INTEGER,
        last_active_at INTEGER NOT NULL,
        origin TEXT
    )""",
    """CREATE TABLE file_batches (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        vector_store INTEGER NOT NULL REFERENCES vector_stores (seq) ON DELETE CASCADE,
        created_at INTEGER NOT NULL,
        cancelled INTEGER NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE vector_store_files (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        vector_store INTEGER NOT NULL REFERENCES vector_stores (seq) ON DELETE CASCADE,
        file_id TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
        batch INTEGER REFERENCES file_batches (seq) ON DELETE SET NULL,
        created_at INTEGER NOT NULL,
        status TEXT NOT NULL,
        last_error TEXT,
        usage_bytes INTEGER NOT NULL DEFAULT 0,
        chunk_tokens INTEGER NOT NULL,
        overlap_tokens INTEGER NOT NULL,
        attributes TEXT NOT NULL,
        origin TEXT,
        UNIQUE (vector_store, file_id)
    )""",
    "CREATE INDEX vector_store_files_of_file ON vector_store_files (file_id)",
    "CREATE INDEX vector_store_files_of_batch ON vector_store_files (batch)",
    """CREATE INDEX vector_store_files_to_index ON vector_store_files (seq)
        WHERE status = 'in_progress'""",
    """CREATE TABLE chunks (
        seq INTEGER PRIMARY KEY,
        vector_store_file INTEGER NOT NULL REFERENCES vector_store_files (seq) ON DELETE CASCADE,
        text TEXT NOT NULL
    )""",
    "CREATE INDEX chunks_of_file ON chunks (vector_store_file, seq)",
    # The text lies in chunks alone; the index follows it by trigger, cascaded deletes included.
    """CREATE VIRTUAL TABLE chunk_words USING fts5 (
        text, content = 'chunks', content_rowid = 'seq',
        tokenize = 'porter unicode61 remove_diacritics 2'
    )""",
    """CREATE TRIGGER chunk_added AFTER INSERT ON chunks BEGIN
        INSERT INTO chunk_words (rowid, text) VALUES (new.seq, new.text);
    END""",
    """CREATE TRIGGER chunk_removed AFTER DELETE ON chunks BEGIN
        INSERT INTO chunk_words (chunk_words, rowid, text) VALUES ('delete', old.seq, old.text);
    END""",
)

_RESPONSES = (
    """CREATE TABLE responses (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        previous TEXT,
        body TEXT NOT NULL
    )""",
    # What a conversation keeps may be deleted from it; a response keeps its own.
    """CREATE TABLE response_items (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL,
        response INTEGER NOT NULL REFERENCES responses (seq) ON DELETE CASCADE,
        side TEXT NOT NULL,
        body TEXT NOT NULL
    )""",
    "CREATE INDEX items_of_response ON response_items (response, side, seq)",
    "CREATE INDEX response_items_by_id ON response_items (id)",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_CONVERSATIONS, _THREADS, _FILES, _VECTOR_STORES, _RESPONSES)


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
