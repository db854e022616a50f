"""Vector stores: the states of their files, and a search to try what they know."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from provider_shim.local.page.html import Child, Html, element
from provider_shim.local.page.layout import (
    Place,
    View,
    code,
    excerpt,
    nothing_yet,
    pages,
    part,
    search,
    told,
)
from provider_shim.local.page.reading import MissingError
from provider_shim.local.page.texts import words
from provider_shim.local.page.words import age, badge, counted, due, made_by, pairs, size
from provider_shim.local.search import search as search_in
from provider_shim.local.vector_stores import DAY, file_counts, status_of

PAGE: Final = 50
INDEXING_SECONDS: Final = 2
"""After how many seconds the page asks again while files are being indexed."""
RESULTS: Final = 10

_EMPTY: Final = """\
from cdktf_openai_thread import File, VectorStore

returns = File(stack, "returns", content="# Returns\\n\\nWithin 30 days.", filename="returns.md")
VectorStore(stack, "knowledge", files=[returns])
"""


def vector_stores(db: sqlite3.Connection, request: Request, _place: Place) -> View:
    """Show the vector stores, newest first."""
    (total,) = db.execute("SELECT count(*) FROM vector_stores").fetchone()
    if not total:
        advice = element("p", "Add one to the stack and deploy it:")
        body: list[Child] = [
            element("h1", "Vector stores"),
            nothing_yet("No vector stores yet", advice, code(_EMPTY)),
        ]
        return View("Vector stores", "/vector_stores", body)
    chosen = part(request.query_params.get("page"), total, PAGE)
    rows = db.execute(
        "SELECT * FROM vector_stores ORDER BY seq DESC LIMIT ? OFFSET ?", (PAGE, chosen.offset)
    ).fetchall()
    entries, indexing = [], False
    for row in rows:
        counts = file_counts(db, "vector_store", row["seq"])
        indexing = indexing or bool(counts["in_progress"])
        name = element("p", element("bdi", row["name"] or "Without a name"), class_="says")
        link = element(
            "a", name, element("code", row["id"]), href=f"/vector_stores/{row['id']}", class_="whole"
        )
        line = element(
            "ul",
            [
                element("li", one)
                for one in (_status(status_of(row, counts)), _counts(counts), made_by(row["origin"]))
            ],
            element("li", age(row["created_at"])),
            class_="facts",
        )
        entries.append(element("li", link, pairs(row["metadata"]), line, _progress(counts)))
    body = [
        element("h1", "Vector stores", element("span", f"{total:,}", class_="count")),
        element("ol", entries, class_="cards"),
        pages(chosen, "/vector_stores"),
    ]
    return View("Vector stores", "/vector_stores", body, again=INDEXING_SECONDS if indexing else None)


def vector_store(db: sqlite3.Connection, request: Request, _place: Place) -> View:
    """Show one vector store with its files, those that failed first."""
    wanted = request.path_params["vector_store_id"]
    row = db.execute("SELECT * FROM vector_stores WHERE id = ?", (wanted,)).fetchone()
    if row is None:
        raise MissingError(f"There is no vector store {wanted} in this database. It may have been deleted.")
    path = f"/vector_stores/{row['id']}"
    counts = file_counts(db, "vector_store", row["seq"])
    status = status_of(row, counts)
    (used,) = db.execute(
        "SELECT coalesce(sum(usage_bytes), 0) FROM vector_store_files WHERE vector_store = ?", (row["seq"],)
    ).fetchone()
    chosen = part(request.query_params.get("page"), counts["total"], PAGE)
    rows = db.execute(
        "SELECT v.*, f.filename, f.bytes FROM vector_store_files v JOIN files f ON f.id = v.file_id"
        " WHERE v.vector_store = ? ORDER BY v.status != 'failed', v.seq LIMIT ? OFFSET ?",
        (row["seq"], PAGE, chosen.offset),
    ).fetchall()
    days = row["expires_after_days"]
    query = request.query_params.get("q", "").strip()
    name = row["name"] or "Vector store"
    body: list[Child] = [
        element("h1", element("bdi", name), " ", element("code", row["id"])),
        element("p", row["description"], dir="auto") if row["description"] else None,
        told(
            ("Status", _status(status)),
            ("Files", [_counts(counts), _progress(counts)]),
            ("Text", size(used)),
            ("Made", [age(row["created_at"]), " ", made_by(row["origin"])]),
            ("Last used", age(row["last_active_at"])),
            (
                "Expired" if status == "expired" else "Expires",
                days
                and [
                    due(row["last_active_at"] + days * DAY),
                    f" ({counted(days, 'day')} after its last use)",
                ],
            ),
        ),
        pairs(row["metadata"]),
        search(path, "Search this vector store", query, "Try a question"),
        _results(db, row, status, query) if query else None,
        element("h2", "Files"),
        element("ol", [_file(one) for one in rows], class_="rows")
        if rows
        else element("p", "It has no files. Give them with files=[…] and deploy again."),
        pages(chosen, path),
    ]
    return View(
        name, "/vector_stores", body, again=INDEXING_SECONDS if counts["in_progress"] and not query else None
    )


def _file(row: sqlite3.Row) -> Html:
    error = json.loads(row["last_error"]) if row["last_error"] else None
    return element(
        "li",
        element("a", element("bdi", row["filename"]), href=f"/files/{row['file_id']}"),
        element("span", size(row["bytes"]), class_="size"),
        _status(row["status"]),
        made_by(row["origin"]),
        element("p", element("code", error["code"]), " ", error["message"], class_="error")
        if error
        else None,
        pairs(row["attributes"]),
    )


def _results(db: sqlite3.Connection, row: sqlite3.Row, status: str, query: str) -> Html:
    if status == "expired":
        return element("p", "An expired vector store can't be searched.", class_="outcome", role="status")
    found = search_in(db, row["seq"], {"query": query, "max_num_results": RESULTS})["data"]
    if not found:
        text = "No file holds any of these words. The embedded API searches words, not meanings."
        return element("p", text, class_="outcome", role="status")
    wanted = words(query)
    shown = [
        element(
            "li",
            element("a", element("bdi", one["filename"]), href=f"/files/{one['file_id']}"),
            element("span", f"{one['score']:.2f}", class_="size", title="Score, from 0 to 1"),
            element("p", excerpt(one["content"][0]["text"], wanted, 400), dir="auto"),
        )
        for one in found
    ]
    return element("ol", shown, class_="rows results", aria_label="Results")


def _counts(counts: Mapping[str, int]) -> str:
    """`3 files`, or `3 files: 2 completed, 1 failed` where not all are completed."""
    total = counted(counts["total"], "file")
    if counts["completed"] == counts["total"]:
        return total
    states = [f"{number:,} {_spelled(name)}" for name, number in counts.items() if name != "total" and number]
    return f"{total}: {', '.join(states)}"


def _progress(counts: Mapping[str, int]) -> Html | None:
    """Show how far the indexing of files is; nothing once it is done."""
    if not counts["in_progress"]:
        return None
    total = counts["total"]
    done = total - counts["in_progress"]
    label = f"{done:,} of {total:,} files indexed"
    bar = element("progress", label, value=done, max=total, aria_label=label)
    return element("div", bar, f" asks again every {INDEXING_SECONDS} s", class_="progress")


def _status(status: str) -> Html:
    return badge(_spelled(status), status)


def _spelled(status: str) -> str:
    return status.replace("_", " ")
