"""How much is measured: all of it, or what a minute is enough for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Sizes, and how often each is measured."""

    threads: dict[int, int]
    """Threads of a stack that is planned and applied, and the runs of each."""
    parallelism: tuple[int, ...]
    refreshed: dict[int, int]
    """Of these, which are also refreshed, and the runs."""
    synthesized: dict[int, int]
    """Threads of an app that is synthesized, and the runs of each."""
    explained: int
    """Threads of the apply whose time is taken apart, and of the one whose memory is watched."""
    sets: tuple[int, ...]
    """Threads of a set."""
    most_single: int
    """Of these, up to how many are also made as one resource each."""
    starts: int
    """Runs of what takes well below a second."""


FULL = Scale(
    threads={1: 3, 200: 3, 1000: 1},
    parallelism=(10, 50),
    refreshed={1000: 1},
    synthesized={1: 3, 100: 3, 1000: 2, 10_000: 1},
    explained=200,
    sets=(1, 100, 1000, 10_000),
    most_single=1000,
    starts=15,
)
QUICK = Scale(
    threads={1: 1, 50: 1},
    parallelism=(10,),
    refreshed={50: 1},
    synthesized={1: 1, 100: 1},
    explained=50,
    sets=(1, 50),
    most_single=50,
    starts=3,
)
