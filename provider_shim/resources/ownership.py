"""Which part of an object is ours. Pure.

An object at the API has several writers: Terraform, an application, the server itself. Ours is what an
apply of ours wrote; an import brings what somebody else wrote. Both are in the state and refreshed;
only the first is removed at the API when it leaves the configuration.

What is known beside the state is stored in Terraform's private state, as small as possible: it is in
every state file. It says what is *not* ours, and what the server made of our values where it changed
them.
"""

from collections.abc import Collection, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NotRequired, TypedDict, cast

from provider_shim.terraform.diagnostics import Diagnostic, warning

if TYPE_CHECKING:
    from provider_shim.api.metadata import MetadataChange, Updated

LAYOUT: Final = 1
"""Of the private data. What was written before it had a number says nothing of who made which key."""

OF_A_STORE: Final = ("name", "description", "expires_after", "chunking_strategy")
"""Attributes of a vector store that somebody else has set if an import brought it, told by the API or not."""


class Ownership(TypedDict, total=False):
    """What is known of one map of metadata."""

    imported: list[str]
    """Keys that an import brought: somebody else wrote them."""
    stored: dict[str, str]
    """What the server made of our values, where that is something else than what was sent."""


class Leaving(TypedDict, total=False):
    """What a plan tells the apply, and the second plan of a replacement, of an object that goes."""

    id: str
    api: str
    own: list[str]
    """Ids of what the resource itself has put into the object."""
    others: bool
    """Whether the refresh saw something of others in it."""
    account: list[str]
    force: bool | None
    retain: bool | None
    purge: bool
    """Whether what is in the object is deleted before it; absent where it is not."""
    destroy: bool
    """Whether this is a destroy plan, rather than a replacement."""
    judged: bool
    """Whether the first plan of a replacement has looked at what others put into it."""


class Private(TypedDict):
    """What is stored beside the state."""

    v: int
    metadata: NotRequired[Ownership]
    messages: NotRequired[dict[str, Ownership]]
    """Of messages on /threads, by id."""
    imported: NotRequired[list[str]]
    """Attributes that are known from an import only."""
    imported_messages: NotRequired[list[str]]
    imported_files: NotRequired[list[str]]
    """Files of a vector store that an import brought: somebody else put them in."""
    unindexed: NotRequired[list[str]]
    """Files of ours in a vector store that could not be indexed: the state holds them no more."""
    stored: NotRequired[dict[str, Any]]
    """What the server made of other attributes than metadata."""
    account: NotRequired[list[str]]
    """Organization and project that made the object, as the API told them."""
    others: NotRequired[bool]
    """Whether the last refresh saw something of others in the object."""
    missing: NotRequired[list[str]]
    """Drift that only a replacement could repair, and that others' items forbid to repair."""
    unreadable: NotRequired[list[str]]
    """Messages of which it was said that the server answers them in a shape that can't be read."""
    added_at: NotRequired[int]
    """When something was last added in place, in Unix seconds: a list may lag behind."""
    leaving: NotRequired[Leaving]
    """Only between a plan and its apply."""


def private_of(stored: Mapping[str, Any], state: Mapping[str, Any] | None) -> Private:
    """Return the private data of an object in today's layout.

    Args:
        stored: What Terraform has stored beside the state, of any version.
        state: The object. Without a layout number all of its metadata counts as imported.
    """
    if stored.get("v") == LAYOUT:
        return cast("Private", {name: stored[name] for name in Private.__annotations__ if name in stored})
    private = Private(v=LAYOUT)
    if state is None:
        return private
    if state.get("metadata"):
        private["metadata"] = Ownership(imported=sorted(state["metadata"]))
    ids = state.get("message_ids") or ()
    created = set(stored.get("created") or ())
    imported = [each for each in ids if each not in created]
    if imported:
        private["imported_messages"] = imported
    owners = {
        identifier: Ownership(imported=sorted(message["metadata"]))
        for identifier, message in zip(ids, state.get("messages") or (), strict=False)
        if message.get("metadata")
    }
    if owners and state.get("api") == "threads":
        private["messages"] = owners
    if stored.get("imported"):  # a vector store that no apply has changed since its import
        private["imported"] = [name for name in OF_A_STORE if name in state]
        if state.get("file_ids"):
            private["imported_files"] = list(state["file_ids"])
    return private


def keep(private: MutableMapping[str, Any], name: str, value: object) -> None:
    """Store something beside a state; what is empty or false leaves it, because every state file has it."""
    private.pop(name, None)
    if value:
        private[name] = value


