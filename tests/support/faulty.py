"""A loopback server in front of the embedded API that loses answers, redirects, refuses and hangs."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx2
from starlette.applications import Starlette

from provider_shim.api.client import Client
from provider_shim.api.settings import Settings
from provider_shim.local.app import create_app

KEY = "sk-canary-0123456789"


@dataclass(frozen=True)
class Fault:
    """What happens to a request: does it reach the API, and what does the caller see?"""

    commit: bool = False
    then: Literal["answer", "reset", "hang", "late", "raw"] = "answer"
    """``late``: the API's own answer, after ``seconds``; the API has done its work at once, or just then.
    ``raw``: the body as it is, whatever it says, in place of an HTTP answer."""
    seconds: float = 0.0
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    change: Callable[[Any], Any] | None = None
    """Makes the body of what the API really answered, where it has done its work and that is JSON."""
    body: str | bytes = '{"error": {"message": "The server had an error", "type": "server_error"}}'


@dataclass(frozen=True)
class Seen:
    """A request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Decide = Callable[[Seen, int], Fault | None]


class FaultyServer:
    """Asks ``decide`` about each request, given with its number from 0.

    Behind it: the embedded API on a file, another application, or a server at an origin.
    """

    def __init__(self, back: Path | Starlette | str, decide: Decide) -> None:
        self.seen: list[Seen] = []
        self.url = ""
        self.prefix = "/v1"
        """Where the API begins; behind the server it is always /v1."""
        self._decide = decide
        self.callers: set[asyncio.StreamWriter] = set()
        """Who is connected now."""
        self._origin = back if isinstance(back, str) else "http://api.localhost"
        app: Any = create_app(back) if isinstance(back, Path) else back
        self._app = app
        transport = None if isinstance(back, str) else httpx2.ASGITransport(app=app)
        self._api = httpx2.AsyncClient(transport=transport, trust_env=False)

    def posts(self, end: str) -> int:
        return sum(each.method == "POST" and each.path.split("?")[0].endswith(end) for each in self.seen)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and let go of the connection."""
        self.callers.add(writer)
        try:
            await self._answer(reader, writer)
        finally:
            self.callers.discard(writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, path, _ = head[0].split(" ")
            headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            request = Seen(method, path, headers, body)
            self.seen.append(request)
            fault = self._decide(request, len(self.seen) - 1)
            if fault is not None and fault.then == "late" and not fault.commit:
                await asyncio.sleep(fault.seconds)
            if fault is None or fault.commit or fault.then == "late":
                kept = {k: v for k, v in headers.items() if k in ("content-type", "openai-beta")}
                there = "/v1" + path.removeprefix(self.prefix)
                real = await self._api.request(method, f"{self._origin}{there}", headers=kept, content=body)
                status, back, content = real.status_code, dict(real.headers), real.content
            if fault is not None and fault.then == "late":
                await asyncio.sleep(fault.seconds if fault.commit else 0)
            elif fault is not None:
                if fault.then == "hang":
                    await reader.read()  # until the caller gives up
                    return
                if fault.then == "reset":
                    writer.transport.abort()
                    return
                if fault.change is not None and fault.commit and content:
                    content = json.dumps(fault.change(json.loads(content))).encode()
                else:
                    content = fault.body.encode() if isinstance(fault.body, str) else fault.body
                if fault.then == "raw":
                    writer.write(content)
                    await writer.drain()
                    return
                status = fault.status
                back = {"content-type": "application/json", **fault.headers}
            back.pop("content-length", None)
            lines = [f"{name}: {value}" for name, value in back.items()]
            lines += [f"content-length: {len(content)}", "connection: close", "", ""]
            writer.write(f"HTTP/1.1 {status} X\r\n".encode() + "\r\n".join(lines).encode() + content)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the caller has gone
        finally:
            writer.close()

    async def close(self) -> None:
        for each in self.callers:  # who hangs or drips would outlive the loop
            each.transport.abort()
        await asyncio.sleep(0)
        await self._api.aclose()
        if not isinstance(self._app, str) and hasattr(self._app.state, "store"):
            self._app.state.store.close()


@asynccontextmanager
async def faulty(back: Path | Starlette | str, decide: Decide) -> AsyncIterator[FaultyServer]:
    """Stand in front of the embedded API on a file, or of another application."""
    faults = FaultyServer(back, decide)
    server = await asyncio.start_server(faults.answer, "127.0.0.1", 0)
    faults.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield faults
    finally:
        server.close()
        await faults.close()


@asynccontextmanager
async def client(url: str, *, timeout: float = 5, max_retries: int = 4) -> AsyncIterator[Client]:  # noqa: ASYNC109 - the setting
    made = Client(Settings(base_url=url, api_key=KEY, timeout=timeout, max_retries=max_retries))
    try:
        yield made
    finally:
        await made.close()


def message(content: str, role: str = "user") -> dict[str, object]:
    return {"role": role, "content": content, "metadata": None, "attachments": []}
