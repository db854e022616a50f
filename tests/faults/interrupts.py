"""Ctrl-C, which every process of the terminal gets, at a random moment of a slow create."""

import os
import random
import signal
import time
from dataclasses import dataclass

from tests.e2e.test_thread_plan import ADDRESS
from tests.faults.ground import SECONDS, Site, configuration, load, report, site
from tests.provider_shim.api.faulty import Fault, Seen

MESSAGES = [{"role": "user", "content": f"message {number}"} for number in range(25)]
"""Two calls, for 20 messages fit into one."""


@dataclass(frozen=True)
class Interrupted:
    """What an interrupted create left: conversations at the API, and which of them the state holds."""

    held: bool
    made: int
    seconds: float


def interrupted(place: Site, slow: float, after: float) -> Interrupted:
    """Press Ctrl-C ``after`` seconds into a create each of whose calls takes ``slow`` seconds."""
    with place.ground() as (ground, api):

        def wait(request: Seen, _number: int) -> Fault | None:
            if request.method == "POST":
                time.sleep(slow)
            return None

        api.decide = wait
        ground.terraform.write(configuration(api, "openai_thread", messages=MESSAGES))
        with ground.start("apply", "-auto-approve", "-no-color") as process:
            until = time.monotonic() + SECONDS
            while not api.seen:
                assert time.monotonic() < until
                time.sleep(0.005)
            time.sleep(after)
            os.killpg(process.pid, signal.SIGINT)
            began = time.monotonic()
            said, _ = process.communicate(timeout=SECONDS)
            seconds = time.monotonic() - began
        assert "Traceback" not in said
        made = ground.objects("openai_thread")
        state = ground.terraform.state()
        return Interrupted({state[ADDRESS]["id"]} == made if state else not made, len(made), seconds)


def main(runs: int = 100) -> None:
    """Interrupt at random moments of creates that take 1.5 s."""
    chance = random.Random(3)  # noqa: S311 - no secret
    with site() as place:
        found = [interrupted(place, 0.5, chance.uniform(0, 1.5)) for _ in range(runs)]
        slowest = interrupted(place, 3.5, 0)
    report(
        "Ctrl-C in a slow create",
        runs=runs,
        id_in_state=sum(each.held for each in found),
        made=sum(each.made for each in found),
        longest_seconds=round(max(each.seconds for each in found), 1),
        create_of_3_5_s={"id_in_state": slowest.held, "seconds": round(slowest.seconds, 1)},
        load=load(),
    )


if __name__ == "__main__":
    main()
