"""Our side of HTTP/2 against h2's, and against what no client says."""

import struct

import h2.config
import h2.connection
import h2.events
import h2.settings
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provider_shim.terraform.frames import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    ENHANCE_YOUR_CALM,
    HEADERS,
    MAX_FRAME_SIZE,
    PADDED,
    PING,
    PREFACE,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    WITH_PRIORITY,
    Broken,
    Headers,
    Http2,
    Http2Request,
)

HEAD = [(":method", "POST"), (":scheme", "https"), (":path", "/a/B"), (":authority", "localhost")]
TRAILERS: Headers = [("grpc-status", "0")]


class Peers:
    """h2 as the client, and the server that it talks to."""

    def __init__(self, window: int = 65_535) -> None:
        self.client = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.client.initiate_connection()
        self.client.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.server = Http2()
        self.exchange()

    def exchange(self) -> tuple[list[Http2Request], list[h2.events.Event]]:
        """Carry bytes both ways until nobody has any left."""
        requests: list[Http2Request] = []
        events: list[h2.events.Event] = []
        while True:
            sent, answered = self.client.data_to_send(), bytes(self.server.out)
            self.server.out.clear()
            if not sent and not answered:
                return requests, events
            requests += self.server.receive(sent)
            for event in self.client.receive_data(answered):
                events.append(event)
                if isinstance(event, h2.events.DataReceived) and event.flow_controlled_length:
                    self.client.acknowledge_received_data(event.flow_controlled_length, event.stream_id)

    def ask(self, body: bytes, padding: int | None = None) -> int:
        stream = self.client.get_next_available_stream_id()
        self.client.send_headers(stream, HEAD)
        while body:
            size = min(self.client.local_flow_control_window(stream), 16_000, len(body))
            self.client.send_data(stream, body[:size], pad_length=padding)
            body = body[size:]
            self.exchange()
        self.client.end_stream(stream)
        return stream


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">IBI", len(payload) << 8 | kind, flags, stream) + payload


def body_of(events: list[h2.events.Event]) -> bytes:
    return b"".join(each.data for each in events if isinstance(each, h2.events.DataReceived))


@settings(max_examples=30, deadline=None)
@given(size=st.integers(0, 200_000), padding=st.none() | st.integers(0, 200))
def test_a_request_arrives_whole(size: int, padding: int | None) -> None:
    peers = Peers()
    body = bytes(size)

    stream = peers.ask(body, padding)
    requests, _ = peers.exchange()

    assert requests == [Http2Request(stream, "/a/B", body)]


@settings(max_examples=30, deadline=None)
@given(size=st.integers(0, 300_000), window=st.integers(1_000, 100_000))
def test_an_answer_arrives_whole_through_any_window(size: int, window: int) -> None:
    peers = Peers(window)
    stream = peers.ask(b"q")
    peers.exchange()

    peers.server.send(stream, b"a" * size, TRAILERS)
    _, events = peers.exchange()

    assert body_of(events) == b"a" * size
    (trailers,) = (each for each in events if isinstance(each, h2.events.TrailersReceived))
    assert trailers.headers is not None
    assert [(str(name), str(value)) for name, value in trailers.headers] == TRAILERS
    assert any(isinstance(each, h2.events.StreamEnded) for each in events)


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 50_000), max_size=8), window=st.integers(1_000, 100_000))
def test_an_answer_in_parts_arrives_whole_and_ends_once(sizes: list[int], window: int) -> None:
    peers = Peers(window)
    stream = peers.ask(b"q")
    peers.exchange()
    seen: list[h2.events.Event] = []

    for number, size in enumerate(sizes):
        peers.server.send(stream, bytes([number]) * size)
        seen += peers.exchange()[1]
    before = [each for each in seen if isinstance(each, h2.events.StreamEnded)]
    assert before == []
    assert not sizes or peers.server.unsent(stream) == 0
    peers.server.send(stream, b"", TRAILERS)
    seen += peers.exchange()[1]

    assert body_of(seen) == b"".join(bytes([number]) * size for number, size in enumerate(sizes))
    assert [type(each) for each in seen].count(h2.events.ResponseReceived) == 1
    assert [type(each) for each in seen].count(h2.events.StreamEnded) == 1
    assert peers.server.unsent(stream) is None


def test_the_rest_of_an_answer_that_was_given_up_is_dropped() -> None:
    peers = Peers(window=1_000)
    stream = peers.ask(b"q")
    peers.exchange()
    peers.server.send(stream, bytes(50_000))
    held = peers.server.unsent(stream)
    peers.client.reset_stream(stream)
    peers.exchange()
    peers.server.send(stream, bytes(50_000))

    assert held is not None
    assert held > 48_000
    assert peers.server.unsent(stream) is None
    assert peers.exchange()[1] == []


def test_many_answers_share_one_window() -> None:
    peers = Peers()
    streams = [peers.ask(b"q") for _ in range(50)]
    peers.exchange()
    for stream in streams:
        peers.server.send(stream, bytes(10_000), TRAILERS)

    _, events = peers.exchange()

    ended = {each.stream_id for each in events if isinstance(each, h2.events.StreamEnded)}
    assert ended == set(streams)
    assert len(body_of(events)) == 50 * 10_000


def test_a_request_that_was_given_up_is_not_answered() -> None:
    peers = Peers()
    stream = peers.ask(b"q")
    peers.exchange()
    peers.client.reset_stream(stream)
    peers.exchange()

    peers.server.send(stream, b"late", TRAILERS)

    assert peers.server.out == b""


