"""What cdktf synth left in a project: its stacks, and how each configures the provider."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from provider_shim.commands.doctor.finding import Finding
from provider_shim.launcher.mirror import FRAMEWORK, SOURCE

AGAIN: Final = "Run cdktf synth again."
_VARIABLE: Final = re.compile(r"\$\{var\.([\w-]+)\}")
_TEMPLATE: Final = re.compile(r"(?<![$%])(?:\$\$|%%)*[$%]\{")


@dataclass(frozen=True, slots=True)
class Known:
    """A value that Terraform knows at deploy only. ``variable`` is what it comes from, where that is one."""

    variable: str = ""


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack as it was synthesized. ``problem`` says why it can't be read."""

    name: str
    folder: Path
    configuration: Mapping[str, Any] | None = None
    problem: str = ""


def is_project(folder: Path) -> bool:
    """Return whether this is a folder in which the cdktf CLI works."""
    return (folder / "cdktf.json").exists() or _out(folder).is_dir()


def settings(folder: Path) -> Iterator[Finding]:
    """Report a cdktf.json that the cdktf CLI could not work with."""
    path = folder / "cdktf.json"
    try:
        given = json.loads(path.read_bytes())
    except FileNotFoundError:
        return
    except (OSError, ValueError, RecursionError) as problem:
        said = "is nested too deep" if isinstance(problem, RecursionError) else str(problem)
        yield Finding("Project", "error", f"{path} can't be read as JSON: {said}", "Correct it.")
        return
    if not isinstance(given, dict):
        yield Finding("Project", "error", f"{path} is no JSON object", "Write one with language and app.")
        return
    for name in ("language", "app"):
        if not (isinstance(given.get(name), str) and given[name]):
            found = f"is {json.dumps(given[name])[:40]}" if name in given else "is missing"
            yield Finding("Project", "error", f"{path}: {name} {found}", f"Set {name} to a text.")
            return


def stacks(folder: Path) -> list[Stack]:
    """Return the stacks below a project that use the provider."""
    found = sorted(path.parent for path in _out(folder).glob("stacks/*/terraform.d"))
    return [stack_in(each) for each in found]


def framework(found: list[Stack]) -> str:
    """Return the framework that the app imported when it was synthesized; nothing where that is open."""
    notes = {path.read_text().strip() for each in found if (path := each.folder / FRAMEWORK).is_file()}
    return notes.pop() if len(notes) == 1 else ""


def providers(stack: Stack) -> Iterator[dict[str, Any]]:
    """Yield each configuration of the provider in a stack, with variables put in as far as they are known."""
    configuration = stack.configuration or {}
    required = _map(_map(configuration.get("terraform")).get("required_providers"))
    variables = _map(configuration.get("variable"))
    for name, each in required.items():
        if _map(each).get("source") != SOURCE:
            continue
        blocks = _map(configuration.get("provider")).get(name, {})
        for block in blocks if isinstance(blocks, list) else [blocks]:
            yield {key: _resolved(value, variables) for key, value in _map(block).items() if key != "alias"}


def _out(folder: Path) -> Path:
    """Return where cdktf synth writes."""
    try:
        given = json.loads((folder / "cdktf.json").read_bytes()).get("output")
    except (OSError, ValueError, AttributeError):
        given = None
    return folder / (os.environ.get("CDKTF_OUTDIR") or (given if isinstance(given, str) else "cdktf.out"))


def stack_in(folder: Path) -> Stack:
    """Return the stack that was synthesized into a folder."""
    path = folder / "cdk.tf.json"
    if not path.exists():  # cdktf synth --hcl
        return Stack(folder.name, folder)
    try:
        read = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as problem:
        return Stack(folder.name, folder, problem=f"{path} can't be read: {problem}")
    if not isinstance(read, dict):
        return Stack(folder.name, folder, problem=f"{path} holds no JSON object")
    return Stack(folder.name, folder, read)


def _resolved(value: object, variables: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
    """Return a value as Terraform will have it; ``Known`` where only a deploy tells."""
    if isinstance(value, Mapping):
        return {key: _resolved(each, variables) for key, each in value.items()}
    if not isinstance(value, str) or not _TEMPLATE.search(value):
        return value.replace("$${", "${").replace("%%{", "%{") if isinstance(value, str) else value
    if variable := _VARIABLE.fullmatch(value):
        name = variable[1]
        given = os.environ.get(f"TF_VAR_{name}")
        default = _map(variables.get(name)).get("default")
        return next((each for each in (given, default) if each is not None), Known(name))
    return Known()


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
