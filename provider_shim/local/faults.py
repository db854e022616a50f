"""Faults on request: what a server that is being tested against does to the next requests."""

import asyncio
import threading
from collections import deque
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provider_shim.local.answers import refusal
from provider_shim.local.errors import INVALID_REQUEST, SERVER_ERROR, ApiError

_PREFIX: Final = "/v1"


@dataclass
class Seen:
    """A request that came in."""

    method: str
    path: str
    """Below ``/v1``, without the query: ``/conversations/conv_…/items``."""
    status: int | None = None
    """What was answered; None where the connection was dropped, or is not answered yet."""
    headers: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Fault:
    """What happens to a request that it fits; `error` None drops the connection."""

    error: ApiError | None
    method: str | None
    path: str | None
    carried_out: bool

    def fits(self, seen: Seen) -> bool:
        """Return whether a request is meant."""
        return (self.method is None or self.method.upper() == seen.method) and (
            self.path is None or fnmatchcase(seen.path, self.path)
        )


class Faults:
    """What is to go wrong, for an application that is wrapped by `around`."""

    def __init__(self) -> None:
        self.latency = 0.0
        """Seconds that each answer waits."""
        self.requests: list[Seen] = []
        """All that came in, oldest first."""
        self._next: deque[Fault] = deque()
        self._lock = threading.Lock()

    def fail_next(  # noqa: PLR0913 - which requests, and what they are answered
        self,
        status: int,
        *,
        message: str | None = None,
        code: str | None = None,
        retry_after: float | None = None,
        times: int = 1,
        method: str | None = None,
        path: str | None = None,
        carried_out: bool = False,
    ) -> None:
        """Answer the next requests with an error.

        Args:
            status: From 400 to 599.
            message: The error's text. Default: the status in words.
            code: The error's code. Default: what OpenAI has for 429, else none.
            retry_after: The seconds in the header ``Retry-After``. Default: no header.
            times: How many requests. Default: one.
            method: Only those with this method.
            path: Only those with this path below ``/v1``; ``*`` stands for anything, as in
                ``/conversations/*/items``.
            carried_out: Do what was asked, and lose the answer. Default: do nothing.
        """
        if not HTTPStatus.BAD_REQUEST <= status <= 599:  # noqa: PLR2004 - the last there is
            raise ValueError(f"status is {status}. Allowed: 400 to 599.")
        limited = status == HTTPStatus.TOO_MANY_REQUESTS
        kind = INVALID_REQUEST if status < HTTPStatus.INTERNAL_SERVER_ERROR else SERVER_ERROR
        error = ApiError(
            status,
            message or f"{_phrase(status)}, as the test asked for.",
            code=code or ("rate_limit_exceeded" if limited else None),
            kind="requests" if limited else kind,
            headers={} if retry_after is None else {"retry-after": f"{retry_after:g}"},
        )
        self._add(Fault(error, method, path, carried_out), times)

    def drop_next(
        self,
        *,
        times: int = 1,
        method: str | None = None,
        path: str | None = None,
        carried_out: bool = False,
    ) -> None:
        """Close the connections of the next requests without an answer; arguments as `fail_next`."""
        self._add(Fault(None, method, path, carried_out), times)

    def heal(self) -> None:
        """Let everything go well from now on."""
        with self._lock:
            self._next.clear()
            self.latency = 0.0

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return the application with these faults."""

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            await self._answer(app, scope, receive, send)

        return wrapped

    def _add(self, fault: Fault, times: int) -> None:
        with self._lock:
            self._next.extend([fault] * times)

    def _taken(self, seen: Seen) -> Fault | None:
        with self._lock:
            self.requests.append(seen)
            found = next((fault for fault in self._next if fault.fits(seen)), None)
            if found is not None:
                self._next.remove(found)
            return found

    async def _answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        seen = Seen(scope["method"], scope["path"].removeprefix(_PREFIX), headers=headers)
        fault = self._taken(seen)
        if self.latency:
            await asyncio.sleep(self.latency)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
            await send(message)

        if fault is None:
            await app(scope, receive, sending)
            return
        if fault.carried_out:
            await app(scope, receive, _nowhere)
        if fault.error is None:
            await _drop(receive, send)
            return
        if not fault.carried_out:
            await _read(receive)
        await refusal(fault.error)(scope, receive, sending)


async def _nowhere(_message: Message) -> None:
    """Take an answer that nobody gets."""


async def _read(receive: Receive) -> None:
    """Take the request's body: a connection that is closed on unread bytes is reset."""
    message = await receive()
    while message["type"] == "http.request" and message.get("more_body"):
        message = await receive()


async def _drop(receive: Receive, send: Send) -> None:
    # The bound method of uvicorn's own request, which knows the connection.
    transport = getattr(send, "__self__").transport  # noqa: B009 - no attribute of a callable
    transport.abort()
    # Until the server knows: an application that ends without an answer would be answered for.
    while (await receive())["type"] != "http.disconnect":
        pass


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Error {status}"
