"""Servers that differ: the embedded API behind manners that other servers have, or might have."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from provider_shim.contract.provider import EMBEDDED_ANSWER
from provider_shim.local.app import create_app
from tests.support.database import Database

_NO_COPY = ("content-length", "date", "server")


def as_it_is(text: str) -> str:
    return text


def tidied(text: str) -> str:
    """Return a text as a server keeps it that turns CRLF into LF and cuts blanks off."""
    return text.replace("\r\n", "\n").strip()


@dataclass
class Manners:
    """What a server does that OpenAI's does not. May be changed while it serves."""

    merges: bool = False
    """Whether an update of metadata leaves what it does not name, and takes null for: remove it."""
    added_on_create: Mapping[str, str] = field(default_factory=dict)
    """Pairs of metadata that the server adds to what it makes."""
    added_on_update: Mapping[str, str] = field(default_factory=dict)
    dropped_on_update: frozenset[str] = frozenset()
    """Keys of metadata that get lost in each update."""
    tidy: Callable[[str], str] = as_it_is
    """What it makes of texts, metadata and names."""
    lag: float = 0.0
    """Seconds in which what was made can't be found, by its id and in lists."""
    sure: bool = True
    """Whether its answers say that it is the embedded API, which can't lag behind itself."""
    account: tuple[str, str] = ("", "")
    """Organization and project that its answers tell; an empty one is not told."""
    hides: bool = False
    """Whether it finds nothing, as under another project's key."""


def hostile(database: Path, manners: Manners) -> Starlette:
    """Stand in front of the embedded API on a file."""
    inner = create_app(database)
    api = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=inner), base_url="http://api.localhost", trust_env=False
    )
    born: dict[str, float] = {}

    async def answer(request: Request) -> Response:
        steps = [step for step in request.url.path.split("/") if step][1:]
        headers = {
            name: value
            for name, value in request.headers.items()
            if name in ("content-type", "openai-beta", "x-openai-thread-client")
        }
        body = await request.body()

        async def ask(method: str, content: bytes = b"", query: str = request.url.query) -> httpx2.Response:
            path = request.url.path + (f"?{query}" if query else "")
            return await api.request(method, path, headers=headers, content=content)

        late = {each for each, at in born.items() if time.monotonic() - at < manners.lag}
        if (late & set(steps)) or (manners.hides and len(steps) > 1):
            return _not_found(steps, _told(manners))
        if request.method == "POST" and headers.get("content-type", "").startswith("application/json"):
            before = (await ask("GET", query="")).json() if len(steps) % 2 == 0 else None
            body = json.dumps(_received(json.loads(body or b"{}"), before, manners)).encode()
        answered = await ask(request.method, body)
        content = answered.content
        if request.method == "POST" and len(steps) % 2 and answered.is_success:
            born.update(dict.fromkeys(_ids(answered.json()), time.monotonic()))
        elif late and "data" in (listed := answered.json()):
            listed["data"] = [each for each in listed["data"] if each.get("id") not in late]
            content = json.dumps(listed).encode()
        told = {name: value for name, value in answered.headers.items() if name not in _NO_COPY}
        told.pop(EMBEDDED_ANSWER, None)
        return Response(content, answered.status_code, told | _told(manners))

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST", "DELETE"])])
    app.state.store = inner.state.store
    return app


def _received(body: dict[str, Any], before: dict[str, Any] | None, manners: Manners) -> dict[str, Any]:
    """Return what the server makes of a request; ``before`` is the object that it updates."""
    body = _tidied(body, manners.tidy)
    sent = body.get("metadata")
    if before is None:
        if manners.added_on_create and "items" not in body:
            body["metadata"] = {**(sent or {}), **manners.added_on_create}
        return body
    if sent is not None:
        known = before["metadata"] if manners.merges else {}
        merged = {**known, **sent, **manners.added_on_update}
        body["metadata"] = {
            key: value
            for key, value in merged.items()
            if value is not None and key not in manners.dropped_on_update
        }
    return body


def _tidied(value: Any, tidy: Callable[[str], str]) -> Any:
    """Tidy what people write: names, metadata and texts; ids and roles have no blanks anyway."""
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, dict):
        return {key: _tidied(each, tidy) for key, each in value.items()}
    return [_tidied(each, tidy) for each in value] if isinstance(value, list) else value


def _ids(made: dict[str, Any]) -> list[str]:
    objects = made["data"] if made.get("object") == "list" else [made]
    return [each["id"] for each in objects]


def _told(manners: Manners) -> dict[str, str]:
    """Return what each answer tells beside the object."""
    names = (EMBEDDED_ANSWER, "openai-organization", "openai-project")
    values = ("1" if manners.sure else "", *manners.account)
    return {name: value for name, value in zip(names, values, strict=True) if value}


def _not_found(steps: list[str], told: dict[str, str]) -> Response:
    noun = {"conversations": "Conversation", "threads": "Thread", "files": "File"}.get(
        steps[0], "Vector store"
    )
    if len(steps) > 3:
        noun = "Message" if steps[0] == "threads" else "Item"
    identifier = steps[-1] if len(steps) % 2 == 0 else steps[1]
    message = f"{noun} with id '{identifier}' not found."
    problem = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return Response(json.dumps({"error": problem}), 404, {"content-type": "application/json", **told})


class Mannered(Database):
    """The embedded API with other manners."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.manners = Manners()

    @property
    def behind(self) -> Path | str | Starlette:
        return hostile(self.path, self.manners)

    @property
    def takes_nulls(self) -> bool:
        return self.manners.merges

    def metadata(self, path: str) -> dict[str, str]:
        """Return what the API holds."""

        async def reading(client: Any) -> dict[str, str]:
            answer = await client.get(path, cast_to=dict[str, Any])
            return dict(answer["metadata"])

        return self.ask(reading)

    def write(self, path: str, **pairs: str) -> None:
        """Set all metadata, as an application does that has read it before."""
        self.ask(lambda client: client.post(path, body={"metadata": pairs}, cast_to=object))
