"""What the state of the stack holds that a record is of, asked of the engine that ran there."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from provider_shim.journal.records import Run
from provider_shim.journal.stack import stack_of, workspace
from provider_shim.system.engine_state import Unreadable, addresses, pulled
from provider_shim.system.parent import is_there


class Stored(NamedTuple):
    """The ids in a state with the addresses of their resources, or why it is not known what is in it."""

    ids: Mapping[str, str] | None
    unknown: str = ""

    def __contains__(self, identifier: object) -> bool:
        """Return whether the state is known to hold this id."""
        return self.ids is not None and identifier in self.ids


def stored(run: Run, journal: Path) -> Stored:
    """Look into the state that a run worked on.

    The look-up is complete or none: the engine of the run, in its folder, with its TF_DATA_DIR and workspace,
    and only if the folder still works on the same state.
    """
    problem = _obstacle(run)
    if problem:
        return Stored(None, problem)
    folder = Path(run.folder)
    environment = {
        name: value for name, value in os.environ.items() if name not in ("TF_DATA_DIR", "TF_WORKSPACE")
    }
    if run.data is not None:
        environment["TF_DATA_DIR"] = run.data
    if workspace(folder, environment) != run.workspace:
        environment["TF_WORKSPACE"] = run.workspace
    if stack_of(folder, journal, environment) != run.stack:
        return Stored(None, f"{folder} works on another state than the run did, or the journal was moved")
    try:
        return Stored(_pulled(tuple(run.program), folder, tuple(sorted(environment.items()))))
    except Unreadable as problem:
        return Stored(
            None,
            f"`{' '.join(run.program)} state pull` in {folder} can't read it: {problem}. Set what a deploy "
            "has in its environment",
        )


def _obstacle(run: Run) -> str:
    if not run.folder or not run.program:
        return "the journal does not say which Terraform ran, and where"
    if run.engine and is_there(run.engine):
        return "the run that asked for it is still under way"
    if not Path(run.folder).is_dir():
        return f"the folder {run.folder}, in which the run worked, is not here (`cdktf diff` makes it)"
    missing = [each for each in run.program if not Path(each).is_file()]
    return f"{missing[0]}, which ran there, is not here" if missing else ""


@cache
def _pulled(
    program: tuple[str, ...], folder: Path, environment: tuple[tuple[str, str], ...]
) -> Mapping[str, str]:
    return addresses(pulled(program, folder, dict(environment)))
