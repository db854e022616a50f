"""What happens to a thread's messages: pure decisions, no API.

A message is what Terraform holds: role, content, metadata, attachments, file_ids.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar, cast

from provider_shim.contract.path import Path
from provider_shim.resources.ownership import Owner
from provider_shim.resources.ownership import refreshed as pairs_refreshed
from provider_shim.terraform.diagnostics import Diagnostic, warning
from provider_shim.terraform.values import UNKNOWN, unknown_paths

if TYPE_CHECKING:
    from provider_shim.api.records import MessageRecord
    from provider_shim.contract.states import ThreadMessagesState

Api = Literal["conversations", "threads"]
Message = Mapping[str, Any]
Held = TypeVar("Held", bound=Message)
"""A message of a state: of a thread, or one of its own."""

MOST_NAMED: Final = 5
"""Ids in one text."""


class Step(NamedTuple):
    """How the messages of a state become those of a plan."""

    replace: Path | None = None
    """The path that can't change in place."""
    unchanged: int = 0
    """Messages at the beginning that stay."""
    changed: tuple[int, ...] = ()
    """Those of them of which only metadata changes."""


def step(prior: Sequence[Message] | None, planned: Any, api: object) -> Step:  # noqa: ANN401 - a list, null or UNKNOWN
    """Compare message by message. What is not known yet counts as changed."""
    if planned is UNKNOWN:
        return Step(replace=("messages",) if prior else None)
    before, after = prior or [], planned or []
    unchanged = min(len(before), len(after))
    changed = []
    for index in range(unchanged):
        name = _difference(before[index], after[index], api)
        if name:
            return Step(
                replace=("messages", index, name) if after[index] is not UNKNOWN else ("messages", index)
            )
        if before[index] != after[index]:
            changed.append(index)
    return Step(None, unchanged, tuple(changed))


def _difference(before: Message, after: Any, api: object) -> str | None:  # noqa: ANN401 - as in step
    """Name the attribute that an API can't change on a message it has."""
    if after is UNKNOWN:
        return "messages"
    for name in ("role", "content"):
        if after[name] is UNKNOWN or before[name] != after[name]:
            return name
    if attached(after, api) is UNKNOWN or attached(before, api) != attached(after, api):
        return "attachments" if after.get("attachments") != before.get("attachments") else "file_ids"
    return None


def attached(message: Message, api: object) -> Any:  # noqa: ANN401 - a list to compare, or UNKNOWN
    """Return the attachments that the API gets, ``file_ids`` among them."""
    attachments, file_ids = message.get("attachments"), message.get("file_ids")
    if unknown_paths([attachments, file_ids]):
        return UNKNOWN
    every = [(each["file_id"], tuple(each.get("tools") or ())) for each in attachments or ()]
    every += [(file_id, ()) for file_id in file_ids or () if file_id not in dict(every)]
    if api == "conversations":
        return [{"file_id": file_id} for file_id, _ in every]
    return [{"file_id": file_id, "tools": list(tools)} for file_id, tools in every]


def sent(message: Message, api: object) -> dict[str, Any]:
    """Return the message as the API side takes it."""
    return {
        "role": message["role"],
        "content": message["content"],
        "metadata": message.get("metadata"),
        "attachments": attached(message, api),
    }


def is_it(record: "MessageRecord", message: Message) -> bool:
    """Return whether this is the message that was planned, as far as an API can tell it."""
    files = [each["file_id"] for each in attached(message, "conversations")]
    return (record.role, record.content) == (message["role"], message["content"]) and files == [
        each["file_id"] for each in record.attachments
    ]


def found(record: "MessageRecord") -> "ThreadMessagesState":
    """Return a message that Terraform did not hold before, as it will hold it."""
    role: Any = record.role  # whichever the API has
    return {
        "role": role,
        "content": record.content,
        "metadata": dict(record.metadata) or None,
        "attachments": [
            {"file_id": each["file_id"], "tools": list(each.get("tools") or ()) or None}
            for each in record.attachments
        ]
        or None,
        "file_ids": None,
    }


def refreshed(record: "MessageRecord | None", held: Held, owner: Owner, api: object) -> Held:
    """Return a message that Terraform holds, as the API has it now.

    No API can change a message's text, role or files. So a message whose id is there has what it was
    made with, in whatever shape a server shows that. Its metadata can change, on /threads.
    """
    fresh = dict(held)
    if record is not None and api == "threads":
        fresh["metadata"] = pairs_refreshed(held.get("metadata"), record.metadata, owner)
    return cast("Held", fresh)


def note_unreadable(
    records: Iterable["MessageRecord"], private: MutableMapping[str, Any], where: str
) -> list[Diagnostic]:
    """Say, once for each, which messages the server answers in a shape that can't be read as text."""
    found = [each.id for each in records if not each.readable]
    said = private.pop("unreadable", [])
    if found:
        private["unreadable"] = found
    new = [each for each in found if each not in said]
    if not new:
        return []
    named = ", ".join(new[:MOST_NAMED]) + ", …" * (len(new) > MOST_NAMED)
    return [
        warning(
            "A message comes back in another shape",
            f"{where}: the server answers the content of {named} in a shape that can't be read as text. The "
            "state keeps what it was made with, and nothing is replaced for it.",
        )
    ]


def planned_ids(ids: Sequence[str] | None, messages: Any, unchanged: int) -> Any:  # noqa: ANN401 - a list or UNKNOWN
    """Return the ids that a plan can promise: those that stay, and unknown ones for the rest."""
    if messages is UNKNOWN:
        return UNKNOWN
    known = list(ids or ())[:unchanged]
    return known + [UNKNOWN] * (len(messages or ()) - len(known))
