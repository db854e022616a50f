"""HTTP/2 for a server of gRPC calls: RFC 9113 without what gRPC has no use for. Requests are taken whole.

Own code instead of h2, because importing that is a fifth of all that a start of the
provider costs, and a plan starts it three times. Header compression is hpack's. The one
client is Terraform, behind mutual TLS; whoever breaks the rules is told so and dropped.
No input or output here: bytes come in by ``receive`` and go out by ``out``.
"""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from hpack.exceptions import HPACKError
from hpack.hpack import Decoder, Encoder

Headers = list[tuple[str, str]]

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = (
    range(10)
)

END_STREAM, END_HEADERS, PADDED, WITH_PRIORITY = 0x1, 0x4, 0x8, 0x20
ACK = 0x1

PROTOCOL_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, REFUSED_STREAM, COMPRESSION_ERROR = 1, 3, 6, 7, 9
ENHANCE_YOUR_CALM = 11

HEADER_TABLE_SIZE, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE = 1, 3, 4, 5

_OF_A_STREAM: Final = (DATA, HEADERS, PRIORITY, RST_STREAM, CONTINUATION)
_OF_ALL: Final = (SETTINGS, PING, GOAWAY)

_HEADER = 9
"""Bytes before a frame's payload."""
_FRAME = 2**14
"""Bytes of a frame's payload, both ways, unless the client takes larger ones."""
_PRIORITY_SIZE = 5
_WINDOW = 2**24
"""Bytes that the client may send ahead, for a stream and for the connection."""
_DEFAULT_WINDOW = 2**16 - 1
_LARGEST_WINDOW = 2**31 - 1
_STREAMS = 1_000
"""Requests at a time: Terraform's ``-parallelism``, with room."""
_HEADER_BLOCK = 2**16
_BODY = 2**28
"""Bytes of all requests that are on their way in. Terraform takes no larger answers either."""
_TABLE = 4_096
_OWED = 10_000
"""Replies to pings, settings and refused requests that may wait for a client which does not read them."""


class Broken(Exception):  # noqa: N818 - says what the connection is
    """The client broke the rules: the connection can't go on."""

    def __init__(self, code: int) -> None:
        """Take the error code of RFC 9113, section 7."""
        super().__init__(f"HTTP/2 error {code}")
        self.code = code


class Http2Request(NamedTuple):
    """A request that has arrived whole."""

    stream: int
    path: str
    body: bytes


class _Stream:
    """A request on its way in, then its answer on its way out."""

    __slots__ = ("begun", "body", "path", "rest", "trailers", "whole", "window")

    def __init__(self, path: str, window: int) -> None:
        self.path = path
        self.body = bytearray()
        self.whole = False
        self.begun = False
        """Whether its answer has begun."""
        self.rest = bytearray()
        """What of the answer the client's windows have not taken yet."""
        self.trailers: Headers | None = None
        """None while more of the answer may come."""
        self.window = window


