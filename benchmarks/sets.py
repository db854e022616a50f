"""Any number of threads: as one resource, as one resource each, with for_each, and by a script.

What is ours and what is Terraform's stands apart: the provider's processes tell what they took.
"""

import json
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.deploys import PEERS, PROBE, calls
from benchmarks.measure import Cost, cost, peaks, say
from tests.support.environment import BIN, clean, engine
from tests.support.terraform import TerraformProject

SET, SINGLE, EACH, SCRIPT = "ThreadSet", "Thread", "Thread with for_each", "plain script, two calls"
TEN, EMPTY = "ten ThreadSets", "ThreadSet, no messages"
PLAN, APPLY, REFRESH, UNREFRESHED, CHANGE = (
    "plan of new ones",
    "apply",
    "plan with refresh",
    "plan without refresh",
    "plan of one changed, without refresh",
)
AT_ONCE = 50
"""Of a set and of the script. Terraform works on 10 single resources at a time."""
MESSAGE = "Hello, I am a user with something to say. " * 5
"""About 200 characters."""
FOR_EACH_MOST = 200
"""Threads from which the square of their number takes too long to be measured."""
SPLIT_FROM = 1000
"""Threads from which it is worth it to share them among several sets."""

Key = tuple[str, int, str]
"""What is measured: whose, threads, the command."""


@dataclass(frozen=True)
class Measured:
    """One command."""

    whole: Cost
    provider: float
    """CPU of the provider's processes, in milliseconds; 0 for a script."""
    calls: int
    memory: float
    """Of the provider, in MiB."""


def threads(count: int) -> dict[str, Any]:
    """Return the threads: two pairs of metadata, one message."""
    return {
        f"thread_{number}": {
            "metadata": {"user_id": str(number), "priority": "low"},
            "messages": [{"role": "user", "content": MESSAGE[:200]}],
        }
        for number in range(count)
    }


class Growth:
    """All of them in all sizes, against one API."""

    def __init__(self, folder: Path, base_url: str) -> None:
        """Make projects in the folder."""
        self._folder = folder
        self._base_url = base_url
        self.state: dict[tuple[str, int], float] = {}
        """Bytes of the state for each thread, by whose and how many."""

    def measure(self, sizes: tuple[int, ...], most_single: int) -> dict[Key, Measured]:
        """Plan, apply and refresh them; single ones up to so many."""
        found: dict[Key, Measured] = {}
        for count in sizes:
            say(f"{count} threads as one resource")
            found |= self._terraform(SET, count)
            if count <= most_single:
                found |= self._terraform(SINGLE, count)
                found[SCRIPT, count, APPLY] = self._script(count)
            if count <= FOR_EACH_MOST:
                found |= self._terraform(EACH, count)
            if count >= SPLIT_FROM:
                found[TEN, count, PLAN] = self._plan(TEN, count)[1]
            if count == SPLIT_FROM:
                found[EMPTY, count, REFRESH] = self._refresh_without_messages(count)
        return found

    def _plan(self, name: str, count: int) -> tuple[TerraformProject, Measured]:
        folder = self._folder / f"{name} {count}"
        project = TerraformProject(folder).write(self._configuration(name, threads(count))).init()
        return project, self._run(folder, "plan")

    def _refresh_without_messages(self, count: int) -> Measured:
        folder = self._folder / f"{EMPTY} {count}"
        wanted = {key: {"metadata": each["metadata"]} for key, each in threads(count).items()}
        TerraformProject(folder).write(self._configuration(SET, wanted)).init()
        self._run(folder, "apply", "-auto-approve")
        return self._run(folder, "plan")

    def _terraform(self, name: str, count: int) -> dict[Key, Measured]:
        project, planned = self._plan(name, count)
        folder, wanted = project.folder, threads(count)
        found = {
            (name, count, PLAN): planned,
            (name, count, APPLY): self._run(folder, "apply", "-auto-approve"),
        }
        self.state[name, count] = (folder / "terraform.tfstate").stat().st_size / count
        found[name, count, REFRESH] = self._run(folder, "plan")
        found[name, count, UNREFRESHED] = self._run(folder, "plan", "-refresh=false")
        wanted["thread_0"]["metadata"]["priority"] = "high"
        project.write(self._configuration(name, wanted))
        found[name, count, CHANGE] = self._run(folder, "plan", "-refresh=false")
        return found

    def _configuration(self, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
        provider = {"provider": {"openai": {"base_url": self._base_url}}}
        if name == SET:
            of_set = {"threads": wanted, "parallelism": AT_ONCE}
            return {**provider, "resource": {"openai_thread_set": {"it": of_set}}}
        if name == TEN:
            parts = [dict(list(wanted.items())[begin::10]) for begin in range(10)]
            sets = {f"part_{number}": {"threads": part} for number, part in enumerate(parts)}
            return {**provider, "resource": {"openai_thread_set": sets}}
        if name == SINGLE:
            return {**provider, "resource": {"openai_thread": wanted}}
        each = {part: f"${{each.value.{part}}}" for part in ("metadata", "messages")}
        of_each = {"for_each": "${local.threads}", **each}
        return {**provider, "locals": {"threads": wanted}, "resource": {"openai_thread": {"it": of_each}}}

    def _run(self, folder: Path, command: str, *options: str) -> Measured:
        out = folder / "probe"
        out.unlink(missing_ok=True)
        environment = clean({"PYTHONPATH": str(PROBE), "BENCHMARK_PROBE": str(out)})
        taken: list[Cost] = []

        def run() -> Cost:
            arguments: list[str | Path] = [engine(), command, "-input=false", "-no-color", *options]
            taken.append(cost(arguments, folder, environment))
            return taken[0]

        calls(self._base_url)
        sizes = peaks(run)
        processes = [json.loads(line)["process cpu"] for line in out.read_text().splitlines()]
        memory = max((size for name, size in sizes.items() if name.startswith("python")), default=0.0)
        return Measured(taken[0], sum(processes) * 1000, int(calls(self._base_url)["count"]), memory)

    def _script(self, count: int) -> Measured:
        folder = self._folder / f"script {count}"
        folder.mkdir(parents=True)
        (folder / "threads.json").write_text(json.dumps(threads(count)))
        environment = clean({"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": self._base_url})
        script: list[str | Path] = [
            BIN / "python",
            PEERS / "script.py",
            "threads.json",
            "ids.json",
            str(AT_ONCE),
            "two",
        ]
        calls(self._base_url)
        taken = partial(cost, script, folder, environment)()
        return Measured(taken, 0.0, int(calls(self._base_url)["count"]), 0.0)


def main() -> None:
    """Measure the sizes that are given, and print a line for each command."""
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - only a run of this part

    from benchmarks.deploys import slow_api  # noqa: PLC0415 - as above

    sizes = tuple(map(int, sys.argv[1:])) or (1, 100, 1000)
    with TemporaryDirectory() as folder, slow_api() as base_url:
        growth = Growth(Path(folder), base_url)
        for (name, count, what), each in growth.measure(sizes, 1000).items():
            say(
                f"{name}, {count}, {what}: CPU {each.whole.cpu / 1000:.2f} s, of the provider "
                f"{each.provider / 1000:.2f} s, wall {each.whole.wall / 1000:.2f} s, {each.calls} calls, "
                f"{each.memory:.0f} MiB"
            )
        for (name, count), size in growth.state.items():
            say(f"{name}, {count}: {size:.0f} bytes of state a thread")


if __name__ == "__main__":
    main()
