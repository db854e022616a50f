"""The Terraform or OpenTofu that started this process, asked for the state that it works on.

The text of a state file is never searched: it may lie elsewhere, and OpenTofu can encrypt it. The
engine knows where it is and how it is read.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

SECONDS: Final = 20
"""How long the engine may take to fetch the state."""

_NOT_FOR_IT: Final = re.compile(
    r"TF_CLI_ARGS.*|TF_LOG.*|TF_REATTACH_PROVIDERS|TF_PLUGIN_MAGIC_COOKIE|PLUGIN_.*|CDKTF_OPENAI_THREAD_TRIED"
)
"""Variables that would change what the engine does, or that are meant for a provider."""


def engine(process: int) -> list[str] | None:
    """Return the command of the engine that runs as ``process``; None where the system does not tell.

    A script is run by its interpreter: then the command names both.
    """
    try:
        program = Path(f"/proc/{process}/exe").readlink()
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return None
    named = os.fsdecode(words[0])
    if program.name.startswith("python") and len(words) > 1:
        script = Path(f"/proc/{process}/cwd", os.fsdecode(words[1]))
        interpreter = named if Path(named).is_absolute() else str(program)
        return [interpreter, str(script.resolve())] if script.is_file() else None
    return [str(program)]


def pulled(command: list[str], folder: Path, environment: Mapping[str, str]) -> list[dict[str, Any]] | None:
    """Return the resources in the state of the stack in ``folder``; None where it can't be read.

    An encrypted state, a backend out of reach and an engine that takes longer than ``SECONDS`` all
    count as "can't be read".
    """
    kept = {name: value for name, value in environment.items() if not _NOT_FOR_IT.fullmatch(name)}
    try:
        done = subprocess.run(
            [*command, "state", "pull"],
            cwd=folder,
            env=kept,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        state = json.loads(done.stdout) if done.stdout.strip() else {"version": 4, "resources": []}
    except (OSError, subprocess.SubprocessError, ValueError, RecursionError):
        return None
    resources = state.get("resources") if isinstance(state, dict) and state.get("version") == 4 else None  # noqa: PLR2004 - the format's
    if not isinstance(resources, list):
        return None
    return [each for each in resources if isinstance(each, dict)]


def ids_of(resources: list[dict[str, Any]], type_name: str) -> frozenset[str]:
    """Return the ``id`` of every object of a type in the resources of a state."""
    return frozenset(
        identifier
        for attributes in _objects(resources, type_name)
        if isinstance(identifier := attributes.get("id"), str)
    )


def deposed(resources: list[dict[str, Any]], prefix: str) -> frozenset[str]:
    """Return the ids of what an apply with create_before_destroy replaced and could not delete."""
    return frozenset(
        identifier
        for each in resources
        if each.get("mode") == "managed" and str(each.get("type")).startswith(prefix)
        for instance in each.get("instances") or ()
        if "deposed" in instance
        if isinstance(identifier := (instance.get("attributes") or {}).get("id"), str)
    )


def ids_within(resources: list[dict[str, Any]], prefix: str) -> frozenset[str]:
    """Return every ``id`` in the objects of types that begin so: theirs, and those of their parts."""
    return frozenset(each for attributes in _objects(resources, prefix) for each in _ids(attributes))


def _objects(resources: list[dict[str, Any]], prefix: str) -> Iterator[dict[str, Any]]:
    for each in resources:
        if each.get("mode") == "managed" and str(each.get("type")).startswith(prefix):
            for instance in each.get("instances") or ():
                yield instance.get("attributes") or {}


def _ids(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(identifier := value.get("id"), str):
            yield identifier
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _ids(each)
