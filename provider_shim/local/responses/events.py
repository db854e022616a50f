"""Events as a client reads them: server-sent, one JSON object each."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from typing import Any

# ASCII: some clients take U+2028 and its like for the end of a line.
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


async def encoded(events: AsyncGenerator[dict[str, Any], None]) -> AsyncIterator[bytes]:
    """Write each event as it comes."""
    async with aclosing(events):
        async for event in events:
            yield f"event: {event['type']}\ndata: {_encode(event)}\n\n".encode()


class Decoder:
    """Reads the data of server-sent events from the lines of an answer."""

    def __init__(self) -> None:
        self._data: list[str] = []

    def feed(self, lines: Iterable[str]) -> list[str]:
        """Take lines without their ends; return the data of the events that they complete."""
        done = []
        for line in lines:
            if not line:
                if self._data:
                    done.append("\n".join(self._data))
                self._data = []
            elif line.startswith("data:"):
                self._data.append(line[5:].removeprefix(" "))
        return done
