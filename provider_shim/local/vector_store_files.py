"""``/vector_stores/{id}/files`` and ``/vector_stores/{id}/file_batches``."""

import json
import sqlite3
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from provider_shim.contract.limits import BATCH_FILES
from provider_shim.local.answers import answer, dump
from provider_shim.local.chunking import chunking_strategy
from provider_shim.local.errors import invalid, not_found
from provider_shim.local.indexing import Indexer
from provider_shim.local.paging import Listing, page, paging
from provider_shim.local.requests import json_body, origin
from provider_shim.local.shapes import array, attributes, choice, record, string
from provider_shim.local.store import Store, new_id, now
from provider_shim.local.vector_stores import POLL, attach, file_counts, found_store

_settings = {"chunking_strategy": chunking_strategy, "attributes": attributes}
_create = record({"file_id": string()}, _settings)
_modify = record({"attributes": attributes})
_create_batch = record(
    {},
    {
        "file_ids": array(string(), least=1, most=BATCH_FILES),
        "files": array(_create, least=1, most=BATCH_FILES),
        **_settings,
    },
)
_filter = choice("in_progress", "completed", "failed", "cancelled")


class VectorStoreFiles:
    """The files in a vector store, and the batches in which they came."""

    def __init__(self, store: Store, indexer: Indexer) -> None:
        self._store = store
        self._indexer = indexer

    async def create(self, request: Request) -> Response:
        """``POST …/files``; the file is indexed after the answer."""
        body = await json_body(request, _create)
        made_by = origin(request)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            store = found_store(db, request)
            return _shown(attach(db, store["seq"], body, made_by, "file_id"), store["id"])

        return self._polled(await self._store.write(work))

    async def list(self, request: Request) -> Response:
        """``GET …/files``, of one status where ``filter`` is given."""
        return await self._list(request, lambda _db, store: ("vector_store = ?", store["seq"]))

    async def get(self, request: Request) -> Response:
        """``GET …/files/{file}``."""

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            store = found_store(db, request)
            return _shown(_found(db, store, request), store["id"])

        return self._polled(await self._store.read(work))

    async def modify(self, request: Request) -> Response:
        """``POST …/files/{file}``: the attributes that are given replace what was kept."""
        body = await json_body(request, _modify)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            store = found_store(db, request)
            row = _found(db, store, request)
            db.execute(
                "UPDATE vector_store_files SET attributes = ? WHERE seq = ?",
                (dump(body["attributes"] or {}), row["seq"]),
            )
            return _shown(_found(db, store, request), store["id"])

        return self._polled(await self._store.write(work))

    async def delete(self, request: Request) -> Response:
        """``DELETE …/files/{file}``: out of the vector store; the file itself stays."""

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = _found(db, found_store(db, request), request)
            db.execute("DELETE FROM vector_store_files WHERE seq = ?", (row["seq"],))
            return {"id": row["file_id"], "object": "vector_store.file.deleted", "deleted": True}

        return answer(await self._store.write(work))

    async def content(self, request: Request) -> Response:
        """``GET …/files/{file}/content``: the text, in the pieces that a search finds."""

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = _found(db, found_store(db, request), request)
            pieces = db.execute(
                "SELECT text FROM chunks WHERE vector_store_file = ? ORDER BY seq", (row["seq"],)
            )
            return {
                "object": "vector_store.file_content.page",
                "data": [{"type": "text", "text": piece["text"]} for piece in pieces],
                "has_more": False,
                "next_page": None,
            }

        return answer(await self._store.read(work))

    async def create_batch(self, request: Request) -> Response:
        """``POST …/file_batches``: ``file_ids`` with common settings, or ``files`` with their own."""
        body = await json_body(request, _create_batch)
        if ("file_ids" in body) == ("files" in body):
            raise invalid(
                "Invalid request: expected either 'file_ids' or 'files', got"
                f" {'both' if 'files' in body else 'neither'}.",
                "file_ids",
                "invalid_value" if "files" in body else "missing_required_parameter",
            )
        common = {name: body[name] for name in _settings if name in body}
        by_id = [{**common, "file_id": file_id} for file_id in body.get("file_ids", [])]
        where = "file_ids[%d]" if by_id else "files[%d].file_id"
        made_by = origin(request)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            store = found_store(db, request)
            batch: sqlite3.Row = db.execute(
                "INSERT INTO file_batches (id, vector_store, created_at) VALUES (?, ?, ?) RETURNING *",
                (new_id("vsfb_"), store["seq"], now()),
            ).fetchone()
            for index, wanted in enumerate(by_id or body["files"]):
                attach(db, store["seq"], {**wanted, "batch": batch["seq"]}, made_by, where % index)
            return _batch(db, batch, store["id"])

        return self._polled(await self._store.write(work))

    async def get_batch(self, request: Request) -> Response:
        """``GET …/file_batches/{batch}``."""

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            store = found_store(db, request)
            return _batch(db, _found_batch(db, store, request), store["id"])

        return self._polled(await self._store.read(work))

    async def cancel_batch(self, request: Request) -> Response:
        """``POST …/file_batches/{batch}/cancel``: what is not indexed yet will not be."""

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            store = found_store(db, request)
            seq = _found_batch(db, store, request)["seq"]
            stopped = db.execute(
                "UPDATE vector_store_files SET status = 'cancelled'"
                " WHERE batch = ? AND status = 'in_progress'",
                (seq,),
            ).rowcount
            if stopped:
                db.execute("UPDATE file_batches SET cancelled = 1 WHERE seq = ?", (seq,))
            return _batch(db, _found_batch(db, store, request), store["id"])

        return answer(await self._store.write(work))

    async def list_batch(self, request: Request) -> Response:
        """``GET …/file_batches/{batch}/files``."""
        return await self._list(
            request, lambda db, store: ("batch = ?", _found_batch(db, store, request)["seq"])
        )

    async def _list(self, request: Request, choose: Any) -> Response:  # noqa: ANN401 - see both uses
        wanted = paging(request, before=True)
        status = request.query_params.get("filter")
        if status is not None:
            _filter(status, "filter")

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            store = found_store(db, request)
            where, seq = choose(db, store)
            listing = Listing("vector_store_files", where, (seq,), "file_id")
            if status is not None:
                listing = Listing("vector_store_files", f"{where} AND status = ?", (seq, status), "file_id")
            return page(db, listing, wanted, lambda row: _shown(row, store["id"]))

        shown = await self._store.read(work)
        if any(one["status"] == "in_progress" for one in shown["data"]):
            self._indexer.kick()
        return answer(shown)

    def _polled(self, shown: dict[str, Any]) -> Response:
        if shown["status"] != "in_progress":
            return answer(shown)
        self._indexer.kick()
        return answer(shown, headers=POLL)


