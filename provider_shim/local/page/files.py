"""Files: what was uploaded, where it is used, how its text begins."""

import sqlite3
from pathlib import Path
from typing import Final

from starlette.requests import Request

from provider_shim.local.files import UNEXPIRED
from provider_shim.local.page.html import Child, Html, element
from provider_shim.local.page.layout import Place, View, code, nothing_yet, pages, part, told
from provider_shim.local.page.reading import MissingError
from provider_shim.local.page.words import age, badge, due, made_by, size

PAGE: Final = 50
BEGINNING: Final = 16 * 1024
"""Bytes of a text file that are shown; the whole can be downloaded."""

_EMPTY: Final = """\
from cdktf_openai_thread import File

File(stack, "returns", content="# Returns\\n\\nWithin 30 days.", filename="returns.md")
"""


def files(db: sqlite3.Connection, request: Request, _place: Place) -> View:
    """Show the files, newest first."""
    (total,) = db.execute(f"SELECT count(*) FROM files WHERE {UNEXPIRED}").fetchone()  # noqa: S608 - names of ours; what is given is bound
    if not total:
        advice = element("p", "Add one to the stack and deploy it:")
        body: list[Child] = [element("h1", "Files"), nothing_yet("No files yet", advice, code(_EMPTY))]
        return View("Files", "/files", body)
    chosen = part(request.query_params.get("page"), total, PAGE)
    rows = db.execute(
        f"SELECT * FROM files WHERE {UNEXPIRED} ORDER BY seq DESC LIMIT ? OFFSET ?",  # noqa: S608 - names of ours; what is given is bound
        (PAGE, chosen.offset),
    ).fetchall()
    body = [
        element("h1", "Files", element("span", f"{total:,}", class_="count")),
        element("ol", [_entry(row) for row in rows], class_="rows"),
        pages(chosen, "/files"),
    ]
    return View("Files", "/files", body)


def _entry(row: sqlite3.Row) -> Html:
    return element(
        "li",
        element("a", element("bdi", row["filename"]), href=f"/files/{row['id']}"),
        element("span", size(row["bytes"]), class_="size"),
        badge(row["purpose"], "plain"),
        made_by(row["origin"]),
        age(row["created_at"]),
    )


def file(db: sqlite3.Connection, request: Request, place: Place) -> View:
    """Show one file: the vector stores that have it, and how it begins."""
    wanted = request.path_params["file_id"]
    row = db.execute(
        f"SELECT * FROM files WHERE id = ? AND {UNEXPIRED}",  # noqa: S608 - a constant
        (wanted,),
    ).fetchone()
    if row is None:
        raise MissingError(f"There is no file {wanted} in this database. It may be deleted or expired.")
    stores = db.execute(
        "SELECT s.id, s.name FROM vector_store_files v JOIN vector_stores s ON s.seq = v.vector_store"
        " WHERE v.file_id = ? ORDER BY s.seq DESC LIMIT ?",
        (row["id"], PAGE),
    ).fetchall()
    links = [
        element(
            "li", element("a", element("bdi", one["name"] or one["id"]), href=f"/vector_stores/{one['id']}")
        )
        for one in stores
    ]
    content = f"{place.api}/files/{row['id']}/content"
    body: list[Child] = [
        element("h1", element("bdi", row["filename"]), " ", element("code", row["id"])),
        told(
            ("Size", size(row["bytes"])),
            ("Purpose", row["purpose"]),
            ("Made", [age(row["created_at"]), " ", made_by(row["origin"])]),
            ("Expires", row["expires_at"] and due(row["expires_at"])),
            ("In", element("ul", links) if links else None),
        ),
        element("p", element("a", "Download", href=content, download=row["filename"])),
        _beginning(Path(f"{place.database}.files") / row["id"], row["bytes"]),
    ]
    return View(row["filename"], "/files", body)


def _beginning(path: Path, length: int) -> Child:
    try:
        with path.open("rb") as content:
            raw = content.read(BEGINNING)
    except OSError as error:
        reason = f"Its content can't be read beside the database: {error.strerror}."
        return element("p", badge("missing", "failed"), " ", reason, class_="error")
    # The last character may be cut in two.
    text = raw.decode(errors="ignore" if len(raw) < length else "replace")
    if "\x00" in text or "\ufffd" in text:
        return element("p", "Its content is not UTF-8 text, so it is not shown.")
    if not text:
        return element("p", "It is empty.")
    rest = f"The first {size(len(raw))} of {size(length)}." if len(raw) < length else None
    shown = element("pre", element("code", text), tabindex=0, class_="content", dir="auto")
    return [element("h2", "Content"), shown, element("p", rest) if rest else None]
