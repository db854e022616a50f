"""What one would write instead: the conversations of a JSON file, a number of them at a time.

    python script.py THREADS.json IDS.json PARALLELISM [two]

``two``: two calls for each, as the provider makes them, whose answers have the ids of the messages.

Keeps the ids in a file, and that is all: no plan, no second run, no memory of a run that died.
"""

import asyncio
import json
import sys
from pathlib import Path

from openai import AsyncOpenAI


async def main(threads: Path, ids: Path, parallelism: int, *, two: bool) -> None:
    """Make them all."""
    gate = asyncio.Semaphore(parallelism)
    async with AsyncOpenAI() as client:

        async def make(thread: dict) -> str:
            items = [{"type": "message", **message} for message in thread["messages"]]
            async with gate:
                if two:
                    made = await client.conversations.create(metadata=thread["metadata"])
                    await client.conversations.items.create(made.id, items=items)
                    return made.id
                made = await client.conversations.create(metadata=thread["metadata"], items=items)
            return made.id

        wanted = json.loads(threads.read_text())
        made = await asyncio.gather(*(make(thread) for thread in wanted.values()))
    ids.write_text(json.dumps(dict(zip(wanted, made, strict=True)), indent=1))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), two="two" in sys.argv[4:]))
