"""``/conversations`` and their items."""

import json
import sqlite3
from collections.abc import Collection
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from provider_shim.contract.limits import ITEMS_PER_CALL
from provider_shim.local.answers import answer, dump
from provider_shim.local.errors import not_found
from provider_shim.local.items import INCLUDABLE, item_of, shown_item
from provider_shim.local.paging import Listing, page, paging
from provider_shim.local.requests import json_body, origin
from provider_shim.local.shapes import array, choice, metadata, nullable, record
from provider_shim.local.store import Store, new_id, now

_items = array(lambda value, _where: value, most=ITEMS_PER_CALL)
_create = record({}, {"items": nullable(_items), "metadata": metadata})
_update = record({"metadata": metadata})
_create_items = record({"items": _items})
_includable = choice(*INCLUDABLE)


class Conversations:
    """A conversation is a list of items that is only appended to or deleted from."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(self, request: Request) -> Response:
        """``POST /conversations``, with items and metadata where they are given."""
        body = await json_body(request, _create, optional=True)
        made_by = origin(request)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            shown = {
                "id": new_id("conv_"),
                "object": "conversation",
                "created_at": now(),
                "metadata": body.get("metadata") or {},
            }
            row = db.execute(
                "INSERT INTO conversations (id, created_at, metadata, origin) VALUES (?, ?, ?, ?)",
                (shown["id"], shown["created_at"], dump(shown["metadata"]), made_by),
            )
            _append(db, row.lastrowid or 0, body.get("items") or [], made_by)
            return shown

        return answer(await self._store.write(work))

    async def list(self, request: Request) -> Response:
        """``GET /conversations``, newest first unless asked otherwise. Azure AI Foundry has it, too."""
        wanted = paging(request, before=True)
        return answer(await self._store.read(lambda db: page(db, Listing("conversations"), wanted, _shown)))

    async def get(self, request: Request) -> Response:
        """``GET /conversations/{id}``."""
        return answer(await self._store.read(lambda db: _shown(_conversation(db, request))))

    async def update(self, request: Request) -> Response:
        """``POST /conversations/{id}``: the metadata that is given replaces what was kept."""
        body = await json_body(request, _update)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = _conversation(db, request)
            kept = body["metadata"] or {}
            db.execute("UPDATE conversations SET metadata = ? WHERE seq = ?", (dump(kept), row["seq"]))
            return {**_shown(row), "metadata": kept}

        return answer(await self._store.write(work))

    async def delete(self, request: Request) -> Response:
        """``DELETE /conversations/{id}``: its items go with it, nothing could reach them any more."""

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = _conversation(db, request)
            db.execute("DELETE FROM conversations WHERE seq = ?", (row["seq"],))
            return {"id": row["id"], "object": "conversation.deleted", "deleted": True}

        return answer(await self._store.write(work))

    async def create_items(self, request: Request) -> Response:
        """``POST /conversations/{id}/items``: all of the items are added, or none."""
        include = included(request)
        body = await json_body(request, _create_items)
        made_by = origin(request)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = _conversation(db, request)
            made = _append(db, row["seq"], body["items"], made_by)
            return {
                "object": "list",
                "data": [shown_item(item, include) for item in made],
                "first_id": made[0]["id"] if made else "",
                "last_id": made[-1]["id"] if made else "",
                "has_more": False,
            }

        return answer(await self._store.write(work))

    async def list_items(self, request: Request) -> Response:
        """``GET /conversations/{id}/items``, newest first unless asked otherwise."""
        wanted = paging(request)
        include = included(request)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = _conversation(db, request)
            listing = Listing("items", "conversation = ?", (row["seq"],))
            return page(db, listing, wanted, lambda row: _item(row, include))

        return answer(await self._store.read(work))

    async def get_item(self, request: Request) -> Response:
        """``GET /conversations/{id}/items/{item}``."""
        include = included(request)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            return _item(_found_item(db, _conversation(db, request), request), include)

        return answer(await self._store.read(work))

    async def delete_item(self, request: Request) -> Response:
        """``DELETE /conversations/{id}/items/{item}``: answers with the conversation."""

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            conversation = _conversation(db, request)
            item = _found_item(db, conversation, request)
            db.execute("DELETE FROM items WHERE seq = ?", (item["seq"],))
            return _shown(conversation)

        return answer(await self._store.write(work))


def included(request: Request) -> list[str]:
    """Read what is to be answered beyond the usual, and refuse what can't be."""
    query = request.query_params
    # As OpenAI's document has it, and as its SDK sends it.
    return [
        _includable(value, "include") for name in ("include", "include[]") for value in query.getlist(name)
    ]


def _conversation(db: sqlite3.Connection, request: Request) -> sqlite3.Row:
    return found_conversation(db, request.path_params["conversation_id"])


def found_conversation(db: sqlite3.Connection, wanted: str) -> sqlite3.Row:
    """Return the row of a conversation."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM conversations WHERE id = ?", (wanted,)).fetchone()
    if row is None:
        raise not_found(f"Conversation with id '{wanted}' not found.")
    return row


def _found_item(db: sqlite3.Connection, conversation: sqlite3.Row, request: Request) -> sqlite3.Row:
    wanted = request.path_params["item_id"]
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM items WHERE id = ? AND conversation = ?", (wanted, conversation["seq"])
    ).fetchone()
    if row is None:
        raise not_found(f"Item with id '{wanted}' not found in conversation '{conversation['id']}'.")
    return row


def _append(
    db: sqlite3.Connection, conversation: int, values: list[object], made_by: str | None
) -> list[dict[str, Any]]:
    made = new_items(db, values, "items")
    insert_items(db, conversation, made, made_by)
    return made


def new_items(db: sqlite3.Connection, values: list[object], where: str) -> list[dict[str, Any]]:
    """Return the items as they are to be kept, each with an id; `where` is their path in the request."""
    made = []
    for index, value in enumerate(values):
        prefix, item = item_of(value, f"{where}[{index}]", lambda wanted: stored_item(db, wanted))
        made.append({**item, "id": new_id(prefix)})
    return made


def insert_items(
    db: sqlite3.Connection, conversation: int, items: list[dict[str, Any]], made_by: str | None
) -> None:
    """Add items to the end of a conversation."""
    created_at = now()
    db.executemany(
        "INSERT INTO items (id, conversation, created_at, body, origin) VALUES (?, ?, ?, ?, ?)",
        ((item["id"], conversation, created_at, dump(item), made_by) for item in items),
    )


def stored_item(db: sqlite3.Connection, wanted: str) -> dict[str, Any] | None:
    """Find the item that an ``item_reference`` names, in a conversation or in a response."""
    row = db.execute(
        "SELECT body FROM items WHERE id = ? UNION ALL SELECT body FROM response_items WHERE id = ? LIMIT 1",
        (wanted, wanted),
    ).fetchone()
    return None if row is None else json.loads(row["body"])


def items_of(db: sqlite3.Connection, conversation: int) -> list[dict[str, Any]]:
    """Return all items of a conversation, oldest first."""
    rows = db.execute("SELECT body FROM items WHERE conversation = ? ORDER BY seq", (conversation,))
    return [json.loads(row["body"]) for row in rows]


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "object": "conversation",
        "created_at": row["created_at"],
        "metadata": json.loads(row["metadata"]),
    }


def _item(row: sqlite3.Row, include: Collection[str] = ()) -> dict[str, Any]:
    item: dict[str, Any] = json.loads(row["body"])
    return shown_item(item, include)
