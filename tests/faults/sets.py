"""Applies of a set of threads that die, or fail, half way; and what the next one leaves.

A thread that is neither in the state nor named in the journal is lost; one that was made twice although the
answer to its create had come is a duplicate.
"""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.faults.crash import VICTIMS, Victim
from tests.faults.ground import SECONDS, Ground, Site, configuration, report, site, wait_for_end
from tests.faults.kills import arm
from tests.support.faulty import Fault
from tests.support.served import ServedApi
from tests.support.terraform import TerraformError

BROKEN = Fault(status=401, body='{"error": {"message": "No such key", "code": "invalid_api_key"}}')


@dataclass(frozen=True)
class Outcome:
    """What there is after the apply that follows."""

    creates: int
    """Asked for by the apply that follows."""
    deletes: int
    left: int
    """Threads at the API that the state does not hold."""
    unanswered: int
    """Creates whose answer never came, as the journal has them."""
    lost: int
    """Threads that neither the state holds nor the journal names, and no lost answer explains."""


def threads(count: int) -> dict[str, Any]:
    """Return the threads of a set; many are alike but for their keys."""
    messages = [{"role": "user", "content": "Hello"}]
    return {
        f"tenant {each}": {"metadata": {"n": str(each // 2)}, "messages": messages} for each in range(count)
    }


def killed(place: Site, victim: Victim, count: int, moment: int) -> Outcome:
    """Kill the victim once the API has been asked so often, and apply again."""
    with place.ground() as (ground, api):
        pids = arm(ground, None, victim)
        ground.terraform.write(configuration(api, "openai_thread_set", threads=threads(count)))
        # Nobody reads what it says: a pipe would be full before the apply begins.
        with ground.terraform.start("apply", "-auto-approve", output=subprocess.DEVNULL) as process:
            end = time.monotonic() + SECONDS
            while len(api.seen) < moment and process.poll() is None and time.monotonic() < end:
                time.sleep(0.002)
            provider = int(pids.read_text().split()[0])
            with suppress(ProcessLookupError):
                os.kill(provider if victim == "provider" else process.pid, signal.SIGKILL)
            process.wait(SECONDS)
        wait_for_end(provider)
        ground.terraform.unlock()
        return _again(ground, api, count)


def failed(place: Site, count: int, half: int) -> Outcome:
    """Let the API refuse every create after half of them, and apply again."""
    with place.ground() as (ground, api):
        config = configuration(api, "openai_thread_set", threads=threads(count), parallelism=50)
        ground.terraform.write(config)
        api.fail("POST", "/conversations", BROKEN, after=half)
        with suppress(TerraformError):
            ground.terraform.apply()
        api.heal()
        return _again(ground, api, count)


def limited(place: Site, count: int, most: int, seconds: float) -> tuple[Outcome, int]:
    """Make a set at an API that takes so many calls in this time; return what there is, and its refusals."""
    began, taken, refused = 0.0, 0, 0

    def decide(_request: object, _number: int) -> Fault | None:
        nonlocal began, taken, refused
        now = time.monotonic()
        if now - began > seconds:
            began, taken = now, 0
        taken += 1
        if taken <= most:
            return None
        refused += 1
        wait = str(round(began + seconds - now + 0.05, 2))
        body = '{"error": {"message": "Slow down", "code": "rate_limit_exceeded"}}'
        return Fault(status=429, headers={"retry-after": wait}, body=body)

    with place.ground() as (ground, api):
        config = configuration(api, "openai_thread_set", threads=threads(count), parallelism=50)
        ground.terraform.write(config)
        api.decide = decide
        ground.terraform.apply()
        api.heal()
        return _again(ground, api, count), refused


def _again(ground: Ground, api: ServedApi, count: int) -> Outcome:
    seen = len(api.seen)
    ground.terraform.apply()
    asked = api.seen[seen:]
    [state] = ground.terraform.state().values()
    held = {each["id"] for each in state["threads"].values()}
    assert len(held) == count, "one thread for each key"
    assert ground.terraform.plan().actions == {}
    left = ground.objects("openai_thread") - held
    journal = ground.journal
    named = {each.id for each in journal} & left
    unanswered = sum(each.id is None for each in journal)
    return Outcome(
        creates=sum(each.method == "POST" and each.path == "/v1/conversations" for each in asked),
        deletes=sum(each.method == "DELETE" for each in asked),
        left=len(left),
        unanswered=unanswered,
        lost=max(0, len(left - named) - unanswered),
    )


def _kills(place: Site, runs: int, count: int) -> None:
    chance = random.Random(18)  # noqa: S311 - no secret
    for victim in VICTIMS:
        began = time.monotonic()
        found = [killed(place, victim, count, chance.randint(1, 2 * count)) for _ in range(runs // 2)]
        report(
            f"SIGKILL at random moments of an apply of {count} threads in a set",
            victim=victim,
            runs=len(found),
            left=dict(Counter(each.left for each in found)),
            unanswered=sum(each.unanswered for each in found),
            deletes=sum(each.deletes for each in found),
            lost=sum(each.lost for each in found),
            seconds=round(time.monotonic() - began),
        )


def main(runs: int = 100) -> None:
    """Kills, a failure at half, and an API that takes 40 calls a second."""
    with site() as place:
        _kills(place, runs, 200)
        half = failed(place, 1000, 500)
        report("Failure after 500 of 1,000 threads, then a second apply", **vars(half))
        slow, refused = limited(place, 200, 40, 1.0)
        report("An API that takes 40 calls a second, 200 threads", refused=refused, **vars(slow))


if __name__ == "__main__":
    main()
