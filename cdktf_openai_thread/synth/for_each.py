"""Puts the literal map of a resource's ``for_each`` into a local.

Terraform evaluates ``for_each`` anew for each instance, and takes each string of a literal for a template
every time: the cost grows with the square of the number. A local is evaluated once.
"""

from collections.abc import Mapping
from typing import Any, Final

OURS: Final = "openai_"
LOCAL: Final = "for_each_of_{}_{}"
"""The name of the local, by type and name of its resource."""


def with_locals(configuration: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a configuration with the maps in locals; None where it has none."""
    moved: dict[str, Any] = {}
    resources = {
        kind: {name: _moved(kind, name, each, moved) for name, each in named.items()}
        if kind.startswith(OURS)
        else named
        for kind, named in configuration.get("resource", {}).items()
    }
    if not moved:
        return None
    return {**configuration, "resource": resources, "locals": {**configuration.get("locals", {}), **moved}}


def _moved(kind: str, name: str, resource: dict[str, Any], moved: dict[str, Any]) -> dict[str, Any]:
    each = resource.get("for_each")
    if not isinstance(each, dict) or not each:
        return resource
    local = LOCAL.format(kind, name)
    moved[local] = each
    return {**resource, "for_each": f"${{local.{local}}}"}
