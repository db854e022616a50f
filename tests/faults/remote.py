"""SIGKILL at random moments, of the provider, of Terraform or of both, wherever the state lies.

Answered is not stored: whatever was made has to be in the state, or named, after the next run.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal, get_args

from tests.faults.ground import SECONDS, load, report, wait_for_end, wait_until
from tests.support.database import Database
from tests.support.faulty import Fault, Seen
from tests.support.remote_state import Backend, Where, backend
from tests.support.served import ServedApi, served
from tests.support.terraform import TerraformProject

Victim = Literal["provider", "terraform", "both"]
VICTIMS: Final[tuple[Victim, ...]] = get_args(Victim)
WHERE: Final[tuple[Where, ...]] = get_args(Where)
EQUAL: Final = {"metadata": {"a": "1"}, "messages": [{"role": "user", "content": "one"}]}
THREADS: Final = {"a": EQUAL, "b": EQUAL, "c": {"metadata": {"c": "1"}}}
SLOW: Final = 0.5
"""Seconds, at most, that the API takes for an answer: else few kills would meet a create."""
EARLY: Final = 0.2
"""Of the kills, how many come before the first create: a busy machine would give them most of the time."""
LONGEST: Final = 3600
"""Seconds for which a backend is there."""

Phase = Literal[
    "before the first create", "creates under way", "all answered", "the provider has ended", "nobody died"
]


@dataclass(frozen=True)
class Outcome:
    """What there is after the run that follows a death, and after one more."""

    made: int
    taken_over: int
    named: int
    without_answer: int
    """Creates whose answer never came: named without an id."""
    unnamed: int
    twice: int
    foreign: int
    late_warnings: int


def stack(api: ServedApi, state: Backend, seconds: float) -> dict[str, Any]:
    """Return three threads, two of them equal, and a resource of another provider that goes on after them."""
    sleep = {"local-exec": {"command": f"sleep {seconds}"}}
    after = [f"openai_thread.{name}" for name in THREADS]
    return {
        "terraform": state.block,
        "provider": {"openai": {"base_url": api.base_url, "api_key": "sk-faults"}},
        "resource": {
            "openai_thread": THREADS,
            "terraform_data": {"slow": {"provisioner": sleep, "depends_on": after}},
        },
    }


class Site:
    """A stack, what it works on, and the run of it that is to be killed."""

    def __init__(self, folder: Path, state: Backend, chance: random.Random) -> None:
        folder.mkdir(exist_ok=True)
        self.database = Database(folder / "threads.db")
        # Somebody else's, of the same content.
        self.foreign = self.database.ask(lambda client: client.conversations.create(metadata={"a": "1"})).id
        self.terraform = TerraformProject(folder / "stack", environment=state.environment)
        self.state = state
        self._chance = chance

    def slow(self, request: Seen, _number: int) -> Fault | None:
        """Let the API take its time for what is made, before or after it has made it."""
        if request.method != "POST":
            return None
        return Fault(
            then="late", commit=self._chance.random() < 0.5, seconds=self._chance.uniform(0.05, SLOW)
        )

    def start(self, api: ServedApi) -> "subprocess.Popen[str]":
        """Begin an apply."""
        self.terraform.write(stack(api, self.state, 1.5)).init()
        return self.terraform.start("apply", "-auto-approve", "-input=false", output=subprocess.DEVNULL)

    def phase(self, api: ServedApi, *, alive: bool, running: bool) -> Phase:
        """Tell how far the run has got."""
        path = self.terraform.folder / ".openai-thread-journal.jsonl"
        answered = path.read_text().count('"event":"made"') if path.exists() else 0
        if not running:
            return "nobody died"
        if not any(each.method == "POST" for each in api.seen):
            return "before the first create"
        if answered < len(THREADS):
            return "creates under way"
        return "all answered" if alive else "the provider has ended"


def durations(folder: Path, state: Backend, chance: random.Random) -> tuple[float, float]:
    """Return how long an apply takes that nobody kills: to its first create, and in all."""
    site = Site(folder, state, chance)
    with served(site.database) as api:
        api.decide = site.slow
        process = site.start(api)
        began = time.monotonic()
        wait_until(lambda: any(each.method == "POST" for each in api.seen) or process.poll() is not None)
        first = time.monotonic() - began
        assert process.wait(SECONDS) == 0
        return first, time.monotonic() - began


def killed(
    folder: Path, state: Backend, victim: Victim, seconds: float, chance: random.Random
) -> tuple[Phase, Outcome]:
    """Let the victim die this long after the start of an apply, apply again, and plan."""
    site = Site(folder, state, chance)
    terraform, foreign = site.terraform, site.foreign
    with served(site.database) as api:
        api.decide = site.slow
        process = site.start(api)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        providers = _providers(process.pid)
        while victim == "provider" and not providers and process.poll() is None:
            providers = _providers(process.pid)
        phase = site.phase(api, alive=bool(providers), running=process.poll() is None)
        for pid in {"provider": providers, "terraform": [process.pid], "both": [process.pid, *providers]}[
            victim
        ]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(SECONDS)
        for pid in providers:
            wait_for_end(pid)
        api.heal()
        terraform.unlock()
        (terraform.folder / "errored.tfstate").unlink(missing_ok=True)
        terraform.write(stack(api, state, 0))
        said = terraform.apply("-lock=false").output
        late = terraform.plan("-lock=false")
        assert late.actions == {}, late.output
        pulled = json.loads(terraform.run("state", "pull"))
    held = [
        instance["attributes"]["id"]
        for each in pulled["resources"]
        if each["type"] == "openai_thread"
        for instance in each["instances"]
    ]
    with closing(sqlite3.connect(site.database.path)) as db:
        there = {row[0] for row in db.execute("SELECT id FROM conversations")} - {foreign}
    left = there - set(held)
    named = {each for each in left if each in said}
    without = said.count('"summary":"An openai_thread may have been made, its id is not known"')
    return phase, Outcome(
        made=len(there),
        taken_over=said.count('"summary":"A thread of an interrupted run is taken over"'),
        named=len(named),
        without_answer=min(without, len(left - named)),
        unnamed=max(0, len(left - named) - without),
        twice=len(held) - len(set(held)),
        foreign=held.count(foreign),
        late_warnings=len(late.warnings),
    )


def _providers(terraform: int) -> list[int]:
    """Return the provider processes of a Terraform."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(terraform)], capture_output=True, text=True, check=False
    ).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "provider_shim" in line]


