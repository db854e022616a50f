"""Which address shows what, and what every answer of the page has in common."""

import sqlite3
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from provider_shim.local.page import assets
from provider_shim.local.page.files import file, files
from provider_shim.local.page.html import element
from provider_shim.local.page.layout import Place, View, document
from provider_shim.local.page.listing import threads
from provider_shim.local.page.reading import SECONDS, MissingError, Reader, took_too_long
from provider_shim.local.page.thread import message, thread
from provider_shim.local.page.vector_stores import vector_store, vector_stores

HEADERS: Final = {
    # No script at all, and nothing from anywhere else: what the texts hold can't do a thing.
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}

Show = Callable[[sqlite3.Connection, Request, Place], View]


def routes(database: Path, api: str) -> list[Route]:
    """Return the routes of the page for a database whose API is below the path `api`."""
    reader = Reader(database)
    table: dict[str, Show] = {
        "/": threads,
        "/threads/{thread_id}": thread,
        "/threads/{thread_id}/messages/{message_id}": message,
        "/vector_stores": vector_stores,
        "/vector_stores/{vector_store_id}": vector_store,
        "/files": files,
        "/files/{file_id}": file,
    }
    shown = [Route(path, _endpoint(reader, api, show)) for path, show in table.items()]
    return [*shown, Route(assets.PATH, assets.asset)]


def _endpoint(reader: Reader, api: str, show: Show) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        place = _place(reader.database, request, api)
        try:
            return await reader.read(lambda db: _answer(show(db, request, place), place))
        except MissingError as missing:
            view = _sorry("Not here", str(missing), HTTPStatus.NOT_FOUND)
        except sqlite3.OperationalError as error:
            if not took_too_long(error):
                raise
            text = f"Reading took longer than {SECONDS:.0f} s and was given up. Try again in a moment."
            view = _sorry("Too slow", text, HTTPStatus.SERVICE_UNAVAILABLE)
        return _answer(view, place)

    return endpoint


def _place(database: Path, request: Request, api: str) -> Place:
    # A key that let the browser in is one that a program needs too; it is not shown.
    key = "the server's key" if "authorization" in request.headers else "none"
    return Place(str(database), api, str(request.base_url).rstrip("/") + api, key)


def _answer(view: View, place: Place) -> Response:
    # A lone surrogate is no text that could be sent.
    content = document(view, place).encode(errors="replace")
    return Response(content, view.status, HEADERS, media_type="text/html")


def _sorry(title: str, text: str, status: int) -> View:
    back = element("p", element("a", "All threads", href="/"))
    return View(title, "", [element("h1", title), element("p", text, dir="auto"), back], status)
