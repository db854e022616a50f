"""What one API takes and the other refuses, and what no API keeps."""

from typing import Any

from provider_shim.contract.path import Path
from provider_shim.contract.thread import THREAD
from provider_shim.terraform.diagnostics import Diagnostic, error, warning
from provider_shim.terraform.handler import Values
from provider_shim.terraform.values import UNKNOWN


def refusals(planned: Values, api: object) -> list[Diagnostic]:
    """Name what the chosen API refuses, and the other would take."""
    refused: list[Diagnostic] = []

    def refuse(path: Path, what: str, allowed: str) -> None:
        refused.append(error("Not on this API", f"{what} Allowed: {allowed}.", path))

    for index, message in enumerate(_listed(planned["messages"])):
        if message is UNKNOWN:
            continue
        role, here = message["role"], ("messages", index)
        if api == "threads" and role is not UNKNOWN and role in ("system", "developer"):
            refuse(
                (*here, "role"),
                f'messages[{index}].role is "{role}", which /threads does not have.',
                '"user" or "assistant"; or api = "conversations" in the provider',
            )
        if api == "conversations" and role is not UNKNOWN and role != "user":
            for name in ("attachments", "file_ids"):
                if message[name] is UNKNOWN or message[name]:
                    refuse(
                        (*here, name),
                        f'messages[{index}].{name} is given on a message of role "{role}". On the '
                        "Conversations API "
                        "only a user message has files.",
                        f"a user message, or none of {name}",
                    )
    return refused


def unkept(prior: Values | None, planned: Values, api: object) -> list[Diagnostic]:
    """Say once what the API can't keep: when it comes into the configuration."""
    if api is UNKNOWN:
        return []
    before = _held_by_state(prior, api)
    new = [path for path in _held_by_state(planned, api) if path not in before]
    if not new:
        return []
    return [
        warning(
            "Kept in the Terraform state only",
            f"The {api} API can't keep {', '.join(new)}. It is in the state, and in response_tools where "
            "that applies, "
            "but nobody else sees it at the API.",
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
        if any(_given(each["metadata"]) for each in messages):
            held.append("messages[*].metadata")
        files = [file for each in messages for file in _listed(each["attachments"]) if file is not UNKNOWN]
        if any(_given(file["tools"]) for file in files):
            held.append("messages[*].attachments[*].tools")
    return held


def _given(value: object) -> bool:
    return value is UNKNOWN or bool(value)


def _listed(value: Any) -> Any:  # noqa: ANN401 - a list, null or UNKNOWN
    return () if value is None or value is UNKNOWN else value