def test_headers_may_come_in_pieces_with_padding_and_priority() -> None:
    block = h2.connection.H2Connection().encoder.encode(HEAD)
    start = bytes([3]) + bytes(5) + block[:7] + bytes(3)
    server = Http2()

    requests = list(
        server.receive(
            PREFACE
            + frame(HEADERS, PADDED | WITH_PRIORITY | END_STREAM, 1, start)
            + frame(CONTINUATION, 0, 1, block[7:9])
            + frame(CONTINUATION, END_HEADERS, 1, block[9:])
        )
    )

    assert requests == [Http2Request(1, "/a/B", b"")]


def test_bytes_may_come_one_at_a_time() -> None:
    peers = Peers()
    stream = peers.client.get_next_available_stream_id()
    peers.client.send_headers(stream, HEAD)
    peers.client.send_data(stream, b"body", end_stream=True)

    requests = [each for byte in peers.client.data_to_send() for each in peers.server.receive(bytes([byte]))]

    assert requests == [Http2Request(stream, "/a/B", b"body")]


def test_a_ping_comes_back() -> None:
    server = Http2()
    server.out.clear()

    list(server.receive(PREFACE + frame(PING, 0, 0, b"12345678") + frame(PING, 1, 0, b"answered")))

    assert server.out == frame(PING, 1, 0, b"12345678")


def test_what_is_unknown_is_ignored() -> None:
    assert list(Http2().receive(PREFACE + frame(0x42, 0xFF, 7, b"?"))) == []


BLOCK = h2.connection.H2Connection().encoder.encode(HEAD)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        PREFACE + b"\xff\xff\xff" + bytes(6),
        PREFACE + frame(DATA, 0, 0),
        PREFACE + frame(DATA, 0, 1),
        PREFACE + frame(HEADERS, END_HEADERS, 2, BLOCK),
        PREFACE + frame(HEADERS, END_HEADERS, 3, BLOCK) + frame(HEADERS, END_HEADERS, 1, BLOCK),
        PREFACE + frame(HEADERS, 0, 1, BLOCK) + frame(PING, 0, 0, bytes(8)),
        PREFACE + frame(HEADERS, 0, 1, BLOCK) + frame(CONTINUATION, 0, 1, bytes(16_000)) * 5,
        PREFACE + frame(HEADERS, END_HEADERS, 1, b"\xff" * 20),
        PREFACE + frame(HEADERS, END_HEADERS | PADDED, 1, b"\xff"),
        PREFACE + frame(CONTINUATION, END_HEADERS, 1, BLOCK),
        PREFACE + frame(RST_STREAM, 0, 0, bytes(4)),
        PREFACE + frame(SETTINGS, 0, 1),
        PREFACE + frame(SETTINGS, 0, 0, b"12345"),
        PREFACE + frame(SETTINGS, 0, 0, struct.pack(">HI", MAX_FRAME_SIZE, 1)),
        PREFACE + frame(PUSH_PROMISE, 0, 1),
        PREFACE + frame(PING, 0, 0, b"short"),
        PREFACE + frame(WINDOW_UPDATE, 0, 0, bytes(4)),
        PREFACE + frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff"),
    ],
)
def test_who_breaks_the_rules_is_told_so(data: bytes) -> None:
    with pytest.raises(Broken):
        list(Http2().receive(data))


REQUEST = struct.pack(">I", 0) + bytes(2**14 - 4)


@pytest.mark.parametrize(
    ("begin", "one"),
    [
        (b"", frame(PING, 0, 0, bytes(8))),
        (b"", frame(SETTINGS, 0, 0)),
        (frame(HEADERS, END_HEADERS, 1, BLOCK), frame(DATA, 0, 1, REQUEST)),
    ],
    ids=["pings", "settings", "a body without an end"],
)
def test_a_client_that_sends_without_end_and_never_reads_is_dropped(begin: bytes, one: bytes) -> None:
    server = Http2()
    list(server.receive(PREFACE + begin))

    def send_on() -> None:
        for _ in range(20_000):
            list(server.receive(one))

    with pytest.raises(Broken) as broken:
        send_on()

    assert broken.value.code == ENHANCE_YOUR_CALM
    assert len(server.out) < 1_000_000


def test_bodies_that_are_given_up_hold_no_memory() -> None:
    server = Http2()
    list(server.receive(PREFACE))
    for stream in range(1, 4_001, 2):
        begun = frame(HEADERS, END_HEADERS, stream, BLOCK) + frame(DATA, 0, stream, REQUEST) * 12
        list(server.receive(begun + frame(RST_STREAM, 0, stream, bytes(4))))
        server.out.clear()

    assert not server.out


frames = st.builds(
    frame,
    st.integers(0, 10),
    st.sampled_from([0, END_STREAM, END_HEADERS, END_STREAM | END_HEADERS, PADDED | END_HEADERS, 0x25, 0xFF]),
    st.integers(0, 5),
    st.binary(max_size=20) | st.just(BLOCK),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(frames, max_size=12), st.binary(max_size=30))
def test_no_frames_are_worse_than_broken(sent: list[bytes], rest: bytes) -> None:
    server = Http2()
    try:
        for request in server.receive(PREFACE + b"".join(sent) + rest):
            server.send(request.stream, b"answer", TRAILERS)
    except Broken as broken:
        server.give_up(broken.code)

    assert server.out
