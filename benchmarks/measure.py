"""CPU, wall time and memory of whole processes, the children they waited for included."""

import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Cost:
    """What one run took, in milliseconds."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Figures:
    """What all runs took, in milliseconds: medians and least."""

    runs: tuple[Cost, ...]

    @property
    def cpu(self) -> float:
        """The median of the CPU time."""
        return statistics.median(each.cpu for each in self.runs)

    @property
    def wall(self) -> float:
        """The median of the wall time."""
        return statistics.median(each.wall for each in self.runs)

    @property
    def least_cpu(self) -> float:
        """The least CPU time."""
        return min(each.cpu for each in self.runs)

    @property
    def least_wall(self) -> float:
        """The least wall time."""
        return min(each.wall for each in self.runs)


def cost(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run a command to its end and return what it took.

    Raises:
        SystemExit: the command failed; its output is the message.
    """
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command} failed\n{done.stdout}{done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu * 1000, wall * 1000)


def interleaved(runs: int, measured: Mapping[Name, Callable[[], Cost]]) -> dict[Name, Figures]:
    """Return the figures of each, over runs that take turns, so that all meet the same machine."""
    taken: dict[Name, list[Cost]] = {name: [] for name in measured}
    for run in range(runs):
        for name, measure in measured.items():
            taken[name].append(measure())
            what = ", ".join(map(str, name)) if isinstance(name, tuple) else name
            say(f"  {what}, run {run + 1} of {runs}: {taken[name][-1].wall / 1000:.2f} s")
    return {name: Figures(tuple(costs)) for name, costs in taken.items()}


def say(what: str) -> None:
    """Tell the person who waits."""
    print(what, file=sys.stderr, flush=True)


def peaks(run: Callable[[], Cost]) -> dict[str, float]:
    """Return the most memory, in MiB, of each kind of process that this one starts during a run.

    Looked up a hundred times a second in /proc: the high-water mark of resident memory, by program.
    """
    found: dict[str, float] = {}
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.01):
            for pid in _below(os.getpid()):
                name, size = _size(pid)
                found[name] = max(size, found.get(name, 0.0))

    watching = threading.Thread(target=look)
    watching.start()
    try:
        run()
    finally:
        ended.set()
        watching.join()
    return found


def _below(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have."""
    try:
        tasks = Path(f"/proc/{pid}/task").iterdir()
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has ended
        return []
    return [each for child in children for each in (child, *_below(child))]


def _size(pid: int) -> tuple[str, float]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # as above
        return "", 0.0
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return status["Name"], int(status.get("VmHWM", "0 kB").split()[0]) / 1024
