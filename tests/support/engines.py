"""Engines to ask: small servers of ``/chat/completions`` as other projects have them, on real sockets."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from uvicorn import Config, Server

Chunks = Callable[[dict[str, Any]], AsyncIterator[dict[str, Any] | str]]


class ChatEngine:
    """Answers with the chunks that `chunks` makes of a request; remembers what it was asked."""

    def __init__(self, chunks: Chunks) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.finished = threading.Event()
        self._chunks = chunks
        self.app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/models", self._models),
            ]
        )

    async def _models(self, _request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": "small"}, {"id": "org/large"}]})

    async def _chat(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)
        self.keys.append(request.headers.get("authorization"))

        async def lines() -> AsyncIterator[str]:
            async for chunk in self._chunks(body):
                yield f"data: {chunk if isinstance(chunk, str) else json.dumps(chunk)}\n\n"
            self.finished.set()

        return StreamingResponse(lines(), media_type="text/event-stream")


def delta(**members: Any) -> dict[str, Any]:
    """Return a chunk with this delta."""
    return {"choices": [{"index": 0, "delta": members, "finish_reason": None}]}


def end(reason: str = "stop") -> dict[str, Any]:
    """Return the last chunk."""
    usage = {"prompt_tokens": 11, "completion_tokens": 7}
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}], "usage": usage}


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application; give its origin."""
    server = Server(Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
