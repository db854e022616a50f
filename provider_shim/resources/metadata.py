"""The metadata of an object that several write, at plan and after a write."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from provider_shim.api.problem import ApiProblem
from provider_shim.resources import ownership
from provider_shim.resources.connection import Connection
from provider_shim.resources.ownership import Ownership
from provider_shim.terraform.diagnostics import Diagnostic, Failure
from provider_shim.terraform.handler import Change, State, Work
from provider_shim.terraform.values import UNKNOWN

Pairs = Mapping[str, str]


class HasMetadata(Protocol):
    """An object as the API tells it."""

    @property
    def metadata(self) -> Pairs:
        """All pairs, whoever wrote them."""


async def planned(
    connection: Connection,
    change: Change[State],
    owner: Ownership,
    read: Callable[[str], Awaitable[HasMetadata | None]],
) -> list[Diagnostic]:
    """Say what is released, what of others is overwritten, and what does not fit beside theirs.

    Args:
        connection: Knows what this process has read already.
        change: The plan of an object that exists and goes on.
        owner: Who made which key.
        read: Asks the API for the object by its id; None if it is gone.
    """
    assert change.prior is not None
    assert change.planned is not None
    prior, wanted, identifier = change.prior["metadata"], change.planned["metadata"], change.prior["id"]
    if wanted is UNKNOWN:
        return []
    removed, released = ownership.leaving_keys(prior, wanted, owner)
    found = ownership.released([f'metadata["{key}"]' for key in released], identifier)
    added = set(wanted or ()) - set(prior or ())
    if not added or not connection.ready:
        return found
    there: Pairs | None = connection.pairs.get(identifier)
    if there is None:
        try:
            record = await read(identifier)
        except (ApiProblem, Failure):
            return found  # the apply looks again
        there = record.metadata if record else {}
    return found + ownership.warnings_of_plan(identifier, there, wanted, added, removed)


def note(work: Work[State], before: Ownership, prior: Pairs | None, there: Pairs | None) -> None:
    """Note who made which key, once the plan's pairs are at the API. None: nothing was sent."""
    sent = work.planned["metadata"] or {}
    owner = ownership.after_write(before, prior, sent, sent if there is None else there)
    if there is None and (stored := before.get("stored")):
        owner["stored"] = {key: value for key, value in stored.items() if key in sent}
    ownership.keep(work.private, "metadata", owner)
