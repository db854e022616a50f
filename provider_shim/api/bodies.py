"""Bodies of answers, read and parsed within bounds of memory, whatever comes.

A provider has many calls under way. So what one answer may take is bounded, and all but small ones are
read and parsed one after another: ten that come at a time take no more than one does.
"""

import asyncio
import json
import re
import zlib
from codecs import getincrementaldecoder
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from itertools import islice
from typing import Any, Final, NamedTuple

from provider_shim.system.heap import give_back

MIB: Final = 1024 * 1024
LONGEST_BODY: Final = 64 * MIB
"""Bytes of a body, unpacked."""
MOST_TEXT: Final = 48 * MIB
"""Bytes of memory that a body's text may take.

OpenAI's document allows 10,485,760 characters in a text of a message, which are 40 MiB where one of them is
beyond U+FFFF. A list that is longer is asked for in shorter pages.
"""
MOST_MEMORY: Final = 2 * MOST_TEXT
"""Bytes of memory that a body may take while it is parsed: its text, and the values made of it."""
LARGEST_REFUSAL: Final = 64 * 1024
"""Bytes of an answer that is an error, or not to be believed, of which more than the beginning is kept."""
SMALL: Final = 256 * 1024
"""Bytes of memory up to which bodies are read at the same time."""
DEEPEST: Final = 100
"""Levels of nesting of an answer. OpenAI's deepest has about ten."""
_VALUE: Final = 200
"""Bytes that a value takes beside its characters, counted by what stands before it: a comma or a bracket.
The most is 217: of an object with many different keys."""
_AT_ONCE: Final = 64 * 1024
"""Bytes that are unpacked at once: a thousand times as many as were packed may come."""
_BEGINNING: Final = 4096
"""Bytes which are kept of an answer that is no JSON, to say what it is."""
_UNPACKED: Final = ("", "identity")
_PACKED: Final = ("gzip", "x-gzip", "deflate")
_ZLIB_OR_GZIP: Final = 32 + zlib.MAX_WBITS
_GZIP: Final = b"\x1f"
"""The first byte of each member."""
_HEADER: Final = 2
_DEFLATE: Final = 8
_CHECK: Final = 31
"""The bytes of zlib's header name a method, and are a multiple of this."""
_BEFORE_VALUES: Final = re.compile(r'(?:[^",\[{]++|"(?:[^"\\]++|\\.)*+"?)++|([,\[{])', re.DOTALL)
_TWO_BYTES: Final = re.compile("[\u0100-\uffff]")
_FOUR_BYTES: Final = re.compile("[\U00010000-\U0010ffff]")
_FOUR_BYTES_ESCAPED: Final = re.compile(r"\\u[dD][89abAB]")


class Body(NamedTuple):
    """A body as it was read."""

    value: Any = None
    """The parsed JSON; None where it is none."""
    beginning: bytes = b""
    size: int = 0
    """In bytes, unpacked, as far as it was read."""
    wrong: str = ""
    """What is wrong with it, as the rest of a sentence that begins "The answer"."""
    too_large: bool = False
    """Whether that is its size."""


async def received(
    encoding: str, chunks: AsyncIterator[bytes], turn: asyncio.Lock, most: int = LONGEST_BODY
) -> Body:
    """Read and parse a body. A small one may unpack to any size, so it is counted.

    Args:
        encoding: How it is packed, as its header says.
        chunks: What comes.
        turn: Whose turn it is to read one that is not small.
        most: Bytes beyond which it is counted, and neither held nor parsed.
    """
    packing = encoding.strip().lower()
    if packing not in (*_UNPACKED, *_PACKED):
        return Body(wrong=f"is packed as {encoding[:40]!r}, which was not asked for")
    packed = _Packed(packing) if packing in _PACKED else None
    text, large = _Text(most), False
    async with AsyncExitStack() as alone:
        try:
            async for chunk in chunks:
                for part in (chunk,) if packed is None else packed.parts(chunk):
                    text.add(part)
                    if text.too_large:
                        return _too_large(text)
                    if large or text.only_counted:  # who had the turn before lets go of its values meanwhile
                        await asyncio.sleep(0)
                    elif text.memory > SMALL:
                        large = True
                        await alone.enter_async_context(turn)
                        give_back()  # what was large before has left pieces
            if packed is not None and text.size:
                text.add(packed.end())
        except zlib.error as wrong:
            return Body(wrong=str(wrong))
        except UnicodeDecodeError:
            return Body(None, text.beginning, text.size)
        return _parsed(text)


