"""All scripts in full, one after another: two hours or so. Each prints lines of figures."""

import sys
from collections.abc import Callable

from tests.faults import (
    adoption,
    answers,
    big,
    canary,
    doors,
    frames,
    interrupts,
    kills,
    losses,
    plans,
    remote,
    sets,
    storms,
    writes,
)

SCRIPTS: dict[str, Callable[[], None]] = {
    "kills": kills.main,
    "losses": losses.main,
    "storms": storms.main,
    "interrupts": interrupts.main,
    "sets": sets.main,
    "adoption": adoption.main,
    "canary": canary.main,
    "doors": doors.main,
    "plans": plans.main,
    "remote": remote.main,
    "answers": answers.main,
    "frames": frames.main,
    "writes": writes.main,
    "big": big.main,
}

for name in sys.argv[1:] or SCRIPTS:
    SCRIPTS[name]()
