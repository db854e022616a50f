"""The embedded API on a loopback port, for a provider in another process.

Every request is kept, and held against OpenAI's document when the server ends.
"""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from typing import Any

from tests.support.database import Database
from tests.support.faulty import Decide, Fault, Seen, faulty
from tests.support.openapi import validate_request


class ServedApi:
    """The server: its address, what it was asked, and the fault to answer the next request with."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.base_url = ""
        self.prefix = "/v1"
        """Where the API begins."""
        self.seen: list[Seen] = []
        self.decide: Decide = lambda _request, _number: None

    def fail(self, method: str, end: str, fault: Fault, *, after: int = 0) -> None:
        """Answer with this fault whatever matches, once ``after`` such requests were served."""
        passed = 0

        def decide(request: Seen, _number: int) -> Fault | None:
            nonlocal passed
            if request.method != method or not request.path.split("?")[0].endswith(end):
                return None
            passed += 1
            return fault if passed > after else None

        self.decide = decide

    def heal(self) -> None:
        """Answer everything again."""
        self.decide = lambda _request, _number: None

    def check(self) -> None:
        """Hold every request against OpenAI's document."""
        for each in self.seen:
            path = each.path.split("?")[0].removeprefix(self.prefix)
            body = json.loads(each.body) if each.body and _is_json(each) else _fields(each)
            if self.database.takes_nulls and isinstance(body, dict) and body.get("metadata"):
                # A null takes a key out of a server that merges; OpenAI's document knows no nulls.
                body["metadata"] = {
                    key: value for key, value in body["metadata"].items() if value is not None
                }
            validate_request(each.method, path, body)


def _is_json(request: Seen) -> bool:
    return request.headers.get("content-type", "").startswith("application/json")


def _fields(request: Seen) -> dict[str, Any] | None:
    """Return the object that the fields of a multipart request make."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return None
    message = message_from_bytes(f"content-type: {kind}\r\n\r\n".encode() + request.body)
    made: dict[str, Any] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            continue
        text = str(part.get_payload()) if part.get_filename() is None else "content"
        outer, _, inner = name.rstrip("]").partition("[")
        if inner:
            made.setdefault(outer, {})[inner] = int(text) if text.isdigit() else text
        else:
            made[outer] = text
    return made


@contextmanager
def served(database: Database) -> Iterator[ServedApi]:
    """Serve a database until the block ends."""
    api = ServedApi(database)
    loop = asyncio.new_event_loop()
    started, ended = threading.Event(), asyncio.Event()

    async def serving() -> None:
        def decide(request: Seen, number: int) -> Fault | None:
            server.prefix = api.prefix
            return api.decide(request, number)  # whatever it is by then

        async with faulty(database.behind, decide) as server:
            api.seen = server.seen
            api.base_url = server.url
            started.set()
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serving(),), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield api
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
        loop.close()
    api.check()
