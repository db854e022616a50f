"""Many steps of one kind, some at a time."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

EVERY: Final = 100
"""Steps between two lines of the log."""


async def in_parallel(
    keys: Iterable[str],
    at_once: int,
    step: Callable[[str], Awaitable[bool]],
    told: Callable[[int], None] = lambda _done: None,
) -> None:
    """Do a step for each key, so many at a time.

    Args:
        keys: What to do it for.
        at_once: How many may be under way.
        step: Does it, raises nothing, and returns whether others may begin.
        told: Is told how many are done, now and then.
    """
    import asyncio  # noqa: PLC0415 - what only plans something new needs no event loop

    left = iter(keys)
    done = 0
    going = True

    async def work() -> None:
        nonlocal done, going
        while going and (key := next(left, None)) is not None:
            going = await step(key) and going
            done += 1
            if done % EVERY == 0:
                told(done)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())
