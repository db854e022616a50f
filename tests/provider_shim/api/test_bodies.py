"""What a body may take: measured, and which it may be."""

import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable

import pytest

from provider_shim.api.bodies import LONGEST_BODY, MIB, MOST_MEMORY, MOST_TEXT, SMALL, Body, received

LONGEST_TEXT = 10_485_760
"""Characters of a text of a message, in OpenAI's document."""
BESIDE = 8 * MIB
"""What reading takes besides: chunks on their way, and small bodies that are read at the same time."""


async def chunks_of(content: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]
        await asyncio.sleep(0)


def read(content: bytes, encoding: str = "") -> Body:
    return asyncio.run(received(encoding, chunks_of(content), asyncio.Lock()))


def text_of(content: str | bytes) -> bytes:
    return b'{"id":"' + (content.encode() if isinstance(content, str) else content) + b'"}'


HOSTILE: dict[str, Callable[[], bytes]] = {
    "one text": lambda: text_of(b"x" * (47 * MIB)),
    "more than may come": lambda: text_of(b"x" * LONGEST_BODY),
    "more than may be held": lambda: text_of(b"x" * (50 * MIB)),
    "one wide character": lambda: text_of("\U0001f600" + "x" * (11 * MIB)),
    "one wide character in a long text": lambda: text_of("\U0001f600" + "x" * (40 * MIB)),
    "one wide character, escaped": lambda: text_of(b"\\ud83d\\ude00" + b"x" * (15 * MIB)),
    "one wide character, escaped, in a long text": lambda: text_of(b"\\ud83d\\ude00" + b"x" * (40 * MIB)),
    "other escapes": lambda: text_of(b"\\n" + b"x" * (40 * MIB)),
    "no number": lambda: b"0" * (47 * MIB),
    "no UTF-8 at its end": lambda: text_of(b"x" * (40 * MIB) + b"\x80"),
    "lists without commas": lambda: b"[" + (b"[" * 30 + b"]" * 30 + b",") * 3_000 + b"0]",
    "many objects": lambda: b"[" + b"{}," * 250_000 + b"0]",
    "few objects of many": lambda: b"[" + b'{"a":{}},' * 50_000 + b"0]",
    "different keys": lambda: b"{" + b",".join(b'"%x":"%x"' % (n, n) for n in range(100_000)) + b"}",
}


async def all_read(content: bytes, at_once: int) -> None:
    turn = asyncio.Lock()

    async def one() -> None:
        encoding = "gzip" if at_once == 1 else ""
        await received(encoding, chunks_of(gzip.compress(content, 1) if encoding else content), turn)

    await asyncio.gather(*(one() for _ in range(at_once)))


@pytest.mark.parametrize(("name", "at_once"), [*((each, 1) for each in HOSTILE), ("one wide character", 3)])
def test_no_body_takes_more_memory_than_it_may_nor_do_several_at_once(name: str, at_once: int) -> None:
    content = HOSTILE[name]()
    tracemalloc.start()
    try:
        asyncio.run(all_read(content, at_once))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < MOST_MEMORY + BESIDE


@pytest.mark.parametrize("character", ["語", "\U0001f600"])
def test_the_longest_text_that_a_message_may_have_is_read(character: str) -> None:
    body = read(text_of(character * LONGEST_TEXT))

    assert body.wrong == ""
    assert body.value == {"id": character * LONGEST_TEXT}


