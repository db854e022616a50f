"""Responses in the database: what was asked and answered, and the chain that each one continues."""

import json
import sqlite3
from typing import Any, Final

from provider_shim.local.answers import dump
from provider_shim.local.conversations import insert_items
from provider_shim.local.errors import invalid, not_found

Items = list[dict[str, Any]]

_CHAIN: Final = """
    WITH RECURSIVE chain (seq, previous, depth) AS (
        SELECT seq, previous, 0 FROM responses WHERE id = ?
        UNION ALL
        SELECT r.seq, r.previous, depth + 1 FROM chain JOIN responses r ON r.id = chain.previous
    )
"""


_LENGTH: Final = f"{_CHAIN} SELECT count(*) FROM chain"  # noqa: S608 - a constant


def found_response(db: sqlite3.Connection, wanted: str) -> sqlite3.Row:
    """Return the row of the response that a path names."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM responses WHERE id = ?", (wanted,)).fetchone()
    if row is None:
        raise not_found(f"Response with id '{wanted}' not found.")
    return row


def previous(db: sqlite3.Connection, wanted: str) -> None:
    """Refuse a ``previous_response_id`` that names nothing."""
    if db.execute("SELECT 1 FROM responses WHERE id = ?", (wanted,)).fetchone() is None:
        raise invalid(
            f"Previous response with id '{wanted}' not found.",
            "previous_response_id",
            "previous_response_not_found",
        )


def chain(db: sqlite3.Connection, last: str) -> Items:
    """Return what was said up to a response, oldest first."""
    rows = db.execute(
        f"{_CHAIN} SELECT i.body FROM chain JOIN response_items i ON i.response = chain.seq"  # noqa: S608 - a constant
        " ORDER BY chain.depth DESC, i.seq",
        (last,),
    )
    return [json.loads(row["body"]) for row in rows]


def length(db: sqlite3.Connection, last: str) -> int:
    """Count the responses up to one, itself included."""
    (count,) = db.execute(_LENGTH, (last,)).fetchone()
    return int(count)


def whole(db: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    """Return the response object with all that was answered."""
    response: dict[str, Any] = json.loads(row["body"])
    rows = db.execute(
        "SELECT body FROM response_items WHERE response = ? AND side = 'output' ORDER BY seq", (row["seq"],)
    )
    return {**response, "output": [json.loads(one["body"]) for one in rows]}


def keep(
    db: sqlite3.Connection,
    response: dict[str, Any],
    given: Items,
    conversation: int | None,
    made_by: str | None,
) -> None:
    """Keep a response that has ended, and add what was said to its conversation."""
    add(db, response, given, conversation, made_by)
    if response["store"]:
        seq = _insert(db, response, given, dump({**response, "output": []}))
        _insert_items(db, seq, "output", response["output"])


def finish(db: sqlite3.Connection, response: dict[str, Any]) -> bool:
    """Keep the outcome of a response that was announced; False where it was cancelled or deleted."""
    row = db.execute("SELECT seq, body FROM responses WHERE id = ?", (response["id"],)).fetchone()
    if row is None or json.loads(row["body"])["status"] == "cancelled":
        return False
    db.execute("UPDATE responses SET body = ? WHERE seq = ?", (dump({**response, "output": []}), row["seq"]))
    _insert_items(db, row["seq"], "output", response["output"])
    return True


def add(
    db: sqlite3.Connection,
    response: dict[str, Any],
    given: Items,
    conversation: int | None,
    made_by: str | None,
) -> None:
    """Add what was said to the conversation."""
    if conversation is not None:
        insert_items(db, conversation, [*given, *response["output"]], made_by)


def announce(db: sqlite3.Connection, response: dict[str, Any], given: Items) -> None:
    """Keep a response that is being worked on."""
    _insert(db, response, given, dump({**response, "output": []}))


def keep_failed(db: sqlite3.Connection, response: dict[str, Any]) -> None:
    """Keep a response that has failed, whether it was announced or not. No conversation has it."""
    known = db.execute("SELECT 1 FROM responses WHERE id = ?", (response["id"],)).fetchone()
    if known is not None:
        finish(db, response)
    elif not response["background"]:
        keep(db, response, [], None, None)


def change(db: sqlite3.Connection, row: sqlite3.Row, **changed: object) -> None:
    """Change members of a response that is kept."""
    body = {**json.loads(row["body"]), **changed}
    db.execute("UPDATE responses SET body = ? WHERE seq = ?", (dump(body), row["seq"]))


def _insert(db: sqlite3.Connection, response: dict[str, Any], given: Items, body: str) -> int:
    row = db.execute(
        "INSERT INTO responses (id, created_at, previous, body) VALUES (?, ?, ?, ?)",
        (response["id"], response["created_at"], response["previous_response_id"], body),
    )
    seq = row.lastrowid or 0
    _insert_items(db, seq, "input", given)
    return seq


def _insert_items(db: sqlite3.Connection, response: int, side: str, items: Items) -> None:
    db.executemany(
        "INSERT INTO response_items (id, response, side, body) VALUES (?, ?, ?, ?)",
        ((item["id"], response, side, dump(item)) for item in items),
    )


def item(row: sqlite3.Row) -> dict[str, Any]:
    """Return an item of a response."""
    kept: dict[str, Any] = json.loads(row["body"])
    return kept


def metadata(row: sqlite3.Row) -> dict[str, str]:
    """Return the metadata of a conversation."""
    kept: dict[str, str] = json.loads(row["metadata"])
    return kept
