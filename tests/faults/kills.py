"""SIGKILL of the provider or of Terraform during a create, at exact places and at random moments.

Counts what the next apply leaves: an object that is neither in the state nor named in the journal
is a silent orphan.
"""

import itertools
import os
import random
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.crash import AT, BOUNDARIES, PIDS, VICTIM, VICTIMS, Boundary, Victim, crashing_python, kill
from tests.faults.ground import (
    SECONDS,
    TABLES,
    Ground,
    Site,
    configuration,
    ids_in,
    report,
    site,
    wait_for_end,
)
from tests.support.environment import BIN, ROOT
from tests.support.faulty import Fault, Seen
from tests.support.served import ServedApi

CREATES = {
    "openai_thread": "/conversations",
    "openai_message": "/items",
    "openai_file": "/files",
    "openai_vector_store": "/vector_stores",
}


@dataclass(frozen=True)
class Outcome:
    """What there is after the apply that follows a death."""

    objects: int
    named: int
    silent: int


def stack(ground: Ground, api: ServedApi, type_name: str) -> dict[str, Any]:
    """Return a configuration with one resource of the type."""
    match type_name:
        case "openai_thread":
            messages = [{"role": "user", "content": text} for text in ("one", "two")]
            return configuration(api, type_name, metadata={"a": "1"}, messages=messages)
        case "openai_message":
            thread_id = ground.database.ask(lambda client: client.conversations.create()).id
            return configuration(api, type_name, thread_id=thread_id, role="user", content="one")
        case "openai_file":
            (ground.terraform.folder / "handbook.md").write_text("hello")
            return configuration(api, type_name, file="handbook.md")
        case _:
            return configuration(api, type_name, name="handbook")


def at(place: Site, boundary: Boundary, victim: Victim, type_name: str) -> Outcome:
    """Let the victim die at the boundary of a create, and apply again."""
    with place.ground() as (ground, api):
        pids = arm(ground, boundary, victim)
        ground.terraform.write(stack(ground, api, type_name))
        if boundary in ("sent", "committed"):
            api.decide = _killing(pids, boundary, victim, CREATES[type_name])
        with ground.terraform.start("apply", "-auto-approve", "-no-color") as process:
            said, _ = process.communicate(timeout=SECONDS)
            assert process.returncode, f"nothing died: {said}"
        api.heal()
        return outcome(ground, pids, type_name)


def appended(place: Site, boundary: Boundary, victim: Victim) -> Outcome:
    """Let the victim die at the boundary of adding messages to a thread, and apply again.

    The outcome counts the messages that were added; one that is there twice is an orphan.
    """
    with place.ground() as (ground, api):
        pids = arm(ground, None, victim)
        texts = [f"message {number}" for number in range(25)]  # two calls

        def write(count: int) -> None:
            messages = [{"role": "user", "content": text} for text in texts[:count]]
            ground.terraform.write(configuration(api, "openai_thread", messages=messages))

        write(1)
        ground.terraform.apply()
        write(len(texts))
        ground.terraform.environment[AT] = boundary
        if boundary in ("sent", "committed"):
            api.decide = _killing(pids, boundary, victim, CREATES["openai_message"])
        with ground.terraform.start("apply", "-auto-approve", "-no-color") as process:
            said, _ = process.communicate(timeout=SECONDS)
            assert process.returncode, f"nothing died: {said}"
        api.heal()
        _apply_again(ground, pids)
        [state] = ground.terraform.state().values()
        there = [text for _, text in ground.database.messages(state["id"])]
        assert [each["content"] for each in state["messages"]] == texts
        assert there[0] == texts[0]
        return Outcome(len(there) - 1, len(ground.journal), len(there) - len(set(there)))


def at_random(place: Site, victim: Victim, type_name: str, seconds: float) -> Outcome:
    """Let the victim die this long after the start of an apply, and apply again."""
    with place.ground() as (ground, api):
        pids = arm(ground, None, victim)
        ground.terraform.write(stack(ground, api, type_name))
        with ground.terraform.start("apply", "-auto-approve", "-no-color") as process:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                pid = process.pid if victim == "terraform" else _provider(pids)
                if pid:
                    _kill(pid)
            process.communicate(timeout=SECONDS)
        return outcome(ground, pids, type_name)