class _Packed:
    """A packed body: gzip of any number of members, or deflate.

    Deflate comes with the header of zlib, as it should, or without it, as some servers have it.
    """

    def __init__(self, packing: str) -> None:
        self._unpack = zlib.decompressobj(wbits=_ZLIB_OR_GZIP)
        self._header = b"" if packing == "deflate" else None
        """The first bytes, until they are as many as a header has; None: they have been looked at."""

    def parts(self, chunk: bytes) -> Iterator[bytes]:
        """Unpack a part at a time.

        Raises:
            zlib.error: it can't be unpacked.
        """
        rest = chunk if self._header is None else self._after_header(self._header + chunk)
        while rest:
            if self._unpack.eof:
                if not rest.startswith(_GZIP):
                    return  # padding
                self._unpack = zlib.decompressobj(wbits=_ZLIB_OR_GZIP)
            try:
                yield self._unpack.decompress(rest, _AT_ONCE)
            except zlib.error:
                raise zlib.error("can't be unpacked") from None
            rest = self._unpack.unconsumed_tail or self._unpack.unused_data

    def _after_header(self, begun: bytes) -> bytes:
        if len(begun) < _HEADER:
            self._header = begun
            return b""
        self._header = None
        if begun[0] & 15 != _DEFLATE or int.from_bytes(begun[:_HEADER]) % _CHECK:
            self._unpack = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        return begun

    def end(self) -> bytes:
        """Return what is left at the end.

        Raises:
            zlib.error: it is not the end.
        """
        left = self._unpack.flush()
        if not self._unpack.eof:
            raise zlib.error("ends too early")
        return left


class _Text:
    """The text of a body, as far as it has come. Its bytes are not held beside it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.size = 0
        """Of the bytes."""
        self.beginning = b""
        self.width = 1
        """Bytes that each character takes."""
        self._characters = 0
        self._pieces: list[str] = []
        self._waiting = bytearray()  # what comes in parts of a few bytes would make as many texts
        self._decode = getincrementaldecoder("utf-8-sig")("surrogatepass").decode

    def add(self, part: bytes) -> None:
        """Take what comes next.

        Raises:
            UnicodeDecodeError: it is no UTF-8.
        """
        self.size += len(part)
        self.beginning += part[: _BEGINNING - len(self.beginning)]
        if self.only_counted:
            self._pieces.clear()
            self._waiting.clear()
            self._characters = 0
            return
        self._waiting += part
        if len(self._waiting) >= _AT_ONCE:
            self._decode_waiting(final=False)

    def _decode_waiting(self, *, final: bool) -> None:
        piece = self._decode(self._waiting, final)
        self._waiting.clear()
        self._pieces.append(piece)
        self._characters += len(piece)
        self.width = max(self.width, _width(piece))

    @property
    def only_counted(self) -> bool:
        """Whether it is larger than anybody wants it to be."""
        return self.size > self._most

    @property
    def memory(self) -> int:
        """How many bytes it takes."""
        return self._characters * self.width + len(self._waiting)

    @property
    def too_large(self) -> bool:
        """Whether it is more than an answer may have."""
        return self.size > LONGEST_BODY or self.memory > MOST_TEXT

    def taken(self) -> str:
        """Return all of it, once.

        Raises:
            UnicodeDecodeError: it ends within a character, or is no UTF-8.
        """
        self._decode_waiting(final=True)
        pieces, self._pieces = self._pieces, []
        return "".join(pieces)


def _width(text: str) -> int:
    if text.isascii():
        return 1
    return 4 if _FOUR_BYTES.search(text) else 2 if _TWO_BYTES.search(text) else 1


def _parsed(text: _Text) -> Body:
    if text.only_counted:
        return Body(None, text.beginning, text.size)
    try:
        whole = text.taken()
        if not _fits(whole, text.width):
            return _too_large(text)
        value = _JSON.decode(whole)
    except (ValueError, RecursionError):
        return Body(None, text.beginning, text.size)
    if not _is_flat(value):
        return Body(None, text.beginning, text.size, f"is nested more than {DEEPEST} levels deep")
    return Body(value, text.beginning, text.size)


def _too_large(text: _Text) -> Body:
    what = (
        f"is larger than {LONGEST_BODY // MIB} MiB"
        if text.size > LONGEST_BODY
        else f"takes more than {MOST_MEMORY // MIB} MiB of memory"
    )
    return Body(None, text.beginning, text.size, what, too_large=True)


def _fits(text: str, width: int) -> bool:
    """Return whether a text and its values take no more memory than they may."""
    escaped = 4 if _FOUR_BYTES_ESCAPED.search(text) else 2 if "\\u" in text else 1
    strings = len(text) * max(width, escaped)
    strings += strings // 4 if "\\" in text else 0  # room that is kept while one is put together
    most = (MOST_MEMORY - len(text) * width - strings) // _VALUE
    # Most texts have commas; only where there are many are those left out that stand in strings.
    if most < 0 or text.count(",") + text.count("[") + text.count("{") <= most:
        return most >= 0
    values = (each for each in _BEFORE_VALUES.finditer(text) if each.lastindex)
    return next(islice(values, most, None), None) is None


def _no_number(name: str) -> object:
    raise ValueError(name)


def _number(text: str) -> float:
    value = float(text)
    if abs(value) == float("inf"):
        raise ValueError(text)
    return value


_JSON: Final = json.JSONDecoder(parse_constant=_no_number, parse_float=_number)


def _is_flat(body: object) -> bool:
    """Return whether nothing is nested so deep that those who walk through it could run out of stack."""
    level = [body]
    for _ in range(DEEPEST):
        inner = [each for each in level if isinstance(each, dict | list)]
        if not inner:
            return True
        level = [below for each in inner for below in (each.values() if isinstance(each, dict) else each)]
    return False
