"""What is to be said of threads of a set: what is the same for many is said once."""

from collections.abc import Iterable, Sequence
from typing import Final

from provider_shim.contract.path import Key, spelled
from provider_shim.terraform.diagnostics import Diagnostic

MOST_TOLD: Final = 5
"""Threads whose texts are given in full."""
MOST_NAMED: Final = 20
"""Keys, or texts about keys, in one text."""


def keys_named(keys: Sequence[str]) -> str:
    """Return keys as a text names them, the first ones where there are many."""
    return first_of([spelled((Key(each),))[1:-1] for each in keys])


def first_of(texts: Sequence[str]) -> str:
    """Return texts in one, the first ones where there are many."""
    shown = ", ".join(texts[:MOST_NAMED])
    return shown if len(texts) <= MOST_NAMED else f"{shown} and {len(texts) - MOST_NAMED:,} more"


def gathered(found: Iterable[tuple[str, Diagnostic]]) -> list[Diagnostic]:
    """Return one diagnostic for each thing that is said, with the keys that it is said of."""
    groups: dict[tuple[str, str], list[tuple[str, Diagnostic]]] = {}
    for key, each in found:
        groups.setdefault((each.severity, each.summary), []).append((key, each))
    return [_gathered(group) for group in groups.values()]


def _gathered(group: Sequence[tuple[str, Diagnostic]]) -> Diagnostic:
    key, first = group[0]
    path = ("threads", Key(key), *first.path)
    if len(group) == 1:
        return first._replace(detail=f"{_of(key)}: {first.detail}", path=path)
    keys = [*dict.fromkeys(each for each, _ in group)]
    if len({each.detail for _, each in group}) == 1:
        return first._replace(
            detail=f"{first.detail}\n\n{len(keys):,} threads: {keys_named(keys)}.", path=("threads",)
        )
    told = [f"{_of(each)}: {said.detail}" for each, said in group[:MOST_TOLD]]
    rest = [*dict.fromkeys(each for each, _ in group[MOST_TOLD:])]
    if rest:
        told.append(f"The same of {len(rest):,} more: {keys_named(rest)}.")
    return first._replace(detail="\n\n".join(told), path=("threads",))


def _of(key: str) -> str:
    return spelled(("threads", Key(key)))
