"""What an API can't keep is named when it comes into the configuration, once."""

from typing import Any

import pytest

from provider_shim.contract.message import MESSAGE
from provider_shim.contract.thread import THREAD
from provider_shim.resources.persistence import not_persisted
from provider_shim.terraform.diagnostics import Diagnostic
from provider_shim.terraform.handler import Values
from provider_shim.terraform.values import UNKNOWN

PLAIN: Values = {"role": "user", "metadata": None, "attachments": None}
TOOLS: Values = {**PLAIN, "attachments": [{"file_id": "file-1", "tools": ["file_search"]}]}
UNKNOWN_TOOLS: Values = {**PLAIN, "attachments": [{"file_id": "file-1", "tools": UNKNOWN}]}
FILE: Values = {**PLAIN, "attachments": [{"file_id": "file-1", "tools": None}, UNKNOWN]}
NOTED: Values = {**PLAIN, "metadata": {"a": "1"}}


def thread(*messages: Any, **more: Any) -> Values:
    return {"tools": None, "tool_resources": None, "messages": list(messages), **more}


def named(said: list[Diagnostic]) -> list[str]:
    """Return what the warnings say of the API."""
    assert all(each.severity == "warning" for each in said)
    return [each.detail.partition(". It is in the state")[0] for each in said]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (PLAIN, []),
        (FILE, []),
        (TOOLS, ["attachments[*].tools"]),
        (UNKNOWN_TOOLS, ["attachments[*].tools"]),
        (NOTED, ["metadata"]),
        ({**TOOLS, "metadata": {"a": "1"}}, ["metadata, attachments[*].tools"]),
    ],
)
def test_conversations_keep_neither_metadata_nor_the_tools_of_an_attachment(
    message: Values, expected: list[str]
) -> None:
    of_message = [f"The conversations API can't keep {each}" for each in expected]
    of_thread = [
        f"The conversations API can't keep {', '.join(f'messages[*].{name}' for name in each.split(', '))}"
        for each in expected
    ]

    assert named(not_persisted(MESSAGE, None, message, "conversations")) == of_message
    assert named(not_persisted(THREAD, None, thread(PLAIN, message, UNKNOWN), "conversations")) == of_thread


def test_threads_keep_all_of_a_message_and_a_thread_without_its_tools() -> None:
    assert not_persisted(MESSAGE, None, {**TOOLS, "metadata": {"a": "1"}}, "threads") == []
    assert named(not_persisted(THREAD, None, thread(TOOLS, tools=["file_search"]), "threads")) == [
        "The threads API can't keep tools"
    ]


def test_what_was_said_is_not_said_again() -> None:
    both = {**TOOLS, "metadata": {"a": "1"}}

    assert not_persisted(MESSAGE, TOOLS, TOOLS, "conversations") == []
    assert not_persisted(THREAD, thread(TOOLS), thread(TOOLS, PLAIN), "conversations") == []
    assert named(not_persisted(MESSAGE, NOTED, both, "conversations")) == [
        "The conversations API can't keep attachments[*].tools"
    ]


def test_nothing_is_said_as_long_as_the_api_is_not_known() -> None:
    assert not_persisted(THREAD, None, thread(NOTED), UNKNOWN) == []
