"""Attributes of files in vector stores: JSON text in a state, an object at the API. Pure."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from provider_shim.contract.check import json_of
from provider_shim.terraform.values import same

if TYPE_CHECKING:
    from provider_shim.contract.states import VectorStoreFileChunkingStrategyState


def sent(text: str | None) -> dict[str, Any] | None:
    """Return what a configured text says; None where there is none."""
    if text is None:
        return None
    found = json_of(text)
    assert isinstance(found, dict)  # the contract's check has seen it
    return found


def written(attributes: Mapping[str, object]) -> str:
    """Return attributes as text."""
    return json.dumps(attributes, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def refreshed(
    held: str | None, there: Mapping[str, object] | None, stored: Mapping[str, object] | None
) -> str | None:
    """Return the attributes of a state, as the API has them now.

    Args:
        held: What the state has. Where it has none nobody configured any, and what is there is others'.
        there: What the API tells; None where it tells nothing of attributes.
        stored: What the server made of ours when they were written, where that was something else.
    """
    if held is None or there is None or same(dict(there), sent(held) if stored is None else dict(stored)):
        return held
    return written(there)


def kept_otherwise(text: str | None, there: Mapping[str, object] | None) -> Mapping[str, Any] | None:
    """Return what the API has answered to attributes that were sent, where that is something else."""
    if text is None or there is None or same(dict(there), sent(text)):
        return None
    return there


def chunking(
    strategy: "VectorStoreFileChunkingStrategyState | Mapping[str, Any] | None",
) -> dict[str, Any] | None:
    """Return a chunking strategy as the API takes it."""
    if not strategy:
        return None
    static: Mapping[str, Any] = strategy["static"] or {}
    sizes = {name: int(value) for name, value in static.items()}
    return {"type": strategy["type"], **({"static": sizes} if sizes else {})}


def is_cut_so(strategy: Mapping[str, object] | None, told: Mapping[str, object] | None) -> bool:
    """Return whether a file can have been indexed with a strategy, as far as the API tells how it was.

    The sizes that ``auto`` stands for are the server's own.
    """
    wanted = chunking(strategy)
    if wanted is None or told is None or wanted["type"] != "static":
        return True
    sizes = told.get("static")
    return told.get("type") != "static" or not isinstance(sizes, dict) or sizes == wanted["static"]
