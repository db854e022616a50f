"""What one API takes and the other refuses, and what no API keeps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provider_shim.contract.attributes import Attribute, Contract, objects_in
from provider_shim.contract.parts import ON_THREADS
from provider_shim.contract.path import Path, spelled
from provider_shim.resources.messages import says_the_same
from provider_shim.terraform.diagnostics import Diagnostic, error, warning
from provider_shim.terraform.handler import Values
from provider_shim.terraform.values import UNKNOWN


def refusals(
    planned: Values, api: object, held: Sequence[Mapping[str, object]] | None = None
) -> list[Diagnostic]:
    """Name what the chosen API refuses in a thread, and the other would take.

    ``held`` are the messages that the thread has: what is in it need not be taken again.
    """
    there = held or ()
    return [
        refusal
        for index, message in enumerate(_listed(planned["messages"]))
        if message is not UNKNOWN
        for refusal in message_refusals(
            message, api, ("messages", index), there[index] if index < len(there) else None
        )
    ]


def message_refusals(
    message: Values, api: object, path: Path = (), held: Mapping[str, object] | None = None
) -> list[Diagnostic]:
    """Name what the chosen API refuses in a message, and the other would take."""
    if held is not None and held["role"] == message["role"] and says_the_same(held, message):
        parts: list[Diagnostic] = []
    else:
        parts = _part_refusals(message, api, path)
    return _refused_attributes(message, api, path) + parts


def _part_refusals(message: Values, api: object, path: Path) -> list[Diagnostic]:
    refused: list[Diagnostic] = []
    parts = [each for each in _listed(message.get("parts")) if each is not UNKNOWN]
    spoken = api == "conversations" and message["role"] == "assistant"

    def refuse(here: Path, problem: str, allowed: str, summary: str = "Not on this API") -> None:
        refused.append(error(summary, f"{spelled(here)} {problem} Allowed: {allowed}", here))

    for index, part in enumerate(parts):
        here, kind = (*path, "parts", index), part["type"]
        if kind == "refusal":
            refuse(
                here,
                'is of type "refusal". That is what a model said: it comes by reading and by import, and no '
                "API takes it from anybody.",
                'a part of type "text" with these words, or none of it.',
                "A refusal can't be made",
            )
        elif spoken and kind not in ("text", UNKNOWN):
            refuse(
                here,
                f'is of type "{kind}" on a message of the assistant, which has only text on the '
                "Conversations API.",
                'a part of type "text", or the role "user".',
            )
        elif api == "threads" and kind not in (*ON_THREADS, UNKNOWN):
            files = "attachments = [{ file_id = …, tools = […] }] of the message; or "
            refuse(
                here,
                f'is of type "{kind}", which /threads does not have.',
                f'{files if kind == "file" else ""}api = "conversations" in the provider.',
            )
        elif api == "threads" and part.get("detail") == "original":
            refuse(
                (*here, "detail"),
                'is "original", which /threads does not have.',
                '"auto", "low" or "high"; or api = "conversations" in the provider.',
            )
    if spoken and len(parts) > 1 and not refused:
        refuse(
            (*path, "parts"),
            f"has {len(parts)} texts on a message of the assistant, which has one on the Conversations API.",
            'one part of type "text", or several messages.',
        )
    return refused


def _refused_attributes(message: Values, api: object, path: Path) -> list[Diagnostic]:
    refused: list[Diagnostic] = []

    def refuse(name: str, problem: str, allowed: str) -> None:
        here = (*path, name)
        refused.append(error("Not on this API", f"{spelled(here)} {problem} Allowed: {allowed}.", here))

    role = message["role"]
    if role is UNKNOWN:
        return refused
    if api == "threads" and role in ("system", "developer"):
        refuse(
            "role",
            f'is "{role}", which /threads does not have.',
            '"user" or "assistant"; or api = "conversations" in the provider',
        )
    if api == "conversations" and role != "user":
        for name in ("attachments", "file_ids"):
            if _given(message.get(name)):
                refuse(
                    name,
                    f'is given on a message of role "{role}". On the Conversations API only a user message '
                    "has files.",
                    f"a user message, or none of {name}",
                )
    return refused


def not_persisted(
    contract: Contract, prior: Mapping[str, object] | None, planned: Values, api: object
) -> list[Diagnostic]:
    """Say once what the API can't keep of an object: when it comes into the configuration.

    Each attribute's contract says which APIs keep it.
    """
    before = dict.fromkeys(_lost_attributes(contract.attributes, prior or {}, api, ""))
    new = [
        path
        for path in dict.fromkeys(_lost_attributes(contract.attributes, planned, api, ""))
        if path not in before
    ]
    if api is UNKNOWN or not new:
        return []
    return [
        warning(
            "Kept in the Terraform state only",
            f"The {api} API can't keep {', '.join(new)}. It is in the state, and in response_tools where "
            "that applies, but nobody else sees it at the API.",
        )
    ]


def _lost_attributes(
    attributes: Mapping[str, Attribute], values: Mapping[str, object], api: object, within: str
) -> Iterator[str]:
    """Name what is given and not kept, as ``messages[*].metadata``."""
    for name, attribute in attributes.items():
        value, path = values.get(name), within + name
        if not attribute.is_persisted_by(api):
            if value is UNKNOWN or value:
                yield path
            continue
        for inner, each, step in objects_in(attribute.type, value):
            yield from _lost_attributes(inner, each, api, f"{path}[*]." if step else f"{path}.")


def _given(value: object) -> bool:
    return value is UNKNOWN or bool(value)


def _listed(value: object) -> Any:  # noqa: ANN401 - a list, null or UNKNOWN
    return () if value is None or value is UNKNOWN else value