def arm(ground: Ground, boundary: Boundary | None, victim: Victim) -> Path:
    """Have the launcher start the Python that dies; return the file of process ids."""
    folder = ground.terraform.folder
    python = crashing_python(folder / "python", BIN / "python", ROOT)
    ground.terraform.environment |= {
        "CDKTF_OPENAI_THREAD_PYTHON": str(python),
        PIDS: str(folder / "pids"),
        VICTIM: victim,
    }
    if boundary is not None:
        ground.terraform.environment[AT] = boundary
    return folder / "pids"


def outcome(ground: Ground, pids: Path, type_name: str) -> Outcome:
    """Apply again, and look at what there is."""
    _apply_again(ground, pids)
    held = ids_in(ground.terraform.state(), type_name)
    there = ground.objects(type_name)
    assert len(held) == 1
    assert type_name == "openai_message" or set(held) <= there
    if type_name == "openai_message":
        [thread_id] = [each["thread_id"] for each in ground.terraform.state().values()]
        assert ground.database.messages(thread_id).count(("user", "one")) == len(there)
    left = there - set(held)
    journal = [line for line in ground.journal if line.type_name == type_name]
    named = {line.id for line in journal} & left
    anonymous = sum(line.id is None for line in journal)
    silent = max(0, len(left - named) - anonymous)
    return Outcome(len(there), len(named) + anonymous, silent)


def _apply_again(ground: Ground, pids: Path) -> None:
    if _provider(pids):
        wait_for_end(_provider(pids))
    ground.terraform.unlock()
    ground.terraform.environment.pop(AT, None)
    ground.terraform.apply()
    assert ground.terraform.plan().actions == {}


def _killing(pids: Path, boundary: Boundary, victim: Victim, end: str) -> Any:
    def decide(request: Seen, _number: int) -> Fault | None:
        if request.method != "POST" or not request.path.endswith(end) or not pids.exists():
            return None
        provider, terraform = map(int, pids.read_text().split())
        kill(victim, provider, terraform)
        return Fault(commit=boundary == "committed", then="reset")

    return decide


def _provider(pids: Path) -> int:
    """Return the process id of the newest provider, 0 if there is none."""
    return int(pids.read_text().split()[0]) if pids.exists() else 0


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def main(random_runs: int = 200) -> None:
    """Every boundary once for each resource and each victim, then random moments."""
    with site() as place:
        for type_name, victim in itertools.product(TABLES, VICTIMS):
            found = {each: at(place, each, victim, type_name) for each in BOUNDARIES}
            report(
                "SIGKILL at each boundary",
                resource=type_name,
                victim=victim,
                objects={name: each.objects for name, each in found.items()},
                named=sum(each.named for each in found.values()),
                silent_orphans=sum(each.silent for each in found.values()),
            )
        for victim in VICTIMS:
            found = {each: appended(place, each, victim) for each in BOUNDARIES}
            report(
                "SIGKILL at each boundary of adding 24 messages",
                victim=victim,
                messages={name: each.objects for name, each in found.items()},
                named=sum(each.named for each in found.values()),
                twice=sum(each.silent for each in found.values()),
            )
        chance = random.Random(5)  # noqa: S311 - no secret
        for type_name, victim in itertools.product(TABLES, VICTIMS):
            began = time.monotonic()
            with place.ground() as (ground, api):
                ground.terraform.write(stack(ground, api, type_name))
                ground.terraform.apply()
            longest = (time.monotonic() - began) * 1.1
            runs = random_runs // len(TABLES) // len(VICTIMS)
            outcomes = [
                at_random(place, victim, type_name, chance.uniform(0.1, longest)) for _ in range(runs)
            ]
            report(
                "SIGKILL at random moments",
                resource=type_name,
                victim=victim,
                runs=runs,
                objects=dict(Counter(each.objects for each in outcomes)),
                named=sum(each.named for each in outcomes),
                silent_orphans=sum(each.silent for each in outcomes),
                seconds=round(time.monotonic() - began),
            )


if __name__ == "__main__":
    main()
