"""What happens to a thread's messages: pure decisions, no API.

A message is what Terraform holds: role, content or parts, metadata, attachments, file_ids.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar, cast

from provider_shim.contract.parts import NAMES, without_absent
from provider_shim.contract.path import Path, spelled
from provider_shim.contract.thread import MESSAGE_SETTINGS
from provider_shim.resources.ownership import Ownership, keep
from provider_shim.resources.ownership import refreshed as pairs_refreshed
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error, warning
from provider_shim.terraform.values import UNKNOWN, same_json, unknown_paths

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
    if after["role"] is UNKNOWN or before["role"] != after["role"]:
        return "role"
    if not tells_the_same(before, after, api):
        if not says_the_same(before, after):
            return next((name for name in _SAYS if after.get(name) is not None), "content")
        return "attachments" if after.get("attachments") != before.get("attachments") else "file_ids"
    return next((name for name in _settings(api) if not _is_same(before.get(name), after.get(name))), None)


def _settings(api: object) -> Iterator[str]:
    """Yield the names of the settings that an API keeps."""
    return (name for name, each in MESSAGE_SETTINGS.items() if each.is_persisted_by(api))


def _is_same(before: object, after: object) -> bool:
    return not unknown_paths(after) and before == after


def without_released(
    held: Sequence[Message], ids: Sequence[str], planned: object, imported: Collection[str]
) -> tuple[list[Message], list[tuple[int, str]]]:
    """Return held messages without the settings that an import brought and nobody configured, and these.

    Nobody here has set them, so they stay at the API, and no new thread is made for them. Their texts are
    as the configuration spells them, where that is the same JSON.
    """
    wanted = planned if isinstance(planned, list) else []
    released: list[tuple[int, str]] = []
    shown = [dict(each) for each in held]
    for index, (before, identifier, after) in enumerate(zip(held, ids, wanted, strict=False)):
        if identifier not in imported or after is UNKNOWN:
            continue
        shown[index] = respelled(before, after)
        for name in MESSAGE_SETTINGS:
            if before.get(name) is not None and after.get(name) is None:
                released.append((index, name))
                shown[index][name] = None
    return [*shown], released


def respelled(before: Message, after: Message) -> dict[str, Any]:
    """Return an imported message with the texts of the planned one, where those are the same JSON.

    Terraform writes a generated text that is JSON as ``jsonencode(…)``, which spells it in its own way.
    """
    fresh = {**before, "content": _respelled(before["content"], after["content"])}
    one, other = before.get("parts"), after.get("parts")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        fresh["parts"] = [
            part if new is UNKNOWN else {**part, "text": _respelled(part["text"], new["text"])}
            for part, new in zip(one, other, strict=True)
        ]
    return fresh


def _respelled(text: object, other: object) -> object:
    is_json = isinstance(text, str) and text.lstrip().startswith(("{", "["))
    return other if is_json and same_json(text, other) else text


_SAYS: Final = ("parts", "content_wo_version", "content")


def says_the_same(before: Message, after: Message) -> bool:
    """Return whether two messages say the same, in whatever form; what is not known yet does not."""
    one, other = _said(before), _said(after)
    return not unknown_paths(other) and one == other


def tells_the_same(before: Message, after: Message, api: object) -> bool:
    """Return whether an API is told the same; a conversation has attachments as parts behind the others."""
    one, other = ((_said(each), attached(each, api)) for each in (before, after))
    if unknown_paths(list(other)):
        return False
    return one == other or (api == "conversations" and _in_parts(*one) == _in_parts(*other))


def _in_parts(said: Any, files: Sequence[Mapping[str, object]]) -> Any:  # noqa: ANN401 - parts, or a version
    behind = [{"type": "file", "file_id": each["file_id"]} for each in files]
    return said + behind if isinstance(said, list) else (said, behind)


def _said(message: Message) -> Any:  # noqa: ANN401 - parts to compare, or UNKNOWN
    parts, version = message.get("parts"), message.get("content_wo_version")
    if version is not None:
        return version
    if parts is UNKNOWN:
        return UNKNOWN
    if parts is not None:
        return [each if each is UNKNOWN else without_absent(each) for each in parts]
    return [{"type": "text", "text": message["content"]}]


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


def sent(message: Message, api: object, config: Message | None = None, path: Path = ()) -> dict[str, Any]:
    """Return the message as the API side takes it.

    Args:
        message: As it is planned.
        api: Which of the two.
        config: The same message of the configuration, which alone has a write-only text.
        path: Of the message in its resource, for what is wrong with that text.
    """
    told: dict[str, Any] = {
        "role": message["role"],
        "content": message["content"],
        "metadata": message.get("metadata"),
        "attachments": attached(message, api),
    }
    if message.get("parts") is not None:
        told["parts"] = [without_absent(each) for each in message["parts"]]
    told |= {name: message[name] for name in _settings(api) if message.get(name) is not None}
    version = message.get("content_wo_version")
    if version is not None:
        told["content_wo_version"] = version
        told["content"] = write_only_text(config, (*path, "content_wo"))
    return told


def write_only_text(config: Mapping[str, object] | None, path: Path) -> str:
    """Return the write-only text of a configuration.

    Raises:
        Failure: there is none: a variable may turn out to be null or empty at apply.
    """
    text = (config or {}).get("content_wo")
    if isinstance(text, str) and text:
        return text
    given = "empty" if text == "" else "null"
    raise Failure(
        error(
            "No text to send",
            f"{spelled(path)} is {given} at apply. Allowed: at least 1 character. Give it the same text in "
            "the apply as in the plan: a variable that is ephemeral is given to both.",
            path,
        )
    )


def is_it(record: "MessageRecord", message: Mapping[str, object]) -> bool:
    """Return whether this is the message that was sent, as far as an API can tell it."""
    from provider_shim.api.items import digested, digested_record  # noqa: PLC0415 - a plan compares none

    return digested_record(record) == digested(message)


def noted(message: Mapping[str, object]) -> dict[str, Any]:
    """Return a message to send without its write-only text, for what stays: the journal."""
    return dict(message if message.get("content_wo_version") is None else {**message, "content": None})


def to_state(record: "MessageRecord") -> "ThreadMessagesState":
    """Return a message that Terraform did not hold before, as it will hold it."""
    parts = None if _is_plain(record.parts) else record.parts
    in_parts = [each.get("file_id") for each in parts or () if each["type"] == "file"]
    held: dict[str, Any] = {
        **{name: record.settings.get(name) for name in MESSAGE_SETTINGS},
        "role": record.role,
        "content": record.content if parts is None else None,
        "parts": [{name: part.get(name) for name in NAMES} for part in parts or ()] or None,
        "content_wo": None,
        "content_wo_version": None,
        "metadata": dict(record.metadata) or None,
        "attachments": [
            {"file_id": each["file_id"], "tools": list(each.get("tools") or ()) or None}
            for each in record.attachments
            if each["file_id"] not in in_parts
        ]
        or None,
        "file_ids": None,
    }
    return cast("ThreadMessagesState", held)


def _is_plain(parts: Sequence[Mapping[str, object]]) -> bool:
    """Return whether a message is what ``content`` and ``attachments`` say: texts, then uploaded files."""
    texts = [each["type"] for each in parts].count("text")
    files = parts[texts:]
    return not parts or (
        texts > 0
        and all(each["type"] == "text" for each in parts[:texts])
        and all(each["type"] == "file" and set(each) == {"type", "file_id"} for each in files)
    )


def some(ids: Sequence[str]) -> str:
    """Return ids as a text names them, the first ones where there are many."""
    return ", ".join(ids[:MOST_NAMED]) + ", …" * (len(ids) > MOST_NAMED)


def note_unsupported(records: Sequence["MessageRecord"], path: Callable[[int], Path]) -> list[Diagnostic]:
    """Say which parts of imported messages are not in the state: no attribute can carry them."""
    found = [
        f"{spelled((*path(index), 'parts', position))} ({kind} in {each.id})"
        for index, each in enumerate(records)
        for position, kind in each.unsupported
    ]
    if not found:
        return []
    return [
        warning(
            "Parts of messages are not imported",
            f"Nothing in the state can carry {some(found)}: it is neither a text, nor an image or a file "
            "that is small enough. They stay at the API. A thread that is made anew would lack them.",
        )
    ]


def refreshed(record: "MessageRecord | None", held: Held, owner: Ownership, api: object) -> Held:
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
    said = private.get("unreadable", ())
    keep(private, "unreadable", found)
    new = [each for each in found if each not in said]
    if not new:
        return []
    return [
        warning(
            "A message comes back in another shape",
            f"{where}: the server answers the content of {some(new)} in a shape that can't be read as text. "
            "The state keeps what it was made with, and nothing is replaced for it.",
        )
    ]


def planned_ids(ids: Sequence[str] | None, messages: Any, unchanged: int) -> Any:  # noqa: ANN401 - a list or UNKNOWN
    """Return the ids that a plan can promise: those that stay, and unknown ones for the rest."""
    if messages is UNKNOWN:
        return UNKNOWN
    known = list(ids or ())[:unchanged]
    return known + [UNKNOWN] * (len(messages or ()) - len(known))
