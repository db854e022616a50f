"""``/vector_stores`` and the search in one."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from provider_shim.contract.limits import VECTOR_STORE_EXPIRES_DAYS, VECTOR_STORE_FILES
from provider_shim.local.answers import answer, dump
from provider_shim.local.chunking import AUTO, chunking_strategy
from provider_shim.local.errors import invalid, not_found
from provider_shim.local.files import found_file
from provider_shim.local.indexing import Indexer
from provider_shim.local.paging import Listing, page, paging
from provider_shim.local.requests import json_body, origin
from provider_shim.local.search import search, search_request
from provider_shim.local.shapes import array, choice, integer, metadata, nullable, record, string
from provider_shim.local.store import Store, new_id, now

DAY: Final = 86_400
POLL: Final = {"openai-poll-after-ms": "50"}
"""Tells the SDK to ask again soon while something is being indexed."""

_expires_after = record({"anchor": choice("last_active_at"), "days": integer(*VECTOR_STORE_EXPIRES_DAYS)})
_create = record(
    {},
    {
        "file_ids": array(string(), most=VECTOR_STORE_FILES),
        "name": string(),
        "description": string(),
        "expires_after": _expires_after,
        "chunking_strategy": chunking_strategy,
        "metadata": metadata,
    },
)
_modify = record(
    {},
    {
        "name": nullable(string()),
        "expires_after": nullable(_expires_after),
        "metadata": metadata,
    },
)


class VectorStores:
    """A vector store is a set of files with their text in a full-text index."""

    def __init__(self, store: Store, indexer: Indexer) -> None:
        self._store = store
        self._indexer = indexer

    async def create(self, request: Request) -> Response:
        """``POST /vector_stores``; its files are indexed after the answer."""
        body = await json_body(request, _create)
        made_by = origin(request)
        return self._polled(await self._store.write(lambda db: _shown(db, insert_store(db, body, made_by))))

    async def list(self, request: Request) -> Response:
        """``GET /vector_stores``."""
        wanted = paging(request, before=True)
        listing = Listing("vector_stores")
        return answer(
            await self._store.read(lambda db: page(db, listing, wanted, lambda row: _shown(db, row)))
        )

    async def get(self, request: Request) -> Response:
        """``GET /vector_stores/{id}``."""
        return self._polled(await self._store.read(lambda db: _shown(db, found_store(db, request))))

    async def modify(self, request: Request) -> Response:
        """``POST /vector_stores/{id}``: what is given replaces what was kept, the rest stays."""
        body = await json_body(request, _modify)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = found_store(db, request)
            days = row["expires_after_days"]
            if "expires_after" in body:
                days = body["expires_after"] and body["expires_after"]["days"]
            db.execute(
                "UPDATE vector_stores SET name = ?, metadata = ?, expires_after_days = ?,"
                " last_active_at = ? WHERE seq = ?",
                (
                    body.get("name", row["name"]),
                    row["metadata"] if body.get("metadata") is None else dump(body["metadata"]),
                    days,
                    now(),
                    row["seq"],
                ),
            )
            return _shown(db, found_store(db, request))

        return self._polled(await self._store.write(work))

    async def delete(self, request: Request) -> Response:
        """``DELETE /vector_stores/{id}``; the files themselves stay."""

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = found_store(db, request)
            db.execute("DELETE FROM vector_stores WHERE seq = ?", (row["seq"],))
            return {"id": row["id"], "object": "vector_store.deleted", "deleted": True}

        return answer(await self._store.write(work))

    async def search(self, request: Request) -> Response:
        """``POST /vector_stores/{id}/search``: full text, ranked by BM25; no embeddings."""
        body = await json_body(request, search_request)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = found_store(db, request)
            if expired(row):
                raise invalid(f"Vector store '{row['id']}' has expired.", None, "vector_store_expired")
            touch(db, row["seq"])
            return search(db, row["seq"], body)

        return answer(await self._store.write(work))

    def _polled(self, shown: dict[str, Any]) -> Response:
        if shown["status"] != "in_progress":
            return answer(shown)
        self._indexer.kick()
        return answer(shown, headers=POLL)


def found_store(db: sqlite3.Connection, request: Request) -> sqlite3.Row:
    """Return the row of the vector store that the path names."""
    wanted = request.path_params["vector_store_id"]
    row: sqlite3.Row | None = db.execute("SELECT * FROM vector_stores WHERE id = ?", (wanted,)).fetchone()
    if row is None:
        raise not_found(f"Vector store with id '{wanted}' not found.")
    return row


def insert_store(
    db: sqlite3.Connection, body: dict[str, Any], made_by: str | None, where: str = "file_ids"
) -> sqlite3.Row:
    """Make a vector store with its files; `where` is the path of the file ids in the request."""
    expires_after = body.get("expires_after")
    row: sqlite3.Row = db.execute(
        "INSERT INTO vector_stores (id, created_at, name, description, metadata, expires_after_days,"
        " last_active_at, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
        (
            new_id("vs_"),
            now(),
            body.get("name"),
            body.get("description"),
            dump(body.get("metadata") or {}),
            expires_after and expires_after["days"],
            now(),
            made_by,
        ),
    ).fetchone()
    for index, file_id in enumerate(body.get("file_ids") or []):
        attach(db, row["seq"], {**body, "file_id": file_id}, made_by, f"{where}[{index}]")
    return row


def attach(
    db: sqlite3.Connection, store: int, wanted: dict[str, Any], made_by: str | None, where: str
) -> sqlite3.Row:
    """Add a file to a vector store, to be indexed; one that is in it already is indexed anew.

    `wanted` has ``file_id`` and may have ``chunking_strategy``, ``attributes`` and ``batch``.
    """
    found_file(db, wanted["file_id"], where)
    sizes = wanted.get("chunking_strategy") or AUTO
    row: sqlite3.Row = db.execute(
        "INSERT INTO vector_store_files (vector_store, file_id, batch, created_at, status,"
        " chunk_tokens, overlap_tokens, attributes, origin)"
        " VALUES (?, ?, ?, ?, 'in_progress', ?, ?, ?, ?)"
        " ON CONFLICT (vector_store, file_id) DO UPDATE SET batch = excluded.batch,"
        " status = 'in_progress', last_error = NULL, chunk_tokens = excluded.chunk_tokens,"
        " overlap_tokens = excluded.overlap_tokens, attributes = excluded.attributes RETURNING *",
        (
            store,
            wanted["file_id"],
            wanted.get("batch"),
            now(),
            sizes["max_chunk_size_tokens"],
            sizes["chunk_overlap_tokens"],
            dump(wanted.get("attributes") or {}),
            made_by,
        ),
    ).fetchone()
    touch(db, store)
    return row


def touch(db: sqlite3.Connection, store: int) -> None:
    """Note that a vector store was used."""
    db.execute("UPDATE vector_stores SET last_active_at = ? WHERE seq = ?", (now(), store))


def file_counts(db: sqlite3.Connection, column: str, seq: int) -> dict[str, int]:
    """Count the files of a vector store or a batch (`column`) by status."""
    counts = dict.fromkeys(("in_progress", "completed", "failed", "cancelled"), 0)
    rows = db.execute(
        f"SELECT status, count(*) FROM vector_store_files WHERE {column} = ? GROUP BY status",  # noqa: S608 - names of ours; what is given is bound
        (seq,),
    )
    counts.update(map(tuple, rows))
    return {**counts, "total": sum(counts.values())}


def status_of(row: sqlite3.Row, counts: Mapping[str, int]) -> str:
    """Return whether a vector store, whose files were counted, can be searched, or not yet, or no more."""
    if expired(row):
        return "expired"
    return "in_progress" if counts["in_progress"] else "completed"


def expired(row: sqlite3.Row) -> bool:
    """Return whether a vector store was not used for as long as it was made for."""
    days = row["expires_after_days"]
    return days is not None and row["last_active_at"] + days * DAY <= now()


def _shown(db: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    counts = file_counts(db, "vector_store", row["seq"])
    (used,) = db.execute(
        "SELECT coalesce(sum(usage_bytes), 0) FROM vector_store_files WHERE vector_store = ?", (row["seq"],)
    ).fetchone()
    days = row["expires_after_days"]
    shown = {
        "id": row["id"],
        "object": "vector_store",
        "created_at": row["created_at"],
        "name": row["name"] or "",
        "usage_bytes": used,
        "file_counts": counts,
        "status": status_of(row, counts),
        "expires_at": None,
        "last_active_at": row["last_active_at"],
        "metadata": json.loads(row["metadata"]),
    }
    if days is not None:
        shown["expires_after"] = {"anchor": "last_active_at", "days": days}
        shown["expires_at"] = row["last_active_at"] + days * DAY
    return shown
