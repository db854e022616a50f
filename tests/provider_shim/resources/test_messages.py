"""Decisions about messages that need no API."""

from typing import Any

import pytest

from provider_shim.api.records import MessageRecord
from provider_shim.resources.messages import (
    MOST_NAMED,
    Step,
    attached,
    is_it,
    note_unreadable,
    planned_ids,
    refreshed,
    sent,
    step,
    to_state,
)
from provider_shim.terraform.values import UNKNOWN


def held(content: Any = "one", **more: Any) -> dict[str, Any]:
    return {
        "role": "user",
        "content": content,
        "parts": None,
        "content_wo": None,
        "content_wo_version": None,
        "phase": None,
        "metadata": None,
        "attachments": None,
        "file_ids": None,
        **more,
    }


@pytest.mark.parametrize(
    ("prior", "planned", "expected"),
    [
        (None, None, Step()),
        (None, UNKNOWN, Step()),
        ([], UNKNOWN, Step()),
        ([held()], UNKNOWN, Step(replace=("messages",))),
        ([held()], [UNKNOWN], Step(replace=("messages", 0))),
        ([held()], [held(), UNKNOWN], Step(unchanged=1)),
        ([held()], [held(UNKNOWN)], Step(replace=("messages", 0, "content"))),
        ([held()], [held(role=UNKNOWN)], Step(replace=("messages", 0, "role"))),
        ([held()], [held(metadata=UNKNOWN)], Step(unchanged=1, changed=(0,))),
        ([held()], [held(attachments=UNKNOWN)], Step(replace=("messages", 0, "attachments"))),
        ([held(file_ids=["f"])], [held(file_ids=[UNKNOWN])], Step(replace=("messages", 0, "file_ids"))),
        ([held(), held("two")], None, Step()),
        ([held(), held("two")], [held()], Step(unchanged=1)),
    ],
)
def test_what_is_not_known_yet_counts_as_changed(
    prior: list[dict[str, Any]] | None, planned: Any, expected: Step
) -> None:
    assert step(prior, planned, "conversations") == expected


def test_tools_of_an_attachment_count_only_where_the_api_keeps_them() -> None:
    before = held(attachments=[{"file_id": "f", "tools": None}])
    after = held(attachments=[{"file_id": "f", "tools": ["file_search"]}])

    assert step([before], [after], "conversations") == Step(unchanged=1, changed=(0,))
    assert step([before], [after], "threads") == Step(replace=("messages", 0, "attachments"))


def test_file_ids_become_attachments_each_file_once() -> None:
    given = held(attachments=[{"file_id": "f1", "tools": ["file_search"]}], file_ids=["f1", "f2"])
    expected = [{"file_id": "f1", "tools": ["file_search"]}, {"file_id": "f2", "tools": []}]

    assert attached(given, "threads") == expected
    assert attached(given, "conversations") == [{"file_id": "f1"}, {"file_id": "f2"}]
    assert attached(held(file_ids=[UNKNOWN]), "threads") is UNKNOWN


def test_a_message_whose_id_is_there_has_what_it_was_made_with() -> None:
    configured = held(metadata={"topic": "x"}, file_ids=["f1"])
    tidied = MessageRecord("msg_1", "user", "another shape", {"topic": "y", "theirs": "1"}, [])

    assert refreshed(tidied, configured, {}, "conversations") == configured
    assert refreshed(tidied, configured, {}, "threads") == {**configured, "metadata": {"topic": "y"}}
    assert refreshed(tidied, configured, {"stored": {"topic": "y"}}, "threads") == configured
    assert refreshed(tidied, held(), {}, "threads") == held()


def test_a_message_met_for_the_first_time_is_held_as_the_api_shows_it() -> None:
    record = MessageRecord("msg_1", "user", "one", {"a": "b"}, [{"file_id": "f1", "tools": []}])

    shown = to_state(record)

    assert shown == held(metadata={"a": "b"}, attachments=[{"file_id": "f1", "tools": None}])


def test_a_plan_promises_the_ids_that_stay() -> None:
    assert planned_ids(["a", "b", "c"], [held(), held(), held()], 1) == ["a", UNKNOWN, UNKNOWN]
    assert planned_ids(["a", "b"], None, 0) == []
    assert planned_ids(["a"], UNKNOWN, 0) is UNKNOWN
    assert planned_ids(None, [held()], 0) == [UNKNOWN]


def test_a_message_that_is_another_one_replaces_by_what_differs() -> None:
    with_tools, without = ({"file_id": "f", "tools": tools} for tools in (["file_search"], None))

    def replaced(before: Any, after: Any, api: str) -> Any:
        return step([before], [after], api).replace

    assert replaced(held(), held(attachments=[without]), "conversations") == ("messages", 0, "attachments")
    assert replaced(held(attachments=[with_tools]), held(attachments=[without]), "conversations") is None
    assert replaced(held(attachments=[with_tools]), held(attachments=[without]), "threads") == (
        "messages",
        0,
        "attachments",
    )


def test_a_message_is_known_by_role_text_and_files_and_not_by_the_tools_of_one() -> None:
    planned = held(attachments=[{"file_id": "f", "tools": ["file_search"]}], file_ids=["g"])
    wanted = sent(planned, "conversations")
    there = [{"file_id": "f", "tools": []}, {"file_id": "g", "tools": []}]

    assert is_it(MessageRecord("msg_1", "user", "one", attachments=there), wanted)
    assert not is_it(MessageRecord("msg_1", "user", "one", attachments=there[:1]), wanted)
    assert not is_it(MessageRecord("msg_1", "user", "two", attachments=there), wanted)
    assert not is_it(MessageRecord("msg_1", "assistant", "one", attachments=there), wanted)


def test_content_that_can_not_be_read_is_said_once_for_each_message() -> None:
    private: dict[str, Any] = {}
    records = [MessageRecord("msg_1", "user", "one"), MessageRecord("msg_2", "user", "", readable=False)]
    [said] = note_unreadable(records, private, "conv_1")

    assert said.summary == "A message comes back in another shape"
    assert said.detail == (
        "conv_1: the server answers the content of msg_2 in a shape that can't be read as text. The state "
        "keeps what it was made with, and nothing is replaced for it."
    )
    assert private == {"unreadable": ["msg_2"]}
    assert note_unreadable(records, private, "conv_1") == []
    assert private == {"unreadable": ["msg_2"]}
    assert note_unreadable(records[:1], private, "conv_1") == []
    assert private == {}


@pytest.mark.parametrize("more", [0, 1])
def test_of_many_messages_that_can_not_be_read_the_first_are_named(more: int) -> None:
    ids = [f"msg_{number}" for number in range(MOST_NAMED + more)]
    [said] = note_unreadable((MessageRecord(each, "user", "", readable=False) for each in ids), {}, "conv_1")

    assert f" {', '.join(ids[:MOST_NAMED])}{', …' * more} in a shape" in said.detail