def test_commas_and_brackets_in_texts_are_no_values() -> None:
    text = '[{,"' * 1_000_000

    assert read(json.dumps({"id": text}).encode()).value == {"id": text}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b" " * (LONGEST_BODY + 1), "takes more than 96 MiB of memory"),
        ("語".encode() * (LONGEST_BODY // 3 + 1), "is larger than 64 MiB"),
        (b"[" + b"0," * 1_000_000 + b"0]", "takes more than 96 MiB of memory"),
        (text_of("\U0001f600" + "x" * (MOST_TEXT // 4)), "takes more than 96 MiB of memory"),
    ],
)
def test_what_is_larger_says_so(content: bytes, said: str) -> None:
    body = read(content)

    assert body.wrong == said
    assert body.too_large
    assert body.value is None


def test_a_body_is_read_whatever_its_chunks_are() -> None:
    content = b"\xef\xbb\xbf" + '{"é":"語\U0001f600"}'.encode()

    async def run(encoding: str, sent: bytes, size: int) -> Body:
        return await received(encoding, chunks_of(sent, size), asyncio.Lock())

    for size in (1, 2, 3, 5, 100):
        for encoding, sent in (
            ("", content),
            ("identity", content),
            (" GZIP ", gzip.compress(content)),
            ("gzip", gzip.compress(content[:9]) + gzip.compress(content[9:]) + b"\0\0"),
            ("deflate", zlib.compress(content)),
            ("deflate", zlib.compress(content, wbits=-15)),
        ):
            body = asyncio.run(run(encoding, sent, size))
            assert (body.value, body.beginning, body.size) == (
                {"é": "語\U0001f600"},
                content,
                len(content),
            )


@pytest.mark.parametrize(
    ("content", "encoding", "wrong"),
    [
        (b"{}", "br", "is packed as 'br', which was not asked for"),
        (b"{}", "gzip", "can't be unpacked"),
        (gzip.compress(b'{"a": 1}', mtime=0)[:-9], "gzip", "ends too early"),
        (gzip.compress(b'{"a"', mtime=0) + gzip.compress(b": 1}", mtime=0)[:-9], "gzip", "ends too early"),
        (b"{}", "deflate", "ends too early"),
        (zlib.compress(b"{}", wbits=-15), "gzip", "can't be unpacked"),
        (b"", "gzip", ""),
        (b"", "", ""),
        (b"{", "", ""),
        (b"\xff{}", "", ""),
        (b'{"a": "\xe2\x82', "", ""),
        (b"NaN", "", ""),
        (b"1e999", "", ""),
        (b"[" * 101 + b"]" * 101, "", "is nested more than 100 levels deep"),
    ],
)
def test_a_body_that_is_no_json_has_no_value(content: bytes, encoding: str, wrong: str) -> None:
    body = read(content, encoding)

    assert body.value is None
    assert body.wrong == wrong
    assert not body.too_large


def test_what_comes_character_by_character_takes_no_more() -> None:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(100_000):
            yield b"\xf0\x9f\x98\x80"

    tracemalloc.start()
    try:
        asyncio.run(received("", drip(), asyncio.Lock()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 2 * MIB


def test_small_bodies_do_not_wait_for_a_large_one() -> None:
    async def run() -> list[str]:
        turn, go_on = asyncio.Lock(), asyncio.Event()
        ended: list[str] = []

        async def drip() -> AsyncIterator[bytes]:
            yield text_of("x" * SMALL)[:-1]
            await go_on.wait()
            yield b"}"

        async def one(name: str, chunks: AsyncIterator[bytes]) -> None:
            assert (await received("", chunks, turn)).value
            ended.append(name)

        first = asyncio.create_task(one("dripping", drip()))
        second = asyncio.create_task(one("large", chunks_of(text_of("x" * SMALL))))
        await asyncio.gather(*(one("small", chunks_of(text_of("x" * 1_000))) for _ in range(3)))
        await asyncio.sleep(0.05)
        go_on.set()
        await asyncio.gather(first, second)
        return ended

    assert asyncio.run(run()) == ["small", "small", "small", "dripping", "large"]


def test_who_gives_up_a_large_body_lets_the_next_one_go_on() -> None:
    async def run() -> None:
        turn = asyncio.Lock()

        async def drip() -> AsyncIterator[bytes]:
            yield b" " * (SMALL + 1)
            await asyncio.sleep(3_600)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await received("", drip(), turn)
        assert (await received("", chunks_of(text_of("x" * SMALL)), turn)).value

    asyncio.run(run())


def test_a_body_beyond_what_is_wanted_is_counted_and_not_held() -> None:
    content = b'{"error": "' + b"no " * 10 * MIB + b'"}'

    async def run(encoding: str) -> tuple[Body, int]:
        sent = gzip.compress(content, 1) if encoding else content
        tracemalloc.start()
        body = await received(encoding, chunks_of(sent), asyncio.Lock(), SMALL)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return body, peak

    for encoding in ("", "gzip"):
        body, peak = asyncio.run(run(encoding))
        assert (body.value, body.size, body.too_large) == (None, len(content), False)
        assert content.startswith(body.beginning)
        assert peak < 2 * MIB
