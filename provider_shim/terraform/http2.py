"""gRPC on one TLS connection: HTTP/2 by h2, calls of one message each way.

Own code instead of grpclib or grpcio, because either takes longer to import than all
the rest of a provider's start together, and a plan starts a provider three times.
Nothing here blocks: whoever holds the connection calls ``ready`` when the socket is.
"""

import ssl
from collections.abc import Callable
from typing import NamedTuple

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import H2Error
from h2.settings import SettingCodes

INVALID_ARGUMENT = 3
UNIMPLEMENTED = 12
INTERNAL = 13

_WINDOW = 2**24
"""Bytes that the peer may send ahead, for a stream and for the connection."""
_LARGEST = 2**28
"""Bytes of one message. Terraform itself takes no larger one."""
_AT_ONCE = 2**16
"""Bytes of one read, and of one write at most."""
_PREFIX = 5
"""Bytes before a gRPC message: whether it is compressed, and its length."""


class _Request:
    """A call that is still arriving."""

    __slots__ = ("data", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.data = bytearray()


class _Answer(NamedTuple):
    """What is left to send of an answer."""

    data: memoryview
    trailers: list[tuple[str, str]]


class Connection:
    """One client. ``call(stream, path, message)`` is told of each complete call."""

    def __init__(self, client: ssl.SSLSocket, call: Callable[["Connection", int, str, bytes], None]) -> None:
        """Take a socket that does not block and whose TLS handshake is still to come."""
        self._socket = client
        self._call = call
        self._http = H2Connection(H2Configuration(client_side=False, validate_outbound_headers=False))
        self._requests: dict[int, _Request] = {}
        self._answers: dict[int, _Answer] = {}
        self._out = bytearray()
        self._secured = False
        self.wants_to_write = False
        self.closed = False

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._socket.fileno()

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
                self._greet()
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
        framed = b"\0" + len(message).to_bytes(_PREFIX - 1) + message
        self._begin(stream, framed, [("grpc-status", "0")])

    def refuse(self, stream: int, status: int, reason: str) -> None:
        """End a call without a message. ``reason`` is plain ASCII."""
        self._begin(stream, b"", [("grpc-status", str(status)), ("grpc-message", reason)])

    def _greet(self) -> None:
        self._http.initiate_connection()
        self._http.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW})
        self._http.increment_flow_control_window(_WINDOW)
        self._send()

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
                for event in self._http.receive_data(data):
                    self._handle(event)
            except H2Error:
                self._send()  # says what was wrong
                self._flush()
                self.close()
                return
            self._send()

    def _handle(self, event: Event) -> None:
        match event:
            case RequestReceived(stream_id=stream, headers=headers):
                path = next((value for name, value in headers if name == b":path"), b"")
                self._requests[stream] = _Request(path.decode("ascii", "replace"))
            case DataReceived(stream_id=stream, data=data, flow_controlled_length=length):
                self._http.acknowledge_received_data(length, stream)
                request = self._requests.get(stream)
                if request is not None:
                    request.data += data
                    if len(request.data) > _LARGEST:
                        del self._requests[stream]
                        self.refuse(stream, INVALID_ARGUMENT, "message too large")
            case StreamEnded(stream_id=stream):
                self._complete(stream, self._requests.pop(stream, None))
            case StreamReset(stream_id=stream):
                self._requests.pop(stream, None)
                self._answers.pop(stream, None)
            case WindowUpdated():
                for stream in list(self._answers):
                    self._pump(stream)
            case ConnectionTerminated():
                self._flush()
                self.close()

    def _complete(self, stream: int, request: _Request | None) -> None:
        if request is None:
            return
        data = request.data
        if len(data) < _PREFIX or data[0] or len(data) - _PREFIX != int.from_bytes(data[1:_PREFIX]):
            self.refuse(stream, INVALID_ARGUMENT, "expected one message, not compressed")
            return
        self._call(self, stream, request.path, bytes(memoryview(data)[_PREFIX:]))

    def _begin(self, stream: int, data: bytes, trailers: list[tuple[str, str]]) -> None:
        if self.closed:
            return
        try:
            self._http.send_headers(stream, [(":status", "200"), ("content-type", "application/grpc")])
        except H2Error:  # the client does not want it any more
            return
        self._answers[stream] = _Answer(memoryview(data), trailers)
        self._pump(stream)
        self._send()

    def _pump(self, stream: int) -> None:
        """Send of an answer what the client's window takes."""
        data, trailers = self._answers[stream]
        try:
            while data:
                size = min(
                    self._http.local_flow_control_window(stream),
                    self._http.max_outbound_frame_size,
                    len(data),
                )
                if size <= 0:
                    self._answers[stream] = _Answer(data, trailers)
                    return
                self._http.send_data(stream, data[:size].tobytes())
                data = data[size:]
            self._http.send_headers(stream, trailers, end_stream=True)
        except H2Error:  # as above
            pass
        del self._answers[stream]

    def _send(self) -> None:
        self._out += self._http.data_to_send()

    def _flush(self) -> None:
        while self._out and not self.closed:
            del self._out[: self._socket.send(self._out[:_AT_ONCE])]
        self.wants_to_write = False
