"""Answers that are odd as HTTP: read where they are right, never more than an error where they are not."""

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.faulty import KEY, Fault, Seen
from tests.support.openai_process import OpenaiProcess, answering, running

Json = dict[str, Any]
METADATA = {"a": "é"}


def http(head: str, body: bytes, status: str = "200 OK", *, length: int | None = None) -> bytes:
    length = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{head}\r\n".encode("latin-1") + body


def chunked(body: bytes, trailers: str = "") -> bytes:
    head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    return head.encode() + b"%x;a=b\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, trailers.encode())


def raw_deflate(body: bytes) -> bytes:
    return zlib.compress(body, wbits=-zlib.MAX_WBITS)


def right_ones(right: bytes) -> dict[str, bytes]:
    """The right answer, as servers and proxies may send it."""
    half = len(right) // 2
    members = gzip.compress(right[:half]) + gzip.compress(right[half:])
    date = "date: Fri, 31 Dec 99999 23:59:59 GMT\r\n"
    return {
        "early hints before": b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + http("", right),
        "to go on before": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + http("", right),
        "chunks with extensions and trailers": chunked(right, "retry-after: 9\r\nx-should-retry: false\r\n"),
        "gzip in two members": http("content-encoding: gzip\r\n", members),
        "gzip with padding": http("content-encoding: gzip\r\n", gzip.compress(right) + b"\0" * 9),
        "deflate without its header": http("content-encoding: deflate\r\n", raw_deflate(right)),
        "a byte order mark": http("", b"\xef\xbb\xbf" + right),
        "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\n" + right,
        "a header on two lines": http("x-a: b\r\n c\r\n", right),
        "a date that no clock has": http(date, right),
        "the key as account": http(f"openai-organization: {KEY}\r\nopenai-project: a{KEY}\r\n", right),
        "cookies": http(f"set-cookie: a={'x' * 4_000}\r\nset-cookie: b={KEY}\r\n", right),
    }


def wrong_ones(right: bytes) -> dict[str, bytes]:
    """What is wrong or can't be told from it."""
    return {
        "a length in characters": http("", right, length=len(right) - 1),
        "a length of more": http("", right, length=len(right) + 4),
        "two lengths": http("content-length: 3\r\n", right),
        "packed twice": http("content-encoding: gzip, gzip\r\n", gzip.compress(gzip.compress(right))),
        "said to be packed": http("content-encoding: gzip\r\n", right),
        "a number of 5,000 digits": http("", right[:-1] + b', "x": ' + b"9" * 5_000 + b"}"),
        "a time of 400 digits": http("", right[:-1] + b', "created_at": ' + b"9" * 400 + b"}"),
        "two ids, the last of another": http("", right[:-1] + b', "id": "conv_other"}'),
        "an id that only looks the same": http("", right.replace(b'"conv_', '"c\u043env_'.encode())),
        "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n",
        "events": http("content-type: text/event-stream\r\n", b"data: " + right + b"\n\n"),
        "nothing new": b"HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n",
        "a null in a header": http("x-a: a\0b\r\n", right),
        "the key as status": f"{KEY}\r\n\r\n".encode(),
        "the key as a header": f"HTTP/1.1 200 OK\r\n{KEY}\r\n\r\n".encode(),
        "the key as reason": http("", b"{}", f"500 {KEY}"),
        "the key as type, encoding and pause": http(
            f"content-type: {KEY}\r\ncontent-encoding: {KEY}\r\nretry-after: {KEY}\r\n", b"{}"
        ),
        "the key in the name of a host": http(f"location: https://{KEY}.example/{KEY}\r\n", b"", "302 X"),
        "the key in a user": http(f"location: https://{KEY}@example.com/\r\n", b"", "302 X"),
        "the key as request id": http(f"x-request-id: {KEY}\r\n", b"{}", "500 X"),
        "two pauses at once": http(
            "retry-after: 1\r\nretry-after: Fri, 31 Dec 2099 23:59:59 GMT\r\n", b"{}", "429 X"
        ),
    }


class Answers:
    """One thread whose reads are answered with what a test chooses."""

    def __init__(self) -> None:
        self.raw: bytes | None = None
        self.seen: list[Seen] = []

    def decide(self, seen: Seen, _: int) -> Fault | None:
        self.seen.append(seen)
        return Fault(then="raw", body=self.raw) if self.raw is not None and seen.method == "GET" else None


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers()


@pytest.fixture(scope="module")
def provider(answers: Answers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenaiProcess]:
    folder = tmp_path_factory.mktemp("http")
    with (
        answering(folder / "api.db", answers.decide) as server,
        running(folder, base_url=server.url, api_key=KEY, timeout=5, max_retries=0) as provider,
    ):
        yield provider


@pytest.fixture(scope="module")
def thread(provider: OpenaiProcess, answers: Answers) -> tuple[Json, bytes]:
    answers.raw = None
    made = provider.apply("openai_thread", None, provider.plan("openai_thread", {"metadata": METADATA}))
    assert made.state is not None, made
    return made.state, made.private


def right_answer(state: Json) -> bytes:
    shown = {"id": state["id"], "created_at": state["created_at"], "metadata": METADATA}
    return json.dumps(shown, ensure_ascii=False).encode()


@pytest.mark.parametrize("name", right_ones(b"{}"))
def test_a_right_answer_is_read_whatever_form_it_has(
    provider: OpenaiProcess, answers: Answers, thread: tuple[Json, bytes], name: str
) -> None:
    state, private = thread
    answers.raw = right_ones(right_answer(state))[name]
    read = provider.read("openai_thread", state, private)

    assert (read.state, read.errors, read.warnings) == (state, [], [])
    assert KEY.encode() not in read.private
    assert "cookie" not in answers.seen[-1].headers


@pytest.mark.parametrize("name", wrong_ones(b"{}"))
def test_a_wrong_answer_is_an_error_that_holds_no_secret(
    provider: OpenaiProcess, answers: Answers, thread: tuple[Json, bytes], name: str
) -> None:
    state, private = thread
    answers.raw = wrong_ones(right_answer(state))[name]
    read = provider.read("openai_thread", state, private)
    [said] = read.errors

    assert read.state == state
    assert KEY[5:15] not in said + repr(read.private)
    assert "bug" not in said


def test_a_file_is_made_by_a_server_whose_clock_is_in_no_year(
    provider: OpenaiProcess, answers: Answers
) -> None:
    answers.raw = http("date: Fri, 31 Dec 99999 23:59:59 GMT\r\n", b'{"data": [], "has_more": false}')
    planned = provider.plan("openai_file", {"content": "one", "filename": "a.txt"})
    made = provider.apply("openai_file", None, planned)

    assert made.errors == []
    assert made.state is not None
