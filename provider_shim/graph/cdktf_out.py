"""Reads what ``cdktf synth`` wrote: the manifest, and the configuration of every stack."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from provider_shim.graph.model import GraphError

MANIFEST: Final = "manifest.json"
AGAIN: Final = "Run cdktf synth, then openai-thread graph cdktf.out."


@dataclass(frozen=True, slots=True)
class Synthesized:
    """One stack as it was written."""

    name: str
    configuration: dict[str, Any]
    after: tuple[str, ...]


def read(folder: Path) -> list[Synthesized]:
    """Return the stacks of a ``cdktf.out``.

    Raises:
        GraphError: The folder is none, or a file in it can't be read or understood.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        if not folder.is_dir():
            raise GraphError(f"{folder} is no folder. {AGAIN}")
        inner = folder / "cdktf.out"
        if (inner / MANIFEST).is_file():
            raise GraphError(f"{folder} has no {MANIFEST}, {inner} has: openai-thread graph {inner}")
        raise GraphError(
            f"{folder} has no {MANIFEST}, so it is not what cdktf synth wrote. Only that is drawn, not "
            f"Terraform written by hand. {AGAIN}"
        )
    stacks = _object(_json(manifest), manifest).get("stacks")
    if not isinstance(stacks, dict):
        raise GraphError(f'{manifest} has no "stacks". {AGAIN}')
    if not stacks:
        raise GraphError(f"{manifest} names no stack. Add a TerraformStack to the app. {AGAIN}")
    return [_stack(folder, manifest, name, entry) for name, entry in stacks.items()]


def _stack(folder: Path, manifest: Path, name: str, entry: object) -> Synthesized:
    written = entry.get("synthesizedStackPath") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(written, str):
        raise GraphError(f'{manifest}: stack "{name}" has no synthesizedStackPath. {AGAIN}')
    path = folder / written
    if path.suffix != ".json":
        raise GraphError(f"{path} is HCL. Run cdktf synth without --hcl, then openai-thread graph cdktf.out.")
    after = entry.get("dependencies")
    names = tuple(each for each in after if isinstance(each, str)) if isinstance(after, list) else ()
    return Synthesized(name, _with_for_each(_object(_json(path), path)), names)


def _with_for_each(configuration: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration with each ``for_each`` where it was before synth put its map into a local."""
    known = configuration.get("locals")
    resources = configuration.get("resource")
    if not isinstance(known, dict) or not isinstance(resources, dict):
        return configuration
    used = set()
    for kind, named in resources.items():
        for name, body in named.items() if isinstance(named, dict) else ():
            local = f"for_each_of_{kind}_{name}"
            if isinstance(body, dict) and body.get("for_each") == f"${{local.{local}}}" and local in known:
                body["for_each"] = known[local]
                used.add(local)
    return {**configuration, "locals": {name: each for name, each in known.items() if name not in used}}


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except OSError as problem:
        raise GraphError(f"{path} can't be read: {problem.strerror or problem}. {AGAIN}") from None
    except (ValueError, RecursionError) as problem:
        raise GraphError(f"{path} is no JSON: {problem}. {AGAIN}") from None


def _object(value: object, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise GraphError(f"{path} holds no JSON object. {AGAIN}")
    return value
