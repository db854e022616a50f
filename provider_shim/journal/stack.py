"""Which stack Terraform works on: where its state is kept, and the workspace."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from provider_shim.journal.records import digest

NAMES: Final = (
    "address",
    "bucket",
    "conn_str",
    "container_name",
    "endpoint",
    "endpoints",
    "hostname",
    "key",
    "namespace",
    "organization",
    "path",
    "prefix",
    "region",
    "schema_name",
    "secret_suffix",
    "storage_account_name",
    "table_name",
    "workspace_dir",
    "workspace_key_prefix",
    "workspaces",
)
"""Settings of backends that say where a state is. Others say how it is reached, and may change."""
VARIABLES: Final = {
    "http": ("TF_HTTP_ADDRESS",),
    "pg": ("PG_CONN_STR", "PG_SCHEMA_NAME", "PGHOST", "PGDATABASE"),
}
"""What stands in for such settings."""


def workspace(folder: Path, environment: Mapping[str, str]) -> str:
    """Return Terraform's workspace: each has a state of its own, in the same folder."""
    chosen = folder / environment.get("TF_DATA_DIR", ".terraform") / "environment"
    try:
        return environment.get("TF_WORKSPACE") or chosen.read_text().strip() or "default"
    except (OSError, UnicodeDecodeError):
        return "default"


def stack_of(folder: Path, journal: Path, environment: Mapping[str, str], state: str = "") -> str:
    """Return what tells the stack that Terraform runs in ``folder`` from others with the same journal.

    A remote state is known by the address that its backend notes, without user and password; a local one by
    the way that leads from the journal to it, so that a project may be moved with its journal.

    Args:
        folder: Where Terraform runs.
        journal: The journal's file.
        environment: Terraform's.
        state: What Terraform's command line says of the state (``-state=…``).
    """
    noted = _backend(folder, environment)
    kind = noted.get("type") or "local"
    config = noted.get("config") or {}
    where: dict[str, Any] = {name: _address(config[name]) for name in NAMES if config.get(name)}
    where |= {name: _address(environment[name]) for name in VARIABLES.get(kind, ()) if environment.get(name)}
    if kind == "local" or not where:
        path = folder / str(config.get("path") or "terraform.tfstate")
        where["path"] = os.path.relpath(os.path.realpath(path), os.path.realpath(journal.parent))
        where.pop("workspace_dir", None)
    return digest(kind, where, workspace(folder, environment), state)[:16]


def _backend(folder: Path, environment: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the backend that Terraform has noted in a folder; nothing where it has noted none."""
    path = folder / environment.get("TF_DATA_DIR", ".terraform") / "terraform.tfstate"
    try:
        found = json.loads(path.read_text())["backend"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _address(value: object) -> object:
    """Return an address without the user and password that may be in it."""
    if not isinstance(value, str) or "@" not in value:
        return value
    try:
        parts = urlsplit(value)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    except ValueError:
        return value
