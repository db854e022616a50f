"""The embedded API on a loopback port, for a provider in another process.

Every request is kept, and held against OpenAI's document when the server ends.
"""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.database import Database, Peer
from tests.openapi import validate_request
from tests.provider_shim.api.faulty import Decide, Fault, Seen, faulty


class ServedApi:
    """The server: its address, what it was asked, and the fault to answer the next request with."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.base_url = ""
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
            path = each.path.split("?")[0].removeprefix("/v1")
            body = json.loads(each.body) if each.body and _is_json(each) else None
            if isinstance(self.database, Peer) and isinstance(body, dict) and body.get("metadata"):
                # A null takes a key out of a server that merges; OpenAI's document knows no nulls.
                body["metadata"] = {
                    key: value for key, value in body["metadata"].items() if value is not None
                }
            validate_request(each.method, path, body)


def _is_json(request: Seen) -> bool:
    return request.headers.get("content-type", "").startswith("application/json")


@contextmanager
def served(database: Database) -> Iterator[ServedApi]:
    """Serve a database until the block ends."""
    api = ServedApi(database)
    loop = asyncio.new_event_loop()
    started, ended = threading.Event(), asyncio.Event()

    async def serving() -> None:
        def decide(request: Seen, number: int) -> Fault | None:
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
