"""What one API takes and the other refuses, and what no API keeps."""

from collections.abc import Iterable
from typing import Any

from provider_shim.contract.path import Path, spelled
from provider_shim.contract.thread import THREAD
from provider_shim.terraform.diagnostics import Diagnostic, error, warning
from provider_shim.terraform.handler import Values
from provider_shim.terraform.values import UNKNOWN


def refusals(planned: Values, api: object) -> list[Diagnostic]:
    """Name what the chosen API refuses in a thread, and the other would take."""
    return [
        refusal
        for index, message in enumerate(_listed(planned["messages"]))
        if message is not UNKNOWN
        for refusal in message_refusals(message, api, ("messages", index))
    ]


def message_refusals(message: Values, api: object, path: Path = ()) -> list[Diagnostic]:
    """Name what the chosen API refuses in a message, and the other would take."""
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


def unkept(prior: Values | None, planned: Values, api: object) -> list[Diagnostic]:
    """Say once what the API can't keep of a thread: when it comes into the configuration."""
    return _said_once(_held_by_state(prior, api), _held_by_state(planned, api), api)


def message_unkept(prior: Values | None, planned: Values, api: object) -> list[Diagnostic]:
    """Say once what the API can't keep of a message."""

    def held(message: Values | None) -> list[str]:
        return [] if message is None or api != "conversations" else _held_of_messages([message], "")

    return _said_once(held(prior), held(planned), api)


def _said_once(before: list[str], held: list[str], api: object) -> list[Diagnostic]:
    new = [path for path in held if path not in before]
    if api is UNKNOWN or not new:
        return []
    return [
        warning(
            "Kept in the Terraform state only",
            f"The {api} API can't keep {', '.join(new)}. It is in the state, and in response_tools where "
            "that applies, but nobody else sees it at the API.",
        )
    ]


def _held_by_state(values: Values | None, api: object) -> list[str]:
    if values is None:
        return []
    held = [
        name
        for name in ("tools", "tool_resources")
        if _given(values[name]) and api not in (THREAD.attributes[name].kept_by or ())
    ]
    if api == "conversations":
        messages = [each for each in _listed(values["messages"]) if each is not UNKNOWN]
        held += _held_of_messages(messages, "messages[*].")
    return held


def _held_of_messages(messages: Iterable[Values], prefix: str) -> list[str]:
    """Name what the Conversations API does not keep of messages."""
    messages = list(messages)
    held = [f"{prefix}metadata"] if any(_given(each["metadata"]) for each in messages) else []
    files = [file for each in messages for file in _listed(each["attachments"]) if file is not UNKNOWN]
    if any(_given(file["tools"]) for file in files):
        held.append(f"{prefix}attachments[*].tools")
    return held


def _given(value: object) -> bool:
    return value is UNKNOWN or bool(value)


def _listed(value: Any) -> Any:  # noqa: ANN401 - a list, null or UNKNOWN
    return () if value is None or value is UNKNOWN else value
