"""The state of a stack, as its Terraform or OpenTofu gives it.

The text of a state file is never searched: it may lie elsewhere, and OpenTofu can encrypt it. The
engine knows where it is and how it is read.
"""

import json
import re
import subprocess
from binascii import a2b_base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from provider_shim.system.bundled import without_ours
from provider_shim.system.engine import document

Resources = list[dict[str, Any]]
"""The resources of a state, as its file has them."""

SECONDS: Final = 20
"""How long the engine may take to fetch the state."""

_NOT_FOR_IT: Final = re.compile(
    r"TF_CLI_ARGS.*|TF_LOG.*|TF_REATTACH_PROVIDERS|TF_PLUGIN_MAGIC_COOKIE|PLUGIN_.*|CDKTF_OPENAI_THREAD_TRIED"
)
"""Variables that would change what the engine does, or that are meant for a provider."""


class Unreadable(Exception):  # noqa: N818 - the state that a state is in
    """The state can't be read; the text says why."""


def pulled(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Resources:
    """Return the resources in the state of the stack in ``folder``.

    Raises:
        Unreadable: it is encrypted, the backend is out of reach, or the engine takes longer than ``SECONDS``.
    """
    kept = {
        name: value for name, value in without_ours(environment).items() if not _NOT_FOR_IT.fullmatch(name)
    }
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
        text = document(done.stdout.decode())
        state = json.loads(text) if text.strip() else {"version": 4, "resources": []}
    except subprocess.CalledProcessError as problem:
        raise Unreadable(_said(problem.stderr)) from problem
    except subprocess.TimeoutExpired as problem:
        raise Unreadable(f"it took longer than {SECONDS} seconds") from problem
    except (OSError, ValueError, RecursionError) as problem:
        raise Unreadable(str(problem) or type(problem).__name__) from problem
    resources = state.get("resources") if isinstance(state, dict) and state.get("version") == 4 else None  # noqa: PLR2004 - the format's
    if not isinstance(resources, list):
        raise Unreadable("what it gives is no state of version 4, perhaps an encrypted one")
    return [each for each in resources if isinstance(each, dict)]


def _said(stderr: bytes) -> str:
    """Return an error of the engine as one sentence."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", stderr.decode(errors="replace"))
    words = " ".join(filter(None, (line.strip("│╷╵ ") for line in text.splitlines())))
    return words.removeprefix("Error: ").rstrip(".") or "it gives no reason"


def addresses(resources: Resources) -> dict[str, str]:
    """Return all ids of this provider's resources in a state, each with the address of its resource."""
    return {
        identifier: ".".join(filter(None, (each.get("module"), each["type"], each.get("name"))))
        for each, instance in _objects(resources)
        for identifier in _ids_in(instance.get("attributes"))
    }


def members(resources: Resources, of: Callable[[str], tuple[str, str] | None]) -> frozenset[tuple[str, str]]:
    """Return two attributes of every object of some types in the resources of a state.

    Args:
        resources: Of the state.
        of: The two attributes of a type, None of others.
    """
    return frozenset(
        (attributes[within], attributes[own])
        for each, instance in _objects(resources)
        if (pair := of(each["type"])) is not None
        for within, own in [pair]
        for attributes in [instance.get("attributes") or {}]
        if isinstance(attributes.get(within), str) and isinstance(attributes.get(own), str)
    )


def deposed(resources: Resources) -> frozenset[str]:
    """Return the ids of what an apply with create_before_destroy replaced and could not delete."""
    return frozenset(
        identifier
        for _, instance in _objects(resources)
        if "deposed" in instance
        for identifier in _ids_in(instance.get("attributes"))
    )


def private_of(resources: Resources, identifier: str) -> dict[str, Any] | None:
    """Return what this provider has stored beside the state of an object; None where nothing is."""
    for _, instance in _objects(resources):
        if (instance.get("attributes") or {}).get("id") == identifier:
            try:
                found = json.loads(a2b_base64(instance.get("private") or ""))
            except (ValueError, TypeError):
                return None
            return found if isinstance(found, dict) else None
    return None


def _objects(resources: Resources) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each object of this provider in a state, behind its resource."""
    for each in resources:
        if each.get("mode") == "managed" and str(each.get("type")).startswith("openai_"):
            for instance in each.get("instances") or ():
                yield each, instance


def _ids_in(value: object) -> Iterator[str]:
    """Yield what attributes hold under names of ids, however deep."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            if name == "id" and isinstance(each, str):
                yield each
            elif name == "message_ids" and isinstance(each, list):
                yield from (identifier for identifier in each if isinstance(identifier, str))
            elif name == "ids" and isinstance(each, Mapping):
                yield from (identifier for identifier in each.values() if isinstance(identifier, str))
            else:
                yield from _ids_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _ids_in(each)
