"""A message on its way to the API, and back."""

from typing import Any

import pytest

from provider_shim.api.records import MessageRecord
from provider_shim.resources.messages import is_it, sent, to_state

MESSAGE: dict[str, Any] = {
    "role": "user",
    "content": "one",
    "metadata": {"topic": "leave"},
    "attachments": [{"file_id": "file-1", "tools": ["file_search"]}],
    "file_ids": ["file-2"],
}


@pytest.mark.parametrize(
    ("api", "attachments"),
    [
        ("conversations", [{"file_id": "file-1"}, {"file_id": "file-2"}]),
        ("threads", [{"file_id": "file-1", "tools": ["file_search"]}, {"file_id": "file-2", "tools": []}]),
    ],
)
def test_a_message_is_sent_with_its_files_in_the_shape_of_the_api(
    api: str, attachments: list[dict[str, Any]]
) -> None:
    assert sent(MESSAGE, api) == {
        "role": "user",
        "content": "one",
        "metadata": {"topic": "leave"},
        "attachments": attachments,
    }


@pytest.mark.parametrize(
    ("record", "same"),
    [
        (
            MessageRecord("msg_1", "user", "one", attachments=[{"file_id": "file-1"}, {"file_id": "file-2"}]),
            True,
        ),
        (
            MessageRecord("msg_1", "user", "one", attachments=[{"file_id": "file-2"}, {"file_id": "file-1"}]),
            False,
        ),
        (MessageRecord("msg_1", "user", "one"), False),
        (
            MessageRecord("msg_1", "user", "two", attachments=[{"file_id": "file-1"}, {"file_id": "file-2"}]),
            False,
        ),
        (
            MessageRecord(
                "msg_1", "assistant", "one", attachments=[{"file_id": "file-1"}, {"file_id": "file-2"}]
            ),
            False,
        ),
    ],
)
def test_a_message_is_known_by_its_role_its_text_and_its_files(record: MessageRecord, same: bool) -> None:
    assert is_it(record, sent(MESSAGE, "conversations")) is same


def test_a_message_that_is_new_to_terraform_has_the_tools_of_its_attachments() -> None:
    record = MessageRecord(
        "msg_1",
        "user",
        "one",
        {"topic": "leave"},
        [{"file_id": "file-1", "tools": ["file_search"]}, {"file_id": "file-2", "tools": []}],
    )

    assert to_state(record) == {
        "role": "user",
        "content": "one",
        "parts": None,
        "content_wo": None,
        "content_wo_version": None,
        "phase": None,
        "metadata": {"topic": "leave"},
        "attachments": [
            {"file_id": "file-1", "tools": ["file_search"]},
            {"file_id": "file-2", "tools": None},
        ],
        "file_ids": None,
    }
