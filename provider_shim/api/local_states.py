"""What Terraform's state holds, where it is a file of this machine."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provider_shim.api.journal import place

_TEXT = re.compile(r'"([A-Za-z0-9._~:@=+-]+)"')


def held_locally(folder: Path, environment: Mapping[str, str]) -> frozenset[str] | None:
    """Give every id in the states of the stack that Terraform runs in ``folder``, of all its workspaces.

    None where the state is elsewhere. What else is in there comes along: an id is like nothing else.
    """
    if backend(folder, environment).get("type", "local") != "local":
        return None
    return frozenset(text for each in state_files(folder, environment) for text in _texts(each))


def state_files(folder: Path, environment: Mapping[str, str]) -> list[Path]:
    """Give the files of this machine that may be states of the stack that Terraform runs in ``folder``.

    Those beside it, those of its workspaces, and those where its backend says.
    """
    config = backend(folder, environment).get("config") or {}
    named = [config[name] for name in ("path", "workspace_dir") if isinstance(config.get(name), str)]
    folders = {folder, place(folder).parent, *(folder / each for each in named)}
    files = {folder / each for each in named}
    for each in folders:
        files.update(each.glob("*.tfstate"), each.glob("*/*.tfstate"), each.glob("terraform.tfstate.d/*/*"))
    return sorted(each for each in files if each.is_file())


def backend(folder: Path, environment: Mapping[str, str]) -> Mapping[str, Any]:
    """Give the backend that Terraform has noted in a folder; nothing where it has noted none."""
    path = folder / environment.get("TF_DATA_DIR", ".terraform") / "terraform.tfstate"
    try:
        found = json.loads(path.read_text())["backend"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _texts(path: Path) -> list[str]:
    try:
        return _TEXT.findall(path.read_text(errors="replace"))
    except OSError:
        return []