def runs(where: Where, count: int, chance: random.Random) -> list[tuple[Phase, Outcome]]:
    """Kill so many runs whose state lies there, each at a moment of its own."""
    outcomes: list[tuple[Phase, Outcome]] = []
    with ExitStack() as open_:
        state = open_.enter_context(backend(where, seconds=LONGEST))
        first = long = 0.0
        while (number := sum(phase != "nobody died" for phase, _ in outcomes)) < count:
            with TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
                if len(outcomes) % 8 == 0:  # a busy machine takes longer
                    whole = state.apart(f"whole{len(outcomes)}")
                    first, long = durations(Path(folder, "whole"), whole, chance)
                mine = state.apart(f"run{len(outcomes)}")
                early = chance.random() < EARLY
                moment = chance.uniform(*((0.0, first) if early else (first, long)))
                outcomes.append(killed(Path(folder), mine, VICTIMS[number % 3], moment, chance))
    return outcomes


def main(count: int = 100) -> None:
    """Kill a hundred runs, a third of them with each place of the state."""
    chance = random.Random(15)  # noqa: S311 - no secret
    for number, where in enumerate(WHERE):
        began = time.monotonic()
        outcomes = runs(where, (count + 2 - number) // 3, chance)
        sums: Counter[str] = Counter()
        for _, each in outcomes:
            sums.update(vars(each))
        report(
            "SIGKILL at random moments, by where the state lies",
            state=where,
            kills=sum(phase != "nobody died" for phase, _ in outcomes),
            **sums,
            moments=dict(Counter(phase for phase, _ in outcomes).most_common()),
            load=load(),
            seconds=round(time.monotonic() - began),
        )


if __name__ == "__main__":
    main()