def refreshed(
    held: dict[str, str] | None, there: Mapping[str, str], owner: Ownership
) -> dict[str, str] | None:
    """Return the pairs that the state holds, as the API has them now.

    Others' keys stay out. A value that the server changed when it was written, and that is still as it
    was then, is our value.
    """
    if not held:
        return held
    stored = owner.get("stored") or {}
    fresh = {
        key: value if there[key] == stored.get(key, value) else there[key]
        for key, value in held.items()
        if key in there
    }
    return fresh or None


def after_import(there: Mapping[str, str]) -> Ownership:
    """Return the owner of metadata that an import brought: all of it is somebody else's."""
    return Ownership(imported=sorted(there)) if there else Ownership()


def after_write(
    before: Ownership, prior: Mapping[str, str] | None, sent: Mapping[str, str], there: Mapping[str, str]
) -> Ownership:
    """Return the owner once our pairs were sent and the API has answered with what it holds.

    A pair that was imported and goes on with the same value was not written by us.
    """
    prior = prior or {}
    imported = [key for key in before.get("imported") or () if key in sent and prior.get(key) == sent[key]]
    stored = {key: there[key] for key, value in sent.items() if key in there and there[key] != value}
    owner = Ownership()
    if imported:
        owner["imported"] = imported
    if stored:
        owner["stored"] = stored
    return owner


def metadata_change(
    prior: Mapping[str, str] | None, planned: Mapping[str, str] | None, owner: Ownership
) -> "MetadataChange | None":
    """Return what has to be written; None where ours do not differ from what the API has."""
    from provider_shim.api.metadata import MetadataChange  # noqa: PLC0415 - only an update writes

    removed, _ = leaving_keys(prior, planned, owner)
    prior, planned = prior or {}, planned or {}
    if not removed and all(prior.get(key) == value for key, value in planned.items()):
        return None
    return MetadataChange(planned, frozenset(removed))


def leaving_keys(
    prior: Mapping[str, str] | None, planned: Mapping[str, str] | None, owner: Ownership
) -> tuple[list[str], list[str]]:
    """Return the keys that are configured no more: those to remove, and those to release."""
    gone = sorted(set(prior or ()) - set(planned or ()))
    imported = set(owner.get("imported") or ())
    return [key for key in gone if key not in imported], [key for key in gone if key in imported]


def released_attributes(prior: Mapping[str, Any], planned: Mapping[str, Any], private: Private) -> list[str]:
    """Return what an import brought and the configuration lacks; of metadata each key counts for itself."""
    return [
        name
        for name in private.get("imported", ())
        if name != "metadata" and prior.get(name) is not None and planned.get(name) is None
    ]


def released(what: Sequence[str], identifier: str) -> list[Diagnostic]:
    """Say what stays at the API although the configuration lacks it, because we did not make it."""
    if not what:
        return []
    them = "them" if len(what) > 1 else "it"
    return [
        warning(
            "Released, not deleted",
            f"The configuration lacks {', '.join(what)}, and it is not known that Terraform made {them}: an "
            f"import brought {them}, or a state of an earlier version. The state lets go of {them}; at the "
            f"API, {identifier} keeps {them}.",
        )
    ]


def warnings_of_plan(
    identifier: str,
    there: Mapping[str, str],
    planned: Mapping[str, Any],
    added: Collection[str],
    removed: Sequence[str],
) -> list[Diagnostic]:
    """Name what of others a plan overwrites, and say where all pairs do not fit together."""
    from provider_shim.api.metadata import MetadataChange  # noqa: PLC0415 - most plans add no key

    found = []
    if taken := sorted(key for key in added if key in there and there[key] != planned[key]):
        found.append(
            warning(
                "Metadata of others is overwritten",
                f"Somebody else has set {', '.join(taken)} of {identifier}. The apply sets "
                f"{'them' if len(taken) > 1 else 'it'} to what is configured. If that is not wished, take "
                f"{'them' if len(taken) > 1 else 'it'} out of the configuration.",
                ("metadata",),
            )
        )
    if excess := MetadataChange(planned, frozenset(removed)).excess(there):
        found.append(
            warning(
                "Too many pairs of metadata",
                f"{identifier} would have {excess}. The apply fails as long as it is so.",
                ("metadata",),
            )
        )
    return found


def warnings_of_update(identifier: str, updated: "Updated") -> list[Diagnostic]:
    """Say what the server did to metadata beside what was asked."""
    found = []
    if updated.vanished:
        found.append(
            warning(
                "Metadata of others is gone",
                f"While ours was written, {identifier} lost {', '.join(updated.vanished)}, which somebody "
                "else "
                "had set: it was removed at the same time, or the server did not keep it. Tell its owner.",
                ("metadata",),
            )
        )
    if updated.stayed:
        found.append(
            warning(
                "The server keeps removed metadata",
                f"{identifier}: {', '.join(updated.stayed)} stayed although it was removed, and stayed again "
                "when it was sent as null. Terraform manages it no more.",
                ("metadata",),
            )
        )
    return found
