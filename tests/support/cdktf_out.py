"""A cdktf.out as cdktf synth writes it, from configurations in Python."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NOTHING: Mapping[str, list[str]] = {}


def write(
    folder: Path, stacks: Mapping[str, dict[str, Any]], after: Mapping[str, list[str]] = NOTHING
) -> Path:
    """Write the stacks and their manifest; return the folder."""
    folder.mkdir(exist_ok=True)
    manifest = {}
    for number, (name, configuration) in enumerate(stacks.items()):
        path = folder / "stacks" / str(number) / "cdk.tf.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(configuration))
        manifest[name] = {
            "name": name,
            "dependencies": after.get(name, []),
            "synthesizedStackPath": str(path.relative_to(folder)),
        }
    (folder / "manifest.json").write_text(json.dumps({"stacks": manifest, "version": "0.21.0"}))
    return folder