def _found(db: sqlite3.Connection, store: sqlite3.Row, request: Request) -> sqlite3.Row:
    wanted = request.path_params["file_id"]
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM vector_store_files WHERE vector_store = ? AND file_id = ?", (store["seq"], wanted)
    ).fetchone()
    if row is None:
        raise not_found(f"No file found with id '{wanted}' in vector store '{store['id']}'.")
    return row


def _found_batch(db: sqlite3.Connection, store: sqlite3.Row, request: Request) -> sqlite3.Row:
    wanted = request.path_params["batch_id"]
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM file_batches WHERE vector_store = ? AND id = ?", (store["seq"], wanted)
    ).fetchone()
    if row is None:
        raise not_found(f"No file batch found with id '{wanted}' in vector store '{store['id']}'.")
    return row


def _batch(db: sqlite3.Connection, row: sqlite3.Row, store_id: str) -> dict[str, Any]:
    counts = file_counts(db, "batch", row["seq"])
    status = "in_progress" if counts["in_progress"] else "completed"
    return {
        "id": row["id"],
        "object": "vector_store.files_batch",
        "created_at": row["created_at"],
        "vector_store_id": store_id,
        "status": "cancelled" if row["cancelled"] else status,
        "file_counts": counts,
    }


def _shown(row: sqlite3.Row, store_id: str) -> dict[str, Any]:
    return {
        "id": row["file_id"],
        "object": "vector_store.file",
        "usage_bytes": row["usage_bytes"],
        "created_at": row["created_at"],
        "vector_store_id": store_id,
        "status": row["status"],
        "last_error": json.loads(row["last_error"]) if row["last_error"] else None,
        "chunking_strategy": {
            "type": "static",
            "static": {
                "max_chunk_size_tokens": row["chunk_tokens"],
                "chunk_overlap_tokens": row["overlap_tokens"],
            },
        },
        "attributes": json.loads(row["attributes"]),
    }
