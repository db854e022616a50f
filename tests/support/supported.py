"""What is supported: the one list that `make matrix` runs and README's table shows."""

from itertools import combinations, product
from typing import Final, NamedTuple

from scripts.engine import PACKAGES

PYTHONS: Final = ("3.11", "3.12", "3.13")
NODES: Final = ("22", "20", "24")
FRAMEWORKS: Final = ("cdktn", "cdktf")
TERRAFORMS: Final = tuple(reversed(PACKAGES))
STATES: Final = ("http", "local", "pg", "s3")
"""The first of each make the first row, which .ci/run deploys: it needs nothing that is not there anyway."""

NOT: Final = {("cdktf", "24"), ("cdktn", "20")}
"""Framework and Node.js whose command does not start: node-pty has no binary; it wants 22.19 or newer."""


class Row(NamedTuple):
    """One combination."""

    python: str
    node: str
    framework: str
    terraform: str
    state: str

    @property
    def possible(self) -> bool:
        """Whether the framework's command line starts on this Node.js."""
        return (self.framework, self.node) not in NOT


def pairwise() -> list[Row]:
    """Return rows that have each pair of values in one of them; the greedy choice, so the same each time."""
    rows = [
        row for row in map(Row._make, product(PYTHONS, NODES, FRAMEWORKS, TERRAFORMS, STATES)) if row.possible
    ]
    wanted = {pair for row in rows for pair in _pairs(row)}
    chosen = []
    while wanted:
        best = max(rows, key=lambda row: len(_pairs(row) & wanted))
        chosen.append(best)
        wanted -= _pairs(best)
    return chosen


def _pairs(row: Row) -> set[tuple[tuple[int, str], tuple[int, str]]]:
    return set(combinations(enumerate(row), 2))
