"""The rate limiter: how many calls are under way, and what a 429 does to all of them."""

import asyncio
import time

import pytest

from provider_shim.api.pace import Pace


async def entered(pace: Pace, calls: int, seconds: float = 0.05) -> int:
    """Return how many of so many calls get their turn within a time; those that wait give up."""
    waiting = [asyncio.ensure_future(pace.enter()) for _ in range(calls)]
    done, late = await asyncio.wait(waiting, timeout=seconds)
    for each in late:
        each.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return len(done)


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_calls_than_allowed_are_under_way(most: int) -> None:
    async def run() -> None:
        pace = Pace(most)
        first = await entered(pace, most + 2)
        await pace.leave()
        after_one_has_left = await entered(pace, 2)

        assert (first, after_one_has_left) == (most, 1)

    asyncio.run(run())


def test_after_a_429_everybody_waits_as_long_as_the_server_asks() -> None:
    async def run() -> None:
        pace = Pace(8)
        await pace.enter()
        started = time.monotonic()
        await pace.leave(refused_for=0.2)
        at_once = await entered(pace, 1)
        await asyncio.wait_for(pace.enter(), 5)
        waited = time.monotonic() - started

        assert at_once == 0
        assert 0.2 <= waited < 1

    asyncio.run(run())


def test_the_longest_wait_that_was_asked_for_counts() -> None:
    async def run() -> None:
        pace = Pace(8)
        for _ in range(2):
            await pace.enter()
        started = time.monotonic()
        await pace.leave(refused_for=0.2)
        await pace.leave(refused_for=0)
        await asyncio.wait_for(pace.enter(), 5)

        assert time.monotonic() - started >= 0.2

    asyncio.run(run())


def test_after_a_429_one_call_tries_and_then_twice_as_many_each_time() -> None:
    async def run() -> None:
        pace = Pace(4)
        await entered(pace, 4)
        for _ in range(4):
            await pace.leave(refused_for=0)
        tries = await entered(pace, 8)
        await pace.leave()
        then = await entered(pace, 8)
        await pace.leave()
        # One of the two is still under way, and four may be.
        later = await entered(pace, 8)

        assert (tries, then, later) == (1, 2, 3)

    asyncio.run(run())