class Http2:
    """The server's side of one connection."""

    def __init__(self) -> None:
        self.out = bytearray()
        """What is to be sent to the client."""
        self._in = bytearray()
        self._greeted = False
        self._decoder = Decoder(_HEADER_BLOCK)
        self._encoder = Encoder()
        self._streams: dict[int, _Stream] = {}
        self._newest = 0
        self._held = 0
        """Bytes of the bodies of all requests that are not whole yet."""
        self._owed = 0
        self._block: tuple[int, int, bytearray] | None = None
        """Stream, flags and bytes of headers that go on in the next frame."""
        self._window = _DEFAULT_WINDOW
        self._stream_window = _DEFAULT_WINDOW
        self._frame = _FRAME
        settings = struct.pack(">HIHI", MAX_CONCURRENT_STREAMS, _STREAMS, INITIAL_WINDOW_SIZE, _WINDOW)
        self._put(SETTINGS, 0, 0, settings)
        self._grant(0, _WINDOW - _DEFAULT_WINDOW)

    def receive(self, data: bytes) -> Iterator[Http2Request]:
        """Take bytes of the client; yield every request that they complete.

        Raises:
            Broken: they break the rules.
        """
        self._in += data
        if not self.out:
            self._owed = 0
        if not self._greeted:
            if not PREFACE.startswith(bytes(self._in[: len(PREFACE)])):
                raise Broken(PROTOCOL_ERROR)
            if len(self._in) < len(PREFACE):
                return
            del self._in[: len(PREFACE)]
            self._greeted = True
        while len(self._in) >= _HEADER:
            size = int.from_bytes(self._in[:3])
            if size > _FRAME:
                raise Broken(FRAME_SIZE_ERROR)
            if len(self._in) < _HEADER + size:
                return
            kind, flags, stream = struct.unpack_from(">BBI", self._in, 3)
            payload = bytes(self._in[_HEADER : _HEADER + size])
            del self._in[: _HEADER + size]
            request = self._take(kind, flags, stream & _LARGEST_WINDOW, payload)
            if request is not None:
                yield request

    def send(self, stream: int, body: bytes, trailers: Headers | None = None) -> None:
        """Answer a request, in one part or several, of which the last has trailers.

        The client may have given the request up by now.
        """
        found = self._streams.get(stream)
        if found is None:
            return
        if not found.begun:
            headers = [(":status", "200"), ("content-type", "application/grpc")]
            self._put(HEADERS, END_HEADERS, stream, self._encoder.encode(headers))
            found.begun = True
        found.rest += body
        found.trailers = trailers
        self._pump(stream, found)

    def unsent(self, stream: int) -> int | None:
        """Return how many bytes of an answer are still here; None if nobody waits for it any more."""
        found = self._streams.get(stream)
        return None if found is None else len(found.rest) + len(self.out)

    def give_up(self, code: int) -> None:
        """Say that the connection ends, and why."""
        self._put(GOAWAY, 0, 0, struct.pack(">II", self._newest, code))

    # --- received -----------------------------------------------------------------------

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> Http2Request | None:
        if self._block is not None and (kind != CONTINUATION or stream != self._block[0]):
            raise Broken(PROTOCOL_ERROR)
        if (
            kind == PUSH_PROMISE
            or (kind in _OF_A_STREAM and stream == 0)
            or (kind in _OF_ALL and stream != 0)
        ):
            raise Broken(PROTOCOL_ERROR)
        if kind == DATA:
            return self._take_data(flags, stream, payload)
        if kind == HEADERS:
            payload = _unpadded(flags, payload)
            self._block = (stream, flags, bytearray())
            return self._take_headers(flags, payload[_PRIORITY_SIZE:] if flags & WITH_PRIORITY else payload)
        if kind == CONTINUATION:
            return self._take_headers(flags, payload)
        if kind == RST_STREAM:
            gone = self._streams.pop(stream, None)
            self._held -= len(gone.body) if gone is not None else 0
        elif kind == SETTINGS:
            self._take_settings(flags, payload)
        elif kind == PING:
            self._take_ping(flags, payload)
        elif kind == WINDOW_UPDATE:
            self._take_window(stream, payload)
        # PRIORITY says nothing to us, GOAWAY that no more will come, and what is unknown is ignored.
        return None

    def _take_ping(self, flags: int, payload: bytes) -> None:
        if len(payload) != 8:  # noqa: PLR2004 - RFC 9113, section 6.7
            raise Broken(FRAME_SIZE_ERROR)
        if not flags & ACK:
            self._reply(PING, ACK, 0, payload)

    def _take_data(self, flags: int, stream: int, payload: bytes) -> Http2Request | None:
        if payload:
            self._grant(0, len(payload))
        found = self._streams.get(stream)
        if found is None or found.whole:
            if stream > self._newest:
                raise Broken(PROTOCOL_ERROR)
            return None  # reset or refused, which the client does not know yet
        data = _unpadded(flags, payload)
        found.body += data
        self._held += len(data)
        if self._held > _BODY:
            raise Broken(ENHANCE_YOUR_CALM)
        if flags & END_STREAM:
            return self._whole(stream, found)
        if payload:
            self._grant(stream, len(payload))
        return None

    def _take_headers(self, flags: int, payload: bytes) -> Http2Request | None:
        if self._block is None:
            raise Broken(PROTOCOL_ERROR)
        stream, first_flags, block = self._block
        block += payload
        if len(block) > _HEADER_BLOCK:
            raise Broken(PROTOCOL_ERROR)
        if not flags & END_HEADERS:
            return None
        self._block = None
        try:
            headers = dict(self._decoder.decode(bytes(block), raw=True))
        except (HPACKError, ValueError) as problem:
            raise Broken(COMPRESSION_ERROR) from problem
        found = self._streams.get(stream)
        if found is None:
            if stream <= self._newest or stream % 2 == 0:
                raise Broken(PROTOCOL_ERROR)
            self._newest = stream
            if len(self._streams) >= _STREAMS:
                self._reply(RST_STREAM, 0, stream, struct.pack(">I", REFUSED_STREAM))
                return None
            path = bytes(headers.get(b":path", b"")).decode("ascii", "replace")
            found = self._streams[stream] = _Stream(path, self._stream_window)
        if first_flags & END_STREAM and not found.whole:
            return self._whole(stream, found)
        return None

    def _whole(self, stream: int, found: _Stream) -> Http2Request:
        found.whole = True
        self._held -= len(found.body)
        body, found.body = bytes(found.body), bytearray()
        return Http2Request(stream, found.path, body)

    def _take_settings(self, flags: int, payload: bytes) -> None:
        if flags & ACK:
            return
        if len(payload) % 6:
            raise Broken(FRAME_SIZE_ERROR)
        for name, value in struct.iter_unpack(">HI", payload):
            if name == HEADER_TABLE_SIZE:
                self._encoder.header_table_size = min(value, _TABLE)
            elif name == INITIAL_WINDOW_SIZE:
                if value > _LARGEST_WINDOW:
                    raise Broken(FLOW_CONTROL_ERROR)
                for found in self._streams.values():
                    found.window += value - self._stream_window
                self._stream_window = value
            elif name == MAX_FRAME_SIZE:
                if not _FRAME <= value < 2**24:
                    raise Broken(PROTOCOL_ERROR)
                self._frame = value
        self._reply(SETTINGS, ACK, 0, b"")
        self._pump_all()

    def _take_window(self, stream: int, payload: bytes) -> None:
        if len(payload) != 4:  # noqa: PLR2004 - RFC 9113, section 6.9
            raise Broken(FRAME_SIZE_ERROR)
        more = int.from_bytes(payload) & _LARGEST_WINDOW
        found = self._streams.get(stream)
        if stream == 0:
            self._window += more
        elif found is not None:
            found.window += more
        if more == 0 or max(self._window, found.window if found else 0) > _LARGEST_WINDOW:
            raise Broken(FLOW_CONTROL_ERROR)
        self._pump_all()

    # --- sent ---------------------------------------------------------------------------

    def _pump_all(self) -> None:
        for stream, found in list(self._streams.items()):
            if found.begun:
                self._pump(stream, found)

    def _pump(self, stream: int, found: _Stream) -> None:
        """Send of an answer what the client's windows take."""
        while found.rest:
            size = min(len(found.rest), found.window, self._window, self._frame)
            if size <= 0:
                return
            self._put(DATA, 0, stream, bytes(found.rest[:size]))
            found.window -= size
            self._window -= size
            del found.rest[:size]
        if found.trailers is None:
            return
        self._put(HEADERS, END_HEADERS | END_STREAM, stream, self._encoder.encode(found.trailers))
        del self._streams[stream]

    def _grant(self, stream: int, size: int) -> None:
        self._put(WINDOW_UPDATE, 0, stream, struct.pack(">I", size))

    def _reply(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        """Send what the client can ask for at no cost, unless it asks on and never reads."""
        self._owed += 1
        if self._owed > _OWED:
            raise Broken(ENHANCE_YOUR_CALM)
        self._put(kind, flags, stream, payload)

    def _put(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        self.out += struct.pack(">IBI", len(payload) << 8 | kind, flags, stream) + payload


def _unpadded(flags: int, payload: bytes) -> bytes:
    if not flags & PADDED:
        return payload
    if not payload or payload[0] >= len(payload):
        raise Broken(PROTOCOL_ERROR)
    return payload[1 : len(payload) - payload[0]]
