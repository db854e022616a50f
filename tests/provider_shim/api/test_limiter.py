"""How many calls are under way at a time, and what a 429 makes of that."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from provider_shim.api.limiter import RateLimiter


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await test()

    asyncio.run(bounded())


async def entered(limiter: RateLimiter, count: int) -> list[asyncio.Task[None]]:
    """Let so many calls ask for their turn; what has it is done."""
    tasks = [asyncio.create_task(limiter.enter()) for _ in range(count)]
    await asyncio.sleep(0.01)
    return tasks


def done(tasks: list[asyncio.Task[None]]) -> int:
    return sum(each.done() for each in tasks)


def test_no_more_than_the_limit_are_under_way_and_each_that_leaves_lets_one_in() -> None:
    async def test() -> None:
        limiter = RateLimiter(most=3)
        tasks = await entered(limiter, 5)
        at_first = done(tasks)
        limiter.leave()
        await asyncio.sleep(0)

        assert (at_first, done(tasks)) == (3, 4)
        tasks[-1].cancel()

    run(test)


def test_after_a_429_all_wait_and_then_one_tries_before_the_others_follow() -> None:
    async def test() -> None:
        limiter = RateLimiter(most=8)
        await limiter.enter()
        begun = time.monotonic()
        limiter.leave(back_off=0.3)
        tasks = await entered(limiter, 8)
        before = done(tasks)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        waited, alone = time.monotonic() - begun, done(tasks)
        limiter.leave()
        await asyncio.sleep(0.01)
        after_one_success = done(tasks)
        limiter.leave()
        await asyncio.sleep(0.01)

        assert (before, alone, after_one_success, done(tasks)) == (0, 1, 3, 6)
        assert waited >= 0.29
        for each in tasks:
            each.cancel()

    run(test)


def test_the_parallelism_falls_with_a_429_whatever_else_is_answered_and_rises_to_what_it_was() -> None:
    async def test() -> None:
        limiter = RateLimiter(most=8)
        await entered(limiter, 8)
        limiter.leave(back_off=0.2)
        for _ in range(7):  # answered while all wait: they began before the 429
            limiter.leave()
        tasks = await entered(limiter, 40)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        under_way = [done(tasks)]
        left = 0
        while under_way[-1] < 8:
            limiter.leave()
            left += 1
            await asyncio.sleep(0)
            under_way.append(done(tasks) - left)

        assert under_way == [1, 2, 4, 8]
        for each in tasks:
            each.cancel()

    run(test)


def test_who_was_refused_goes_before_who_has_not_tried() -> None:
    async def test() -> None:
        limiter = RateLimiter(most=1)
        await limiter.enter()
        new = asyncio.create_task(limiter.enter())
        await asyncio.sleep(0)
        again = asyncio.create_task(limiter.enter(again=True))
        await asyncio.sleep(0)
        limiter.leave()
        await asyncio.sleep(0.01)

        assert (again.done(), new.done()) == (True, False)
        new.cancel()

    run(test)


def test_a_turn_that_is_given_up_goes_to_the_next() -> None:
    async def test() -> None:
        limiter = RateLimiter(most=1)
        await limiter.enter()
        first, second = await entered(limiter, 2)
        limiter.leave()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await asyncio.sleep(0)

        assert second.done()

    run(test)


def test_a_turn_is_had_at_once_where_nobody_waits_and_never_before_those_who_do() -> None:
    async def test() -> None:
        limiter = RateLimiter(most=2)
        first = limiter.enter_now(), limiter.enter_now(), limiter.enter_now()
        tasks = await entered(limiter, 2)
        limiter.leave()
        among_others = limiter.enter_now()
        limiter.leave()
        limiter.leave(back_off=0.2)
        in_the_pause = limiter.enter_now()

        await asyncio.sleep(0.25)

        assert first == (True, True, False)
        assert (among_others, in_the_pause) == (False, False)
        assert done(tasks) == len(tasks)
        assert (limiter.enter_now(), limiter.enter_now()) == (False, False)

    run(test)
