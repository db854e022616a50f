"""Ctrl-C, which every process of the terminal gets, at a random moment of a slow create."""

import os
import random
import signal
import subprocess
import time
from dataclasses import dataclass

from tests.faults.ground import SECONDS, Site, configuration, ids_in, load, report, site, wait_until
from tests.support.cdktf_project import CdktfProject
from tests.support.environment import BIN, clean
from tests.support.faulty import Fault, Seen
from tests.support.threads import ADDRESS

MESSAGES = [{"role": "user", "content": f"message {number}"} for number in range(25)]
"""Two calls, for 20 messages fit into one."""


PROGRAM = """
from cdktf import App, TerraformStack
from cdktf_openai_thread import OpenaiProvider, Thread

app = App()
stack = TerraformStack(app, "support")
OpenaiProvider(stack, "openai", base_url={base_url!r})
Thread(stack, "thread", messages=[{{"role": "user", "content": "one"}}])
app.synth()
"""


@dataclass(frozen=True)
class Interrupted:
    """What an interrupted create left: conversations at the API, and whether the state holds them.

    ``seconds`` went by since Ctrl-C, ``late`` since Ctrl-C and the API's last answer, whichever was later.
    """

    held: bool
    made: int
    seconds: float
    late: float


def interrupted(place: Site, slow: float, after: float) -> Interrupted:
    """Press Ctrl-C ``after`` seconds into a create each of whose calls takes ``slow`` seconds."""
    with place.ground() as (ground, api):
        answered = [0.0]

        def wait(request: Seen, _number: int) -> Fault | None:
            if request.method == "POST":
                time.sleep(slow)
                answered.append(time.monotonic())
            return None

        api.decide = wait
        ground.terraform.write(configuration(api, "openai_thread", messages=MESSAGES))
        with ground.terraform.start("apply", "-auto-approve", "-no-color") as process:
            wait_until(lambda: bool(api.seen))
            time.sleep(after)
            os.killpg(process.pid, signal.SIGINT)
            pressed = time.monotonic()
            said, _ = process.communicate(timeout=SECONDS)
            ended = time.monotonic()
        assert "Traceback" not in said
        made = ground.objects("openai_thread")
        state = ground.terraform.state()
        held = {state[ADDRESS]["id"]} == made if state else not made
        return Interrupted(held, len(made), ended - pressed, ended - max(pressed, answered[-1]))


def pressed_twice(place: Site) -> tuple[float, int]:
    """Press Ctrl-C twice in a create of 8 s; return the seconds since, and the named lines."""
    with place.ground() as (ground, api):

        def wait(request: Seen, _number: int) -> Fault | None:
            if request.method == "POST":
                time.sleep(8)
            return None

        api.decide = wait
        ground.terraform.write(configuration(api, "openai_thread"))
        with ground.terraform.start("apply", "-auto-approve", "-no-color") as process:
            wait_until(lambda: bool(api.seen))
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(1)
            os.killpg(process.pid, signal.SIGINT)
            pressed = time.monotonic()
            process.communicate(timeout=SECONDS)
            return time.monotonic() - pressed, len(ground.journal)


def impatient(place: Site, slow: float) -> tuple[int, bool]:
    """End Terraform in a create of so many seconds, and apply again while its provider waits for the answer.

    Return the conversations that there are, and whether the state holds them.
    """
    with place.ground() as (ground, api):

        def wait(request: Seen, _number: int) -> Fault | None:
            if request.method == "POST" and len(api.seen) == 1:
                time.sleep(slow)
            return None

        api.decide = wait
        ground.terraform.write(configuration(api, "openai_thread", messages=MESSAGES))
        with ground.terraform.start("apply", "-auto-approve") as process:
            wait_until(lambda: bool(api.seen))
            process.kill()
            os.killpg(process.pid, signal.SIGHUP)
            process.communicate(timeout=SECONDS)
        ground.terraform.unlock()
        ground.terraform.apply()
        made = ground.objects("openai_thread")
        return len(made), set(ids_in(ground.terraform.state(), "openai_thread")) == made


def through_cdktf(place: Site, slow: float) -> Interrupted:
    """Press Ctrl-C in `cdktf deploy`, which ends at once and its Terraform with it; deploy again at once."""
    with place.ground() as (ground, api):

        def wait(request: Seen, _number: int) -> Fault | None:
            if request.method == "POST" and len(api.seen) == 1:
                time.sleep(slow)
            return None

        api.decide = wait
        project = CdktfProject(ground.database.path.parent / "project")
        project.write(PROGRAM.format(base_url=api.base_url))
        with subprocess.Popen(
            [BIN / "cdktf", "deploy", "--auto-approve"],
            cwd=project.folder,
            env=clean(project.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            wait_until(lambda: bool(api.seen))
            os.killpg(process.pid, signal.SIGINT)
            process.wait(SECONDS)
        began = time.monotonic()
        project.deploy()
        seconds = time.monotonic() - began
        made = ground.objects("openai_thread")
        held = ids_in(project.stack("support").state(), "openai_thread")
        return Interrupted(set(held) == made, len(made), seconds, seconds)


def main(runs: int = 100) -> None:
    """Interrupt at random moments of creates whose calls take up to 8 s."""
    chance = random.Random(3)  # noqa: S311 - no secret
    with site() as place:
        found = []
        for _ in range(runs):
            slow = chance.choice([0.3, 1.0, 3.0, 8.0])
            found.append(interrupted(place, slow, chance.uniform(0, 2 * slow)))
        report(
            "Ctrl-C in a slow create",
            runs=runs,
            id_in_state=sum(each.held for each in found),
            made=sum(each.made for each in found),
            longest_seconds_after_the_answer=round(max(each.late for each in found), 1),
            longest_seconds=round(max(each.seconds for each in found), 1),
            load=load(),
        )
        seconds, named = pressed_twice(place)
        report("Ctrl-C twice in a create of 8 s", seconds=round(seconds, 1), named=named)
        again = [through_cdktf(place, slow) for slow in (0.5, 3.0, 15.0)]
        report(
            "Ctrl-C in cdktf deploy, then deployed again",
            runs=len(again),
            id_in_state=sum(each.held for each in again),
            made=sum(each.made for each in again),
        )


if __name__ == "__main__":
    main()
