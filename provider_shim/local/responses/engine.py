"""Engines that are there already: any server of ``/chat/completions`` or ``/responses``.

    http://127.0.0.1:11434/v1                  its /chat/completions, the model that a request names
    http://127.0.0.1:11434/v1#llama3.2         the same, always with this model
    http://127.0.0.1:8000/v1/responses#qwen3   its /responses

What the application sees of a conversation stays here; the engine is sent all of it with each request.
"""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from provider_shim.contract.provider import is_loopback
from provider_shim.local.errors import NO_RETRY, SERVER_ERROR, ApiError
from provider_shim.local.responses import chat, passed_on
from provider_shim.local.responses.errors import ModelError
from provider_shim.local.responses.events import Decoder
from provider_shim.local.responses.pieces import Begun, Piece
from provider_shim.local.responses.turn import Turn

if TYPE_CHECKING:
    import httpx2

KEY: Final = "OPENAI_THREAD_ENGINE_KEY"
"""The environment variable with the engine's key, where it asks for one."""
CONNECT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 600

_CHAT: Final = "/chat/completions"
_RESPONSES: Final = "/responses"
_ERROR_BYTES: Final = 64 * 1024


def engine(url: str) -> "Engine":
    """Return the engine at a URL; raises `ModelError` for a URL that can't be one."""
    parts = urlsplit(url)
    if not parts.hostname or parts.query or "@" in parts.netloc:
        raise ModelError(
            f'The engine\'s URL is "{url}". Allowed: http or https, a host and a path, and the name of its '
            f"model behind a #. A key is taken from {KEY}."
        )
    key = os.environ.get(KEY) or None
    if key and parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ModelError(f"{KEY} would go to {parts.netloc} unencrypted. Give an https URL, or no key.")
    base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    for path in (_RESPONSES, _CHAT):
        if base.endswith(path):
            return Engine(base.removesuffix(path), path, parts.fragment or None, key)
    return Engine(base, _CHAT, parts.fragment or None, key)


class Engine:
    """Asks another server, and passes on what it answers as it comes."""

    def __init__(self, base: str, path: str, model: str | None, key: str | None) -> None:
        self.name = model or "engine"
        self.hosted_tools = path == _RESPONSES
        self._base = base
        self._path = path
        self._model = model
        self._key = key
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._client: tuple[asyncio.AbstractEventLoop, httpx2.AsyncClient] | None = None

    async def names(self) -> list[str]:
        """Return the engine's models, or the one that it is asked for."""
        if self._model is not None:
            return [self._model]
        async with self._asked("GET", "/models", None) as response:
            body = json.loads(await response.aread())
        listed = body.get("data", []) if isinstance(body, dict) else []
        return [str(one["id"]) for one in listed if isinstance(one, dict) and "id" in one]

    async def close(self) -> None:
        """Close the connections to the engine."""
        if self._client is not None:
            await self._client[1].aclose()
            self._client = None

    async def answer(self, turn: Turn) -> AsyncGenerator[Piece, None]:
        """Yield what the engine answers, as it comes."""
        api = passed_on if self.hosted_tools else chat
        body = await api.request(turn, self._model or turn.body["model"])
        async with self._asked("POST", self._path, body) as response:
            yield Begun()
            async for piece in api.pieces(self._data(response), turn):
                yield piece

    async def _data(self, response: "httpx2.Response") -> AsyncGenerator[dict[str, Any], None]:
        """Yield the JSON objects of a stream, or the one of an answer that is none."""
        decoder = Decoder()
        if response.headers.get("content-type", "").startswith("application/json"):
            yield self._object((await response.aread()).decode(errors="replace"))
            return
        async for line in response.aiter_lines():
            for data in decoder.feed([line]):
                if data == "[DONE]":
                    return
                yield self._object(data)

    def _object(self, data: str) -> dict[str, Any]:
        try:
            value = json.loads(data)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise self._failed(HTTPStatus.BAD_GATEWAY, f"answered what is no JSON object: {data[:80]!r}")
        if isinstance(value.get("error"), dict | str) and value["error"] and "object" not in value:
            raise self._failed(HTTPStatus.BAD_GATEWAY, f"failed: {_message(value)}")
        return value

    @asynccontextmanager
    async def _asked(
        self, method: str, path: str, body: dict[str, Any] | None
    ) -> AsyncIterator["httpx2.Response"]:
        import httpx2  # noqa: PLC0415 - only an engine needs it

        client = self._ready()
        try:
            async with client.stream(method, self._base + path, json=body, headers=self._headers) as response:
                if response.status_code != HTTPStatus.OK:
                    raise await self._refused(response)
                yield response
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise self._failed(
                HTTPStatus.BAD_GATEWAY, f"can't be reached ({error}). Start it, or name another"
            ) from error
        except httpx2.TimeoutException as error:
            raise self._failed(HTTPStatus.GATEWAY_TIMEOUT, f"sent nothing for {ANSWER_SECONDS} s") from error
        except httpx2.HTTPError as error:
            raise self._failed(HTTPStatus.BAD_GATEWAY, f"broke off ({error})") from error

    async def _refused(self, response: "httpx2.Response") -> ApiError:
        text = (await response.aread())[:_ERROR_BYTES].decode(errors="replace")
        try:
            said = _message(json.loads(text))
        except ValueError:
            said = " ".join(text.split())[:200]
        status = response.status_code
        known = status if status >= HTTPStatus.BAD_REQUEST else HTTPStatus.BAD_GATEWAY
        error = self._failed(known, f"answered {status}: {said or 'nothing'}")
        # What the engine says of a retry holds; without a word of it the SDK's own rules do.
        error.headers = {
            name: response.headers[name] for name in ("retry-after",) if name in response.headers
        }
        return error

    def _failed(self, status: int, what: str) -> ApiError:
        # An engine may repeat what it was sent.
        text = what.replace(self._key, "[key]") if self._key else what
        return ApiError(
            status,
            f"The engine at {self._base} {text}.",
            code="engine_failed",
            kind=SERVER_ERROR,
            headers=NO_RETRY,
        )

    def _ready(self) -> "httpx2.AsyncClient":
        import httpx2  # noqa: PLC0415 - as above

        loop = asyncio.get_running_loop()
        if self._client is None or self._client[0] is not loop:
            timeout = httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
            limits = httpx2.Limits(max_connections=None)
            local = is_loopback(urlsplit(self._base).hostname or "")
            # Proxy variables hold for everything but this machine.
            self._client = loop, httpx2.AsyncClient(timeout=timeout, limits=limits, trust_env=not local)
        return self._client[1]


def _message(body: object) -> str:
    error = body.get("error", body.get("detail", "")) if isinstance(body, dict) else body
    said = error.get("message", "") if isinstance(error, dict) else error
    return " ".join(str(said).split())[:500]
