"""What Terraform's states hold, so that nothing of it is taken for left over."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provider_shim.api.local_states import backend, state_files
from provider_shim.api.places import STEM

SECONDS: Final = 60
"""How long Terraform may take to fetch a state."""


@dataclass(frozen=True, slots=True)
class Held:
    """The text of the states, in which ids are looked for, and why that may not be all of it."""

    text: str
    unknown: str = ""

    def __contains__(self, identifier: str) -> bool:
        """Return whether a state holds this id."""
        return f'"{identifier}"' in self.text


def held(journal: Path, folder: Path) -> Held:
    """Read the states of the stack that a journal belongs to.

    Args:
        journal: Where it lies says which stack it is; see api/places.py.
        folder: The folder that was asked about: its local states count as well.
    """
    beside = journal.parent
    name = journal.name.removeprefix(f"{STEM}.").removesuffix("jsonl").removesuffix(".")
    runs_in = sorted(beside.glob(f"*/stacks/{name}")) if name else [beside]
    local = {path for each in (folder, beside, *runs_in) for path in state_files(each, os.environ)}
    texts = [path.read_text(errors="replace") for path in local]
    backends = {each: _backend(each) for each in runs_in}
    for where, kind in backends.items():
        if kind not in (None, "local"):
            try:
                texts += _pulled(where)
            except (OSError, subprocess.SubprocessError) as problem:
                return Held("\n".join(texts), f"it is kept by the backend {kind}, and {_said(problem)}")
    known = any(backends.values()) or any(path.name == f"terraform.{name}.tfstate" for path in local)
    if name and not known:
        return Held("\n".join(texts), f"the stack {name} is not initialised here. Run `cdktf diff {name}`")
    return Held("\n".join(texts))


def _backend(folder: Path) -> str | None:
    """Return the backend that Terraform has noted in a folder; None where it has noted none."""
    kind = backend(folder, os.environ).get("type")
    return kind if isinstance(kind, str) else None


def _pulled(folder: Path) -> list[str]:
    """Fetch the states of all workspaces."""
    listed = [line.strip("* ") for line in _terraform(folder, "workspace", "list").splitlines()]
    workspaces = [each for each in listed if each]
    return [_terraform(folder, "state", "pull", TF_WORKSPACE=each) for each in workspaces]


def _terraform(folder: Path, *arguments: str, **variables: str) -> str:
    wanted = os.environ.get("TERRAFORM_BINARY_NAME")  # what the cdktf CLI runs
    command = wanted or next(filter(shutil.which, ("terraform", "tofu")), "terraform")
    return subprocess.run(
        [command, *arguments],
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    ).stdout


def _said(problem: OSError | subprocess.SubprocessError) -> str:
    match problem:
        case subprocess.CalledProcessError(stderr=str(text)):
            lines = (line.strip("│╷╵ ") for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines())
            said = " ".join(filter(None, lines)).removeprefix("Error: ").rstrip(".")
            return f"Terraform can't fetch it: {said}. Set what a deploy has in its environment"
        case subprocess.TimeoutExpired():
            return f"Terraform did not fetch it in {SECONDS} seconds. Is the backend in reach?"
        case _:
            return f"Terraform can't be run to fetch it: {problem}. Put it on PATH"
