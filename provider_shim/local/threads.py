"""``/threads`` and their messages, as version 2 of the Assistants API had them."""

import json
import sqlite3
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from provider_shim.local.answers import answer, dump
from provider_shim.local.errors import not_found
from provider_shim.local.indexing import Indexer
from provider_shim.local.messages import message, modified_tool_resources, new_tool_resources
from provider_shim.local.paging import Listing, page, paging
from provider_shim.local.requests import json_body, origin
from provider_shim.local.shapes import array, metadata, record
from provider_shim.local.store import Store, new_id, now
from provider_shim.local.vector_stores import insert_store

_create = record({}, {"messages": array(message), "tool_resources": new_tool_resources, "metadata": metadata})
_modify = record({}, {"tool_resources": modified_tool_resources, "metadata": metadata})
_modify_message = record({}, {"metadata": metadata})


class Threads:
    """A thread has messages, metadata and the resources of its tools. It has no runs."""

    def __init__(self, store: Store, indexer: Indexer) -> None:
        self._store = store
        self._indexer = indexer

    async def create(self, request: Request) -> Response:
        """``POST /threads``; ``file_search.vector_stores`` makes the vector store as well."""
        body = await json_body(request, _create, optional=True)
        made_by = origin(request)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            resources = _with_new_store(db, body.get("tool_resources") or {}, made_by)
            shown = {
                "id": new_id("thread_"),
                "object": "thread",
                "created_at": now(),
                "tool_resources": resources,
                "metadata": body.get("metadata") or {},
            }
            row = db.execute(
                "INSERT INTO threads (id, created_at, metadata, tool_resources, origin)"
                " VALUES (?, ?, ?, ?, ?)",
                (shown["id"], shown["created_at"], dump(shown["metadata"]), dump(resources), made_by),
            )
            for one in body.get("messages") or []:
                _append(db, row.lastrowid or 0, one, made_by)
            return shown

        shown = await self._store.write(work)
        self._indexer.kick()
        return answer(shown)

    async def list(self, request: Request) -> Response:
        """``GET /threads``, newest first unless asked otherwise. Azure AI Foundry has it, too."""
        wanted = paging(request, before=True)
        return answer(await self._store.read(lambda db: page(db, Listing("threads"), wanted, _shown)))

    async def get(self, request: Request) -> Response:
        """``GET /threads/{id}``."""
        return answer(await self._store.read(lambda db: _shown(_thread(db, request))))

    async def modify(self, request: Request) -> Response:
        """``POST /threads/{id}``: what is given replaces what was kept, the rest stays."""
        body = await json_body(request, _modify)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = _thread(db, request)
            shown = _shown(row)
            shown.update({name: body[name] for name in body if body[name] is not None})
            db.execute(
                "UPDATE threads SET metadata = ?, tool_resources = ? WHERE seq = ?",
                (dump(shown["metadata"]), dump(shown["tool_resources"]), row["seq"]),
            )
            return shown

        return answer(await self._store.write(work))

    async def delete(self, request: Request) -> Response:
        """``DELETE /threads/{id}``, with its messages."""

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = _thread(db, request)
            db.execute("DELETE FROM threads WHERE seq = ?", (row["seq"],))
            return {"id": row["id"], "object": "thread.deleted", "deleted": True}

        return answer(await self._store.write(work))

    async def create_message(self, request: Request) -> Response:
        """``POST /threads/{id}/messages``."""
        body = await json_body(request, message)
        made_by = origin(request)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            thread = _thread(db, request)
            row = _append(db, thread["seq"], body, made_by)
            return _message(row, thread["id"])

        return answer(await self._store.write(work))

    async def list_messages(self, request: Request) -> Response:
        """``GET /threads/{id}/messages``; no message belongs to a run."""
        wanted = paging(request, before=True)
        of_a_run = bool(request.query_params.get("run_id"))

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            thread = _thread(db, request)
            where = "thread = ? AND 0" if of_a_run else "thread = ?"
            listing = Listing("messages", where, (thread["seq"],))
            return page(db, listing, wanted, lambda row: _message(row, thread["id"]))

        return answer(await self._store.read(work))

    async def get_message(self, request: Request) -> Response:
        """``GET /threads/{id}/messages/{message}``."""

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            thread = _thread(db, request)
            return _message(_found_message(db, thread, request), thread["id"])

        return answer(await self._store.read(work))

    async def modify_message(self, request: Request) -> Response:
        """``POST /threads/{id}/messages/{message}``: only the metadata can change."""
        body = await json_body(request, _modify_message)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            thread = _thread(db, request)
            row = _found_message(db, thread, request)
            shown = _message(row, thread["id"])
            if body.get("metadata") is not None:
                shown["metadata"] = body["metadata"]
                db.execute(
                    "UPDATE messages SET metadata = ? WHERE seq = ?", (dump(body["metadata"]), row["seq"])
                )
            return shown

        return answer(await self._store.write(work))

    async def delete_message(self, request: Request) -> Response:
        """``DELETE /threads/{id}/messages/{message}``."""

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = _found_message(db, _thread(db, request), request)
            db.execute("DELETE FROM messages WHERE seq = ?", (row["seq"],))
            return {"id": row["id"], "object": "thread.message.deleted", "deleted": True}

        return answer(await self._store.write(work))


def _thread(db: sqlite3.Connection, request: Request) -> sqlite3.Row:
    wanted = request.path_params["thread_id"]
    row: sqlite3.Row | None = db.execute("SELECT * FROM threads WHERE id = ?", (wanted,)).fetchone()
    if row is None:
        raise not_found(f"No thread found with id '{wanted}'.")
    return row


def _found_message(db: sqlite3.Connection, thread: sqlite3.Row, request: Request) -> sqlite3.Row:
    wanted = request.path_params["message_id"]
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM messages WHERE id = ? AND thread = ?", (wanted, thread["seq"])
    ).fetchone()
    if row is None:
        raise not_found(f"No message found with id '{wanted}'.")
    return row


def _append(db: sqlite3.Connection, thread: int, body: dict[str, Any], made_by: str | None) -> sqlite3.Row:
    kept = {name: body.get(name) for name in ("role", "content", "attachments")}
    row: sqlite3.Row = db.execute(
        "INSERT INTO messages (id, thread, created_at, body, metadata, origin)"
        " VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
        (new_id("msg_"), thread, now(), dump(kept), dump(body.get("metadata") or {}), made_by),
    ).fetchone()
    return row


def _with_new_store(db: sqlite3.Connection, resources: dict[str, Any], made_by: str | None) -> dict[str, Any]:
    wanted = resources.get("file_search", {}).get("vector_stores")
    if wanted is None:
        return resources
    made = [
        insert_store(db, one, made_by, where=f"tool_resources.file_search.vector_stores[{index}].file_ids")[
            "id"
        ]
        for index, one in enumerate(wanted)
    ]
    return {**resources, "file_search": {"vector_store_ids": made}}


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "object": "thread",
        "created_at": row["created_at"],
        "tool_resources": json.loads(row["tool_resources"]),
        "metadata": json.loads(row["metadata"]),
    }


def _message(row: sqlite3.Row, thread_id: str) -> dict[str, Any]:
    body = json.loads(row["body"])
    return {
        "id": row["id"],
        "object": "thread.message",
        "created_at": row["created_at"],
        "thread_id": thread_id,
        "status": "completed",
        "incomplete_details": None,
        "completed_at": None,
        "incomplete_at": None,
        "role": body["role"],
        "content": body["content"],
        "assistant_id": None,
        "run_id": None,
        "attachments": body["attachments"] or [],
        "metadata": json.loads(row["metadata"]),
    }
