"""What the HTTP library does not say of a connection by itself, or not at once.

That is what went out on it, what is left in it, and whether an idle one has something to say.
"""

import ssl
from collections.abc import Iterable, Sized
from contextlib import suppress
from typing import Any, Final

import httpx2
from httpcore2 import (
    SOCKET_OPTION,
    AsyncConnectionPool,
    AsyncNetworkBackend,
    AsyncNetworkStream,
    ConnectionNotAvailable,
    WriteError,
)

from provider_shim.system.poll import Arrivals

_SENT: Final = "openai_thread_sent"
"""Of a request's extensions: whether any of it went to the API itself."""
_BUFFER: Final = ("_stream", "_httpcore_stream", "_stream", "_connection", "_h11_state")
"""The way from a response's stream to what has read its connection; a test holds it."""
_AT_ONCE: Final = 64 * 1024
"""Bytes that wait for nothing more to come."""


async def watch_sending(request: httpx2.Request) -> None:
    """Note when a request itself is sent: before, a proxy is only asked for a way to the API."""
    request.extensions[_SENT] = False

    async def trace(event: str, info: dict[str, Any]) -> None:
        if event.endswith("send_request_headers.started") and info["request"].method != b"CONNECT":
            request.extensions[_SENT] = True

    request.extensions["trace"] = trace


def never_sent(request: httpx2.Request) -> bool:
    """Return whether nothing of a request was sent; False where that was not watched."""
    return not request.extensions.get(_SENT, True)


def watch_rest(response: httpx2.Response) -> None:
    """Make a connection know what is read ahead of its answer.

    It has to know before the answer ends: from then on another call may be sent on it. Some servers give a
    204 a body, or count characters as the length of a body instead of bytes.
    """
    buffer: Any = response.stream
    for name in _BUFFER:
        buffer = getattr(buffer, name, None)
    stream = response.extensions.get("network_stream")
    if buffer is not None and isinstance(stream, _Stream):
        stream.reader = buffer


def watch_connections(client: httpx2.AsyncClient) -> None:
    """Make a client's connections know what is left in them, and cost less.

    For each request the pool asks all its idle connections whether there is anything to read, and each
    gathers its addresses to find its socket: with many calls at once a fifth of what a call costs. And what
    is written waits until an answer is read, so that headers and body are sent at once: a twentieth.
    """
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001 - nobody else knows them
        pool = getattr(transport, "_pool", None)
        if isinstance(pool, AsyncConnectionPool):
            pool._network_backend = _Backend(pool._network_backend)  # noqa: SLF001 - as above


class _Backend(AsyncNetworkBackend):
    """Opens the pool's connections."""

    def __init__(self, backend: AsyncNetworkBackend) -> None:
        self._backend = backend

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        return _Stream(await self._backend.connect_tcp(host, port, timeout, local_address, socket_options))


class _Stream(AsyncNetworkStream):
    """A connection that sends headers and a small body at once, and knows what it has besides an answer.

    What comes behind an answer would be the next call's answer. It may wait in the system, in what decrypts,
    or in what takes answers apart: each reads as much as there is.
    """

    def __init__(self, stream: AsyncNetworkStream) -> None:
        self._stream = stream
        self._arrivals = Arrivals(stream.get_extra_info("socket"))
        self._unsent = b""
        self._ciphers, self._waiting = _held(getattr(stream, "_stream", None))
        self.reader: Any = None
        """What takes answers apart."""
        self._emptied = False
        """Whether nothing was left of what was read: it stays so until more is read."""
        self._waits = False
        """Whether the last request was answered, as far as is known."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - as above
        self._emptied = False
        self._waits = True
        if self._unsent:
            with suppress(
                WriteError
            ):  # as the library does: who refuses early may have answered all the same
                await self._send(timeout)
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as above
        if self._waits:
            self._waits = False
            if self.get_extra_info("is_readable"):
                # It ended after the pool had chosen it. Nothing was sent yet, so the pool takes another.
                raise ConnectionNotAvailable
        self._unsent += buffer
        if len(self._unsent) >= _AT_ONCE:
            await self._send(timeout)

    async def _send(self, timeout: float | None) -> None:  # noqa: ASYNC109 - as above
        unsent, self._unsent = self._unsent, b""
        await self._stream.write(unsent, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - as above
    ) -> AsyncNetworkStream:
        return _Stream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the library's
        if info == "is_readable":
            self._emptied = self._emptied or not self._is_left()
            return not self._emptied or self._arrivals.any()
        return self._stream.get_extra_info(info)

    def _is_left(self) -> bool:
        if self.reader is not None and self.reader.trailing_data[0]:
            return True
        return any(self._waiting) or any(each.pending for each in self._ciphers)


def _held(stream: Any) -> tuple[list[ssl.MemoryBIO], list[Sized]]:  # noqa: ANN401 - nobody else knows them
    """Return where what was read may wait: to be decrypted, once for each TLS within TLS, and as it came."""
    ciphers, waiting = [], []
    while stream is not None:
        if (cipher := getattr(stream, "_read_bio", None)) is not None:
            ciphers.append(cipher)
        if (protocol := getattr(stream, "_protocol", None)) is not None:
            waiting.append(protocol.read_queue)
        stream = getattr(stream, "transport_stream", None)
    return ciphers, waiting
