"""Metadata that several write: ours by key, and everybody else's left as it is.

Some servers replace the whole map with what is sent, others merge. So the whole map is sent, with what
others wrote in it, and a key that has to go is sent again as null where it stays.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

from provider_shim.api.problem import ApiProblem
from provider_shim.contract.limits import METADATA_PAIRS


class MetadataChange(NamedTuple):
    """What an update does to metadata."""

    ours: Mapping[str, str]
    """Every pair that is configured."""
    removed: frozenset[str] = frozenset()
    """Keys that we wrote and that are configured no more."""

    def others(self, there: Mapping[str, str]) -> dict[str, str]:
        """Return what others have written, of the pairs that are at the API."""
        return {
            key: value for key, value in there.items() if key not in self.ours and key not in self.removed
        }

    def whole(self, there: Mapping[str, str]) -> dict[str, str]:
        """Return all pairs that the API is to hold."""
        return {**self.others(there), **self.ours}

    def is_done(self, there: Mapping[str, str]) -> bool:
        """Return whether the API holds our pairs already, and none of the removed ones."""
        return all(there.get(key) == value for key, value in self.ours.items()) and not (
            self.removed & set(there)
        )

    def excess(self, there: Mapping[str, str]) -> str:
        """Name ours and theirs where a key must be added and all do not fit together; else return ""."""
        added = set(self.ours) - set(there)
        whole = self.whole(there)
        if not added or len(whole) <= METADATA_PAIRS:
            return ""
        theirs = ", ".join(sorted(self.others(there)))
        return (
            f"{len(whole)} pairs together, and the API takes at most {METADATA_PAIRS}. Ours: "
            f"{', '.join(sorted(self.ours))}. Written by others: {theirs}. Remove some of ours from the "
            "configuration, or let the application that wrote the others remove some"
        )

    def stayed(self, there: Mapping[str, str]) -> list[str]:
        """Return the removed keys that the API holds all the same."""
        return sorted(self.removed & set(there))

    def vanished(self, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
        """Return the keys of others that were there before the update and are not any more."""
        return sorted(set(self.others(before)) - set(after))


class Updated(NamedTuple):
    """An object after an update of its metadata."""

    metadata: dict[str, str]
    vanished: Sequence[str] = ()
    """Keys of others that went while ours were written."""
    stayed: Sequence[str] = ()
    """Removed keys that the server does not let go."""


async def write_metadata(
    identifier: str,
    there: Mapping[str, str],
    change: MetadataChange,
    send: Callable[[dict[str, str | None]], Awaitable[Mapping[str, str]]],
) -> Updated:
    """Write our pairs beside those of others, on a server that replaces the map as on one that merges.

    Args:
        identifier: The object, for the text of an error.
        there: What the API holds now.
        change: Our pairs.
        send: Makes the call, and gives the metadata of its answer.

    Raises:
        ApiProblem: a key has to be added, and all pairs together are more than the API takes.
    """
    if change.is_done(there):
        return Updated(dict(there))
    if excess := change.excess(there):
        raise ApiProblem(
            "too many pairs",
            "Too many pairs of metadata",
            f"{identifier} would have {excess}.",
            ("metadata",),
        )
    whole = change.whole(there)
    after = await send({**whole})
    if stayed := change.stayed(after):
        # A server that merges takes a null for: remove it.
        after = await send({**whole, **dict.fromkeys(stayed)})
    return Updated(dict(after), change.vanished(there, after), change.stayed(after))
