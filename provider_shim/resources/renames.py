"""A rename that Terraform was not told of: one plan destroys an object and makes an equal one.

The protocol gives no addresses, and a plan goes through what is destroyed and what is made in any order. So
both are noted, and whichever comes second tells of the first.
"""

from collections.abc import Hashable, Mapping
from typing import Final

from provider_shim.contract.attributes import Contract
from provider_shim.terraform.diagnostics import Diagnostic, warning
from provider_shim.terraform.handler import Change, State
from provider_shim.terraform.values import unknown_paths

PAGE: Final = "docs/how-to/rename.md"
_FLAGS: Final = ("force_destroy", "retain_on_destroy", "purge_on_destroy")


class Renames:
    """What one plan makes and what it destroys, by content."""

    def __init__(self) -> None:
        """Begin with a plan of nothing."""
        self._made: set[Hashable] = set()
        self._gone: dict[Hashable, str] = {}

    def note(self, change: Change[State], contract: Contract, noun: str) -> None:
        """Note a planned create or destroy, and warn if the other half of a rename is known already.

        Args:
            change: The plan; of a replacement neither half belongs here.
            contract: The resource's.
            noun: How the object is spoken of.
        """
        values = change.planned or change.prior or {}
        content = None if change.applying else content_of(contract, values)
        if content is None:
            return
        if change.planned is None:
            self._gone[content] = values["id"]
        else:
            self._made.add(content)
        if content in self._made and content in self._gone:
            change.diagnostics.append(_said(self._gone[content], noun))


def content_of(contract: Contract, values: Mapping[str, object]) -> Hashable | None:
    """Return what a configuration says, None where that is nothing or not known yet."""
    given = {
        name: values.get(name)
        for name, each in contract.attributes.items()
        if each.settable and not each.computed and name not in _FLAGS
    }
    if unknown_paths(given) or not any(given.values()):
        return None
    return contract.type_name, _hashable(given)


def _hashable(value: object) -> Hashable:
    if isinstance(value, dict):
        return frozenset((name, _hashable(each)) for name, each in value.items())
    return tuple(map(_hashable, value)) if isinstance(value, list) else str(value)


def _said(identifier: str, noun: str) -> Diagnostic:
    return warning(
        "This looks like a rename",
        f"This plan makes a {noun} with the content of {identifier}, and destroys {identifier}, with all "
        f"that others have put into it. If it is to stay the same {noun}, tell Terraform both addresses, "
        'as this plan shows them: moved { from = …, to = … }, or in Python move_from_id("…") on the new one. '
        f"See {PAGE}. If another one is meant, nothing is to be done.",
    )
