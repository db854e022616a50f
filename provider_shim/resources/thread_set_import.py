"""The id by which a set of threads is imported: a JSON object of keys and ids."""

import json
from typing import Any, Final

from provider_shim.resources.by_key import keys_named
from provider_shim.terraform.diagnostics import Failure, error

_HOW: Final = """Give a JSON object of key to id: {"acme": "conv_…", "globex": "conv_…"}."""
_SHOWN: Final = 60


def import_ids(identifier: str) -> dict[str, str]:
    """Read the id of an import.

    Raises:
        Failure: it is no JSON object of keys and ids, or names an id twice.
    """
    try:
        ids = json.loads(identifier, object_pairs_hook=_once)
    except (ValueError, RecursionError) as problem:
        shown = identifier if len(identifier) <= _SHOWN else f"{identifier[:_SHOWN]}…"
        raise _wrong(f"is no JSON ({problem}): {shown}") from None
    if not isinstance(ids, dict) or not ids:
        raise _wrong("is an empty object" if ids == {} else "is no JSON object")
    keys: dict[str, str] = {}
    for key, each in ids.items():
        if not isinstance(each, str) or not each:
            raise _wrong(f"has something else than an id for the key {keys_named([key])}")
        if each in keys:
            raise _wrong(f"has {each} for both {keys_named([keys[each]])} and {keys_named([key])}")
        keys[each] = key
    return ids


def _once(pairs: list[tuple[str, object]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, each in pairs:
        if key in found:
            raise _wrong(f"has the key {keys_named([key])} twice")
        found[key] = each
    return found


def _wrong(why: str) -> Failure:
    return Failure(error("Not what a set of threads is imported by", f"The id to import {why}. {_HOW}"))
