"""One thread as a conversation, and one message of it by itself."""

import json
import sqlite3
from typing import Any, Final

from starlette.requests import Request

from provider_shim.local.page.html import Child, Html, element
from provider_shim.local.page.kinds import KINDS, Tables
from provider_shim.local.page.layout import (
    FOLLOW_SECONDS,
    Place,
    View,
    code,
    facts,
    follow,
    is_followed,
    nothing_yet,
    pages,
    part,
)
from provider_shim.local.page.message import LONGEST, Files, answered_by, linked_files, shown_message
from provider_shim.local.page.reading import MissingError
from provider_shim.local.page.words import age, counted, made_by, pairs
from provider_shim.local.requests import TERRAFORM

PAGE: Final = 50

_CONVERSATION: Final = """\
from openai import OpenAI

client = OpenAI(base_url="{base_url}", api_key="{api_key}")
for item in client.conversations.items.list("{id}", order="asc"):
    print(item)
"""
_THREAD: Final = """\
from openai import OpenAI

client = OpenAI(base_url="{base_url}", api_key="{api_key}")
for message in client.beta.threads.messages.list("{id}", order="asc"):
    print(message)
"""


def thread(db: sqlite3.Connection, request: Request, place: Place) -> View:
    """Show a thread, its oldest messages first."""
    kind, row = _found(db, request.path_params["thread_id"])
    total, ours = db.execute(
        f"SELECT count(*), count(*) FILTER (WHERE origin = ?) FROM {kind.messages}"  # noqa: S608 - names of ours; what is given is bound
        f" WHERE {kind.parent} = ?",
        (TERRAFORM, row["seq"]),
    ).fetchone()
    follows = is_followed(request)
    # Who follows a thread sees what comes: its last page.
    chosen = part(str(total) if follows else request.query_params.get("page"), total, PAGE)
    rows = db.execute(
        f"SELECT * FROM {kind.messages} WHERE {kind.parent} = ? ORDER BY seq LIMIT ? OFFSET ?",  # noqa: S608 - names of ours; what is given is bound
        (row["seq"], PAGE, chosen.offset),
    ).fetchall()
    files = linked_files(db)
    answered = answered_by(db)
    path = f"/threads/{row['id']}"
    around = pages(chosen, path)
    program = _CONVERSATION if kind.name == "Conversation" else _THREAD
    body: list[Child] = [
        element("h1", kind.name, " ", element("code", row["id"])),
        facts(made_by(row["origin"]), age(row["created_at"]), _counts(total, ours)),
        pairs(row["metadata"]),
        _tool_resources(db, row, files),
        around,
        [shown_message(one, row["id"], files, longest=LONGEST, answered=answered) for one in rows],
        around,
        follow(path, follows=follows),
        None if total else nothing_yet("No messages yet", element("p", "An application adds them:")),
        element(
            "details",
            element("summary", "Read it from an application"),
            code(program.format(base_url=place.base_url, api_key=place.api_key, id=row["id"])),
            open=not total,
        ),
    ]
    return View(row["id"], "/", body, again=FOLLOW_SECONDS if follows else None)


def message(db: sqlite3.Connection, request: Request, _place: Place) -> View:
    """Show one message, however long."""
    kind, row = _found(db, request.path_params["thread_id"])
    wanted = request.path_params["message_id"]
    one = db.execute(
        f"SELECT * FROM {kind.messages} WHERE id = ? AND {kind.parent} = ?",  # noqa: S608 - names of ours; what is given is bound
        (wanted, row["seq"]),
    ).fetchone()
    if one is None:
        raise MissingError(f"{row['id']} has no message {wanted}. It may have been deleted.")
    (before,) = db.execute(
        f"SELECT count(*) FROM {kind.messages} WHERE {kind.parent} = ? AND seq < ?",  # noqa: S608 - names of ours; what is given is bound
        (row["seq"], one["seq"]),
    ).fetchone()
    number = before // PAGE + 1
    back = f"/threads/{row['id']}{f'?page={number}' if number > 1 else ''}#{one['id']}"
    body = [
        element("h1", "Message ", element("code", one["id"])),
        element("p", element("a", "In its thread", href=back)),
        shown_message(one, row["id"], linked_files(db), longest=None, answered=answered_by(db)),
    ]
    return View(one["id"], "/", body)


def _found(db: sqlite3.Connection, wanted: str) -> tuple[Tables, sqlite3.Row]:
    for kind in KINDS:
        row = db.execute(f"SELECT * FROM {kind.table} WHERE id = ?", (wanted,)).fetchone()  # noqa: S608 - names of ours; what is given is bound
        if row is not None:
            return kind, row
    raise MissingError(f"There is no thread {wanted} in this database. It may have been deleted.")


def _counts(total: int, ours: int) -> str:
    if not ours or ours == total:
        return counted(total, "message")
    return f"{counted(total, 'message')}: {ours:,} from Terraform, {total - ours:,} added later"


def _tool_resources(db: sqlite3.Connection, row: sqlite3.Row, files: Files) -> Html | None:
    """Link to what the tools of a thread on ``/threads`` use."""
    if "tool_resources" not in row.keys():  # noqa: SIM118 - a row has no `in`
        return None
    kept: dict[str, Any] = json.loads(row["tool_resources"])
    shown = [
        element("li", "code interpreter: ", files(one))
        for one in kept.get("code_interpreter", {}).get("file_ids", ())
    ]
    for store_id in kept.get("file_search", {}).get("vector_store_ids", ()):
        store = db.execute("SELECT name FROM vector_stores WHERE id = ?", (store_id,)).fetchone()
        if store is None:
            linked: Child = [element("code", store_id), " (not in this database)"]
        else:
            linked = element(
                "a", element("bdi", store["name"] or store_id), href=f"/vector_stores/{store_id}"
            )
        shown.append(element("li", "file search: ", linked))
    return element("ul", shown, class_="attachments", aria_label="Tool resources") if shown else None
