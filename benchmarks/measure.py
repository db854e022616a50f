"""CPU and wall time of whole processes, the children they waited for included."""

import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What one run took, in milliseconds."""

    cpu: float
    wall: float


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


def medians(runs: int, *measured: Callable[[], Cost]) -> list[Cost]:
    """Return the median of each, over runs that take turns, so that all meet the same machine."""
    taken = [[each() for each in measured] for _ in range(runs)]
    columns = zip(*taken, strict=True)
    return [
        Cost(
            statistics.median(each.cpu for each in column),
            statistics.median(each.wall for each in column),
        )
        for column in columns
    ]
