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

from tests.faults.ground import SECONDS, report, wait_for_end
from tests.support.database import Database
from tests.support.environment import clean, engine
from tests.support.remote_state import Backend, Where, backend
from tests.support.served import ServedApi, served
from tests.support.terraform import TerraformProject

Victim = Literal["provider", "terraform", "both"]
VICTIMS: Final[tuple[Victim, ...]] = get_args(Victim)
WHERE: Final[tuple[Where, ...]] = get_args(Where)
EQUAL: Final = {"metadata": {"a": "1"}, "messages": [{"role": "user", "content": "one"}]}


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
    threads = {"a": EQUAL, "b": EQUAL, "c": {"metadata": {"c": "1"}}}
    sleep = {"local-exec": {"command": f"sleep {seconds}"}}
    after = [f"openai_thread.{name}" for name in threads]
    return {
        "terraform": state.block,
        "provider": {"openai": {"base_url": api.base_url, "api_key": "sk-faults"}},
        "resource": {
            "openai_thread": threads,
            "terraform_data": {"slow": {"provisioner": sleep, "depends_on": after}},
        },
    }


def killed(folder: Path, state: Backend, victim: Victim, seconds: float) -> Outcome:
    """Let the victim die this long after the start of an apply, apply again, and plan."""
    database = Database(folder / "threads.db")
    # Somebody else's, of the same content.
    foreign = database.ask(lambda client: client.conversations.create(metadata={"a": "1"})).id
    terraform = TerraformProject(folder / "stack", environment=state.environment)
    with served(database) as api:
        terraform.write(stack(api, state, 1.5)).init()
        process = subprocess.Popen(
            [engine(), "apply", "-auto-approve", "-input=false"],
            cwd=terraform.folder,
            env=clean(terraform.environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        providers = _providers(process.pid)
        for pid in {"provider": providers, "terraform": [process.pid], "both": [process.pid, *providers]}[
            victim
        ]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(SECONDS)
        for pid in providers:
            wait_for_end(pid)
        (terraform.folder / ".terraform.tfstate.lock.info").unlink(missing_ok=True)
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
    with closing(sqlite3.connect(database.path)) as db:
        there = {row[0] for row in db.execute("SELECT id FROM conversations")} - {foreign}
    left = there - set(held)
    named = {each for each in left if each in said}
    without = said.count('"summary":"An openai_thread may have been made, its id is not known"')
    return Outcome(
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


def runs(where: Where, count: int, chance: random.Random) -> list[Outcome]:
    """Kill so many runs whose state lies there."""
    outcomes = []
    for number in range(count):
        with ExitStack() as open_, TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
            state = open_.enter_context(backend(where))
            outcomes.append(killed(Path(folder), state, VICTIMS[number % 3], chance.uniform(1.0, 6.0)))
    return outcomes


def main(count: int = 100) -> None:
    """Kill a hundred runs, a third of them with each place of the state."""
    chance = random.Random(15)  # noqa: S311 - no secret
    for number, where in enumerate(WHERE):
        began = time.monotonic()
        outcomes = runs(where, (count + 2 - number) // 3, chance)
        sums: Counter[str] = Counter()
        for each in outcomes:
            sums.update(vars(each))
        report(
            "SIGKILL at random moments, by where the state lies",
            state=where,
            runs=len(outcomes),
            **sums,
            seconds=round(time.monotonic() - began),
        )


if __name__ == "__main__":
    main()
