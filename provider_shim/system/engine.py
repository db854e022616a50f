"""The Terraform or OpenTofu that runs: which it is, and the state that it works on.

The text of a state file is never searched: it may lie elsewhere, and OpenTofu can encrypt it. The
engine knows where it is and how it is read.
"""

import json
import os
import re
import shutil
import subprocess
from binascii import a2b_base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from provider_shim.system.bundled import without_ours
from provider_shim.system.parent import arguments, more_arguments

Resources = list[dict[str, Any]]
"""The resources of a state, as its file has them."""

SECONDS: Final = 20
"""How long the engine may take to fetch the state."""

_NOT_FOR_IT: Final = re.compile(
    r"TF_CLI_ARGS.*|TF_LOG.*|TF_REATTACH_PROVIDERS|TF_PLUGIN_MAGIC_COOKIE|PLUGIN_.*|CDKTF_OPENAI_THREAD_TRIED"
)
"""Variables that would change what the engine does, or that are meant for a provider."""


VARIABLE: Final = "TERRAFORM_BINARY_NAME"
"""The environment variable that names the engine; the command lines of both frameworks read it, too."""

_COMMAND: Final = re.compile(
    r"\bterraform(?= (?:apply|destroy|force-unlock|import|init|plan|providers|refresh|state|taint|untaint)\b)"
)

_DESTROY_SINCE: Final = {"terraform": (1, 16), "tofu": (1, 12)}


def chosen(environment: Mapping[str, str]) -> Path | None:
    """Return the engine that a person means: what the variable names, else terraform, else tofu.

    None where there is none; what the variable names is not replaced by another.
    """
    named = environment.get(VARIABLE)
    for name in [named] if named else ["terraform", "tofu"]:
        if (found := shutil.which(name, path=environment.get("PATH"))) is not None:
            return Path(os.path.abspath(found))  # noqa: PTH100 - keeps links
    return None


def cli_finds_no(found: Path, environment: Mapping[str, str]) -> str | None:
    """Say that the cdktf CLI does not find the engine that was chosen; None where it does.

    It starts ``terraform`` unless the variable names another.
    """
    if environment.get(VARIABLE) or found.name != "tofu":
        return None
    return f"{found}, and the cdktf CLI starts terraform, which is not on the PATH"


def word(program: str | Path | None) -> str:
    """Return the command of an engine as a person types it: ``terraform``, or ``tofu``."""
    return "tofu" if program is not None and "tofu" in Path(program).name.lower() else "terraform"


def in_words_of(program: str | Path | None, text: str) -> str:
    """Return a text with its commands for an engine: ``tofu state rm`` where that is OpenTofu."""
    return _COMMAND.sub("tofu", text) if word(program) == "tofu" else text


def keeps_what_leaves(program: str, version: str) -> bool:
    """Return whether an engine of this version has ``lifecycle { destroy = false }`` in a resource."""
    number = re.match(r"(\d+)\.(\d+)", version)
    return number is not None and (int(number[1]), int(number[2])) >= _DESTROY_SINCE[word(program)]


def document(output: str) -> str:
    """Return the JSON in what an engine has printed.

    OpenTofu prints what it finds wrong with its CLI configuration to stdout, before every answer.
    """
    begins = re.search(r"^\{", output, re.MULTILINE)
    return output[begins.start() :] if begins else output


def running(process: int) -> str:
    """Return the program of the engine that runs as ``process``; nothing where the system does not tell."""
    return (engine(process) or [""])[-1]


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
        options = list(takewhile(lambda word: word.startswith("-"), map(os.fsdecode, words[1:])))
        script = Path(f"/proc/{process}/cwd", os.fsdecode(words[1 + len(options)]))
        interpreter = named if Path(named).is_absolute() else str(program)
        return [interpreter, *options, str(script.resolve())] if script.is_file() else None
    return [str(program)]


def names_state(process: int, environment: Mapping[str, str]) -> str:
    """Return what an engine was told of the state (``-state=…``): then ``state pull`` reads another one."""
    said = [*arguments(process), *more_arguments(environment)]
    named = [each.lstrip("-") for each in said if each.startswith("-")]
    return " ".join(each for each in named if each.partition("=")[0] in ("state", "state-out"))


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
