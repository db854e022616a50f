"""gRPC on one TLS connection: calls of one message, answered by one or by several.

Nothing here blocks: whoever holds the connection calls ``ready`` when the socket is.
"""

import ssl
from collections.abc import Callable

from provider_shim.terraform.frames import Broken, Http2, Http2Request

INVALID_ARGUMENT = 3
RESOURCE_EXHAUSTED = 8
UNIMPLEMENTED = 12
INTERNAL = 13

_AT_ONCE = 2**16
"""Bytes of one read, and of one write at most."""
_PREFIX = 5
"""Bytes before a gRPC message: whether it is compressed, and its length."""


_OK = [("grpc-status", "0")]


class GrpcConnection:
    """One client. ``call(connection, stream, path, message)`` is told of each complete call."""

    def __init__(
        self, client: ssl.SSLSocket, call: Callable[["GrpcConnection", int, str, bytes], None]
    ) -> None:
        """Take a socket that does not block and whose TLS handshake is still to come."""
        self._socket = client
        self.descriptor = client.fileno()
        self._call = call
        self._http = Http2()
        self._secured = False
        self.wants_to_write = False
        self.closed = False

    def close(self) -> None:
        """Drop the connection."""
        self.closed = True
        self._socket.close()

    def ready(self) -> None:
        """Read and write what can be without waiting. A client that breaks the rules is dropped."""
        try:
            if not self._secured:
                self._socket.do_handshake()
                self._secured = True
            self._receive()
            self._flush()
        except ssl.SSLWantReadError:
            self.wants_to_write = False
        except ssl.SSLWantWriteError:
            self.wants_to_write = True
        except OSError:  # TLS refused, or the client has gone
            self.close()

    def answer(self, stream: int, message: bytes) -> None:
        """End a call with its message."""
        self._http.send(stream, _framed(message), _OK)

    def part(self, stream: int, message: bytes) -> None:
        """Answer a call with one message of several."""
        self._http.send(stream, _framed(message))

    def end(self, stream: int) -> None:
        """End a call that was answered with several messages, or with none."""
        self._http.send(stream, b"", _OK)

    def unsent(self, stream: int) -> int | None:
        """Return how many bytes of an answer wait for the client; None if it does not want them any more."""
        return None if self.closed else self._http.unsent(stream)

    def refuse(self, stream: int, status: int, reason: str) -> None:
        """End a call without a message. ``reason`` is plain ASCII."""
        self._http.send(stream, b"", [("grpc-status", str(status)), ("grpc-message", reason)])

    def _receive(self) -> None:
        while not self.closed:
            try:
                data = self._socket.recv(_AT_ONCE)
            except ssl.SSLWantReadError:
                return
            if not data:
                self.close()
                return
            try:
                for request in self._http.receive(data):
                    self._complete(request)
            except Broken as broken:
                self._http.give_up(broken.code)
                self._flush()
                self.close()

    def _complete(self, request: Http2Request) -> None:
        body = request.body
        if len(body) < _PREFIX or body[0] or len(body) - _PREFIX != int.from_bytes(body[1:_PREFIX]):
            self.refuse(request.stream, INVALID_ARGUMENT, "expected one message, not compressed")
            return
        self._call(self, request.stream, request.path, body[_PREFIX:])

    def _flush(self) -> None:
        out = self._http.out
        while out and not self.closed:
            del out[: self._socket.send(out[:_AT_ONCE])]
        self.wants_to_write = False


def _framed(message: bytes) -> bytes:
    return b"\0" + len(message).to_bytes(_PREFIX - 1) + message
