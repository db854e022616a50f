"""A line for each request that was answered: when, what, with which status, how long. No text, no query."""

import sys
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST: Final = 200
"""Characters of a path that are shown, at most."""


class Logged:
    """Writes to stderr once an answer has ended, a stream's too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._read = sys.stderr is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and log it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = "broken off"

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            self._write(_line(scope, status, time.perf_counter() - began))

    def _write(self, line: str) -> None:
        if not self._read:
            return
        try:
            sys.stderr.write(line)
            sys.stderr.flush()
        except (OSError, ValueError):
            # Nobody reads it any more. The server goes on.
            self._read = False


def _line(scope: Scope, status: str, seconds: float) -> str:
    # As it was sent: percent-encoded, so that a path can't write a line of its own.
    path = scope.get("raw_path", b"").decode("ascii", "backslashreplace").partition("?")[0]
    shown = "".join(one if one.isprintable() else "?" for one in path[:LONGEST])
    return f"{time.strftime('%H:%M:%S')} {scope['method']} {shown} {status} {seconds * 1000:.0f} ms\n"
