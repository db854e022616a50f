"""``/files``: rows in the database, content beside it under the file's id."""

import re
import sqlite3
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from provider_shim.contract.limits import FILE_EXPIRES_SECONDS
from provider_shim.local.answers import answer
from provider_shim.local.errors import SERVER_ERROR, ApiError, invalid, not_found
from provider_shim.local.paging import Listing, page, paging
from provider_shim.local.requests import origin
from provider_shim.local.shapes import choice, integer, record
from provider_shim.local.store import Store, new_id, now
from provider_shim.local.uploads import Received, receive

PURPOSES: Final = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
PAGE_OF_FILES: Final = 10_000
UNEXPIRED: Final = "(expires_at IS NULL OR expires_at > unixepoch())"

_fields = record(
    {"purpose": choice(*PURPOSES)},
    {"expires_after": record({"anchor": choice("created_at"), "seconds": integer(*FILE_EXPIRES_SECONDS)})},
)
_BRACKETED: Final = re.compile(r"(\w+)\[(\w+)\]")
_DIGITS: Final = re.compile(r"-?\d{1,18}")


class Files:
    """A file that has expired is gone: no call finds it, the next upload removes its content."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(self, request: Request) -> Response:
        """``POST /files``: multipart with ``file``, ``purpose`` and ``expires_after[…]``."""
        self._store.files.mkdir(mode=0o700, exist_ok=True)
        file_id = new_id("file-")
        path = self._store.files / file_id
        try:
            upload = await receive(request, path)
            wanted = _checked(upload)
            shown = await self._store.write(lambda db: _insert(db, file_id, upload, wanted, origin(request)))
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        await self._remove_expired()
        return answer(shown)

    async def list(self, request: Request) -> Response:
        """``GET /files``, of one purpose where ``purpose`` is given."""
        wanted = paging(request, most=PAGE_OF_FILES, default=PAGE_OF_FILES)
        purpose = request.query_params.get("purpose")
        listing = Listing("files", UNEXPIRED)
        if purpose:
            listing = Listing("files", f"{UNEXPIRED} AND purpose = ?", (purpose,))
        return answer(await self._store.read(lambda db: page(db, listing, wanted, _shown)))

    async def get(self, request: Request) -> Response:
        """``GET /files/{id}``."""
        wanted = request.path_params["file_id"]
        return answer(await self._store.read(lambda db: _shown(found_file(db, wanted))))

    async def content(self, request: Request) -> Response:
        """``GET /files/{id}/content``, for every purpose."""
        wanted = request.path_params["file_id"]
        row = await self._store.read(lambda db: found_file(db, wanted))
        path = self._store.files / row["id"]
        if not path.is_file():
            raise ApiError(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                f"The content of file '{wanted}' is missing: the folder {self._store.files.name} beside the"
                " database does not hold it. Put the folder back next to the database.",
                code="content_missing",
                kind=SERVER_ERROR,
            )
        return FileResponse(path, media_type="application/octet-stream", filename=row["filename"])

    async def delete(self, request: Request) -> Response:
        """``DELETE /files/{id}``: out of every vector store as well."""
        wanted = request.path_params["file_id"]

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = found_file(db, wanted)
            db.execute("DELETE FROM files WHERE seq = ?", (row["seq"],))
            return {"id": row["id"], "object": "file", "deleted": True}

        shown = await self._store.write(work)
        (self._store.files / shown["id"]).unlink(missing_ok=True)
        return answer(shown)

    async def _remove_expired(self) -> None:
        def work(db: sqlite3.Connection) -> list[str]:
            gone = db.execute(f"DELETE FROM files WHERE NOT {UNEXPIRED} RETURNING id")  # noqa: S608 - a constant
            return [row["id"] for row in gone.fetchall()]

        for file_id in await self._store.write(work):
            (self._store.files / file_id).unlink(missing_ok=True)


def found_file(db: sqlite3.Connection, wanted: str, param: str | None = None) -> sqlite3.Row:
    """Return the row of a file; `param` is where in the request's body its id stood, if it did.

    A file that a path names and that does not exist is a 404; one that a body names, a wrong value.
    """
    row: sqlite3.Row | None = db.execute(
        f"SELECT * FROM files WHERE id = ? AND {UNEXPIRED}",  # noqa: S608 - a constant
        (wanted,),
    ).fetchone()
    if row is None:
        message = f"No such File object: {wanted}"
        raise not_found(message, "id") if param is None else invalid(message, param, "invalid_value")
    return row


def _checked(upload: Received) -> dict[str, Any]:
    if upload.filename is None:
        raise invalid("Missing required parameter: 'file'.", "file", "missing_required_parameter")
    fields: dict[str, Any] = {}
    for name, text in upload.fields.items():
        nested = _BRACKETED.fullmatch(name)
        if nested is None:
            fields[name] = text
        # A field that is given as text as well is left as that, to be refused by its type.
        elif isinstance(members := fields.setdefault(nested[1], {}), dict):
            members[nested[2]] = int(text) if _DIGITS.fullmatch(text) else text
    checked: dict[str, Any] = _fields(fields, "")
    return checked


def _insert(
    db: sqlite3.Connection, file_id: str, upload: Received, wanted: dict[str, Any], made_by: str | None
) -> dict[str, Any]:
    created_at = now()
    expires_after = wanted.get("expires_after")
    row: sqlite3.Row = db.execute(
        "INSERT INTO files (id, created_at, filename, purpose, bytes, expires_at, origin)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
        (
            file_id,
            created_at,
            upload.filename,
            wanted["purpose"],
            upload.size,
            created_at + expires_after["seconds"] if expires_after else None,
            made_by,
        ),
    ).fetchone()
    return _shown(row)


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    shown = {
        "id": row["id"],
        "object": "file",
        "bytes": row["bytes"],
        "created_at": row["created_at"],
        "filename": row["filename"],
        "purpose": row["purpose"],
        "status": "processed",
    }
    if row["expires_at"] is not None:
        shown["expires_at"] = row["expires_at"]
    return shown
