"""An API of conversations that takes 20 ms for each answer and next to no CPU.

    python -m benchmarks.slow_api

Prints its port, and ends when its standard input does. Everything is kept in memory, without checks:
what is measured is who calls. ``GET /calls`` gives what was asked since the last such question:
``count``, ``seconds`` from the first request to the last answer, and ``at_once``, the mean number of
calls that were under way in that time.
"""

import asyncio
import itertools
import json
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

DELAY = 0.020


class Api:
    """The conversations, and how busy their server was."""

    def __init__(self) -> None:
        self._number = itertools.count()
        self._conversations: dict[str, dict[str, Any]] = {}
        self._items: dict[str, list[dict[str, Any]]] = {}
        self.spans: list[tuple[float, float]] = []

    def answer(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Do what a request asks; KeyError where there is no such conversation."""
        steps = path.partition("?")[0].strip("/").split("/")[2:]
        match method, steps:
            case "POST", []:
                return self._create(body)
            case "GET", [_, "items"]:
                return self._page(steps[0], newest="order=desc" in path)
            case "POST", [_, "items"]:
                new = [self._item(each) for each in body["items"]]
                self._items[steps[0]] += new
                return {"object": "list", "data": new, "has_more": False}
            case "DELETE", [_]:
                del self._conversations[steps[0]], self._items[steps[0]]
                return {"id": steps[0], "object": "conversation.deleted", "deleted": True}
            case _:
                return self._conversations[steps[0]]

    def calls(self) -> dict[str, float]:
        """Tell what was asked, and forget it."""
        spans, self.spans = self.spans, []
        if not spans:
            return {"count": 0, "seconds": 0.0, "at_once": 0.0}
        seconds = max(end for _, end in spans) - min(start for start, _ in spans)
        inside = sum(end - start for start, end in spans)
        return {"count": len(spans), "seconds": seconds, "at_once": inside / seconds}

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        identifier = f"conv_{next(self._number)}"
        self._conversations[identifier] = made = {
            "id": identifier,
            "object": "conversation",
            "created_at": 1_790_000_000,
            "metadata": body.get("metadata") or {},
        }
        self._items[identifier] = [self._item(each) for each in body.get("items") or ()]
        return made

    def _item(self, given: dict[str, Any]) -> dict[str, Any]:
        content = [{"type": "input_text", "text": given["content"]}]
        return {**given, "id": f"msg_{next(self._number)}", "status": "completed", "content": content}

    def _page(self, identifier: str, *, newest: bool) -> dict[str, Any]:
        items = self._items[identifier]
        return {"object": "list", "data": items[-1:] if newest else items, "has_more": False}


class Door(asyncio.Protocol):
    """One kept-alive HTTP/1.1 connection."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._in = bytearray()
        self._out: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note where answers go."""
        assert isinstance(transport, asyncio.Transport)
        self._out = transport

    def data_received(self, data: bytes) -> None:
        """Answer what has arrived whole, later."""
        self._in += data
        while (end := self._in.find(b"\r\n\r\n")) >= 0:
            lines = bytes(self._in[:end]).decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines[1:])
            whole = end + 4 + int(headers.get("content-length", 0))
            if len(self._in) < whole:
                return
            body = bytes(self._in[end + 4 : whole])
            del self._in[:whole]
            method, path, _ = lines[0].split(" ")
            if path == "/calls":
                self._say(200, self._api.calls())
            else:
                now = time.perf_counter()
                asyncio.get_running_loop().call_later(DELAY, self._answer, method, path, body, now)

    def _answer(self, method: str, path: str, body: bytes, started: float) -> None:
        try:
            self._say(200, self._api.answer(method, path, json.loads(body or b"{}")))
        except KeyError as absent:
            self._say(404, {"error": {"message": f"Conversation with id {absent} not found."}})
        self._api.spans.append((started, time.perf_counter()))

    def _say(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        head = f"HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        assert self._out is not None
        self._out.write(head.encode() + body)


async def serve(ready: Callable[[int], None]) -> None:
    """Serve until standard input ends."""
    api, loop = Api(), asyncio.get_running_loop()
    # With its protocol named: asyncio switches Nagle's algorithm off only then.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = await loop.create_server(lambda: Door(api), sock=listener, backlog=512)
    async with server:
        ready(listener.getsockname()[1])
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(lambda port: print(port, flush=True)))
