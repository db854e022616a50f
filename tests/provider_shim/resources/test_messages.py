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
    note_unsupported,
    noted,
    planned_ids,
    refreshed,
    respelled,
    says_the_same,
    sent,
    step,
    tells_the_same,
    to_state,
    without_released,
    write_only_text,
)
from provider_shim.terraform.diagnostics import Failure
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
        (
            [held(attachments=[{"file_id": "e", "tools": None}], file_ids=["f"])],
            [held(attachments=[{"file_id": "e", "tools": None}], file_ids=["g"])],
            Step(replace=("messages", 0, "file_ids")),
        ),
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


TEXT = {"type": "text", "text": "one"}
FILE = {"type": "file", "file_id": "f1"}
IMAGE = {"type": "image", "image_url": "https://example.com/a.png"}
ABSENT = dict.fromkeys(("text", "image_url", "file_id", "file_url", "file_data", "filename", "detail"))


def in_parts(*parts: Any, **more: Any) -> dict[str, Any]:
    return held(None, parts=list(parts), **more)


def unseen(version: Any = 1, **more: Any) -> dict[str, Any]:
    return held(None, content_wo_version=version, **more)


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        (held(), in_parts(TEXT), None),
        (held(), in_parts({**ABSENT, **TEXT}), None),
        (in_parts(TEXT), held(), None),
        (held("two"), in_parts(TEXT), "parts"),
        (in_parts(TEXT), held("two"), "content"),
        (held(), in_parts(UNKNOWN), "parts"),
        (held(), in_parts(TEXT, UNKNOWN), "parts"),
        (held(), held(None, parts=UNKNOWN), "parts"),
        (in_parts(IMAGE), in_parts({**IMAGE, "detail": "low"}), "parts"),
        (unseen(1), unseen(1), None),
        (unseen(1), unseen(2), "content_wo_version"),
        (unseen(1), unseen(UNKNOWN), "content_wo_version"),
        (held(), unseen(1), "content_wo_version"),
        (held(), held(None), "content"),
        (held(phase="commentary"), held(phase="commentary"), None),
        (held(), held(phase="commentary"), "phase"),
        (held(phase="commentary"), held(), "phase"),
        (held(phase="commentary"), held(phase=UNKNOWN), "phase"),
        (held(phase=UNKNOWN), held(phase=UNKNOWN), "phase"),
    ],
)
def test_what_a_message_says_replaces_by_the_attribute_that_says_it(
    before: Any, after: Any, path: str | None
) -> None:
    assert step([before], [after], "conversations").replace == (path and ("messages", 0, path))


def test_a_phase_is_nothing_to_an_api_that_has_none() -> None:
    assert step([held()], [held(phase="commentary")], "threads") == Step(unchanged=1, changed=(0,))


def test_a_file_behind_a_text_is_the_same_as_part_and_as_attachment_on_a_conversation() -> None:
    attachment, part = held(attachments=[{"file_id": "f1", "tools": None}]), in_parts(TEXT, FILE)

    assert step([attachment], [part], "conversations").replace is None
    assert step([attachment], [part], "threads").replace == ("messages", 0, "parts")
    assert tells_the_same(attachment, part, "conversations")
    assert not tells_the_same(attachment, part, "threads")
    assert not tells_the_same(attachment, in_parts(TEXT, IMAGE), "conversations")
    assert not says_the_same(attachment, part)
    assert says_the_same(held(), in_parts(TEXT))
    assert not says_the_same(held(UNKNOWN), held(UNKNOWN))


def test_a_write_only_text_with_a_file_is_compared_by_its_version() -> None:
    with_file = {"attachments": [{"file_id": "f1", "tools": None}]}

    assert tells_the_same(unseen(1, **with_file), unseen(1, file_ids=["f1"]), "conversations")
    assert not tells_the_same(unseen(1, **with_file), unseen(2, **with_file), "conversations")
    assert not tells_the_same(unseen(1), unseen(1, **with_file), "conversations")


def test_a_phase_that_an_import_brought_is_released_where_the_configuration_has_none() -> None:
    there = [held(phase="commentary"), held("two", phase="commentary"), held("three")]
    ids = ["a", "b", "c"]
    planned = [held(), held("two"), held("three")]

    assert without_released(there, ids, planned, {"a", "c"}) == (
        [held(), there[1], there[2]],
        [(0, "phase")],
    )
    assert without_released(there, ids, planned, {"b"}) == (
        [there[0], held("two"), there[2]],
        [(1, "phase")],
    )
    assert without_released(there, ids, planned, ()) == (there, [])
    assert without_released(there, ids, [held(phase="commentary"), planned[1]], ids) == (
        [there[0], held("two"), there[2]],
        [(1, "phase")],
    )
    assert without_released(there, ids, [UNKNOWN, planned[1]], ids) == (
        [there[0], held("two"), there[2]],
        [(1, "phase")],
    )
    assert without_released(there, ids, UNKNOWN, ids) == (there, [])
    assert without_released(there, ids[:1], planned, ids) == ([held(), *there[1:]], [(0, "phase")])


@pytest.mark.parametrize(
    ("there", "planned", "same"),
    [
        ('{"a":[1],"b":2}', '{ "b" : 2, "a" : [1] }', True),
        ("\n [1]", "[ 1 ]", True),
        ('{"a":1}', '{"a": 2}', False),
        ('{"a":1}', UNKNOWN, False),
        ('{"a":1}', None, False),
        ("{a}", "{ a }", False),
        ("1", "1.0", False),
        (None, "{}", False),
    ],
)
def test_an_imported_text_is_as_the_configuration_spells_it_where_that_is_the_same_json(
    there: Any, planned: Any, same: bool
) -> None:
    expected = planned if same else there
    one, other, shown = ({**ABSENT, "type": "text", "text": each} for each in (there, planned, expected))
    image = {**ABSENT, **IMAGE}

    assert respelled(held(there), held(planned)) == held(expected)
    assert respelled(in_parts(image, one), in_parts(image, other)) == in_parts(image, shown)


def test_an_imported_text_keeps_its_spelling_where_no_part_is_planned_that_could_have_another() -> None:
    there, ours = ({**ABSENT, "type": "text", "text": each} for each in ("[1]", "[ 1 ]"))
    before = in_parts(there, there)

    assert respelled(before, in_parts(UNKNOWN, ours)) == in_parts(there, ours)
    assert respelled(before, in_parts(ours)) == before
    assert respelled(before, held(None, parts=UNKNOWN)) == before
    assert respelled(before, held("[ 1 ]")) == before
    assert respelled(held("[1]"), in_parts(ours)) == held("[1]")


def test_parts_and_a_phase_are_sent_as_they_are_and_the_phase_only_where_it_is_known() -> None:
    message = in_parts({**ABSENT, **TEXT}, {**ABSENT, **FILE}, phase="commentary")
    plain: dict[str, Any] = {"role": "user", "content": None, "metadata": None, "attachments": []}

    assert sent(message, "conversations") == {**plain, "parts": [TEXT, FILE], "phase": "commentary"}
    assert sent(message, "threads") == {**plain, "parts": [TEXT, FILE]}


def test_a_write_only_text_is_sent_from_the_configuration_and_never_noted() -> None:
    written = sent(unseen(3), "threads", {"content_wo": "quiet"}, ("messages", 0))

    assert written == {
        "role": "user",
        "content": "quiet",
        "metadata": None,
        "attachments": [],
        "content_wo_version": 3,
    }
    assert noted(written) == {**written, "content": None}
    assert noted(held()) == held()


@pytest.mark.parametrize(
    ("config", "given"),
    [(None, "null"), ({}, "null"), ({"content_wo": None}, "null"), ({"content_wo": ""}, "empty")],
)
def test_a_write_only_text_that_is_not_there_at_apply_is_an_error_with_its_path(
    config: dict[str, Any] | None, given: str
) -> None:
    with pytest.raises(Failure) as caught:
        sent(unseen(), "conversations", config, ("messages", 2))
    [told] = caught.value.diagnostics

    assert told.severity == "error"
    assert told.summary == "No text to send"
    assert told.detail == (
        f"messages[2].content_wo is {given} at apply. Allowed: at least 1 character. Give it the same text "
        "in the apply as in the plan: a variable that is ephemeral is given to both."
    )
    assert told.path == ("messages", 2, "content_wo")
    assert write_only_text({"content_wo": "quiet"}, ()) == "quiet"


@pytest.mark.parametrize(
    ("parts", "plain"),
    [
        ([], True),
        ([TEXT], True),
        ([TEXT, TEXT], True),
        ([TEXT, FILE], True),
        ([TEXT, TEXT, FILE, FILE], True),
        ([FILE], False),
        ([FILE, TEXT], False),
        ([TEXT, FILE, TEXT], False),
        ([IMAGE], False),
        ([TEXT, IMAGE], False),
        ([TEXT, {**FILE, "filename": "a.pdf"}], False),
        ([TEXT, {"type": "file", "file_url": "https://example.com/a"}], False),
    ],
)
def test_a_message_is_held_as_content_where_that_says_all_of_it(
    parts: list[dict[str, Any]], plain: bool
) -> None:
    files = [{"file_id": each["file_id"], "tools": []} for each in parts if each.get("file_id")]
    other = {"file_id": "beside", "tools": []}
    shown = to_state(
        MessageRecord(
            "msg_1",
            "assistant",
            "one",
            attachments=[*files, other],
            parts=parts,
            settings={"phase": "commentary"},
        )
    )
    attachments = [{**each, "tools": None} for each in ([*files, other] if plain else [other])]

    assert shown == held(
        "one" if plain else None,
        role="assistant",
        phase="commentary",
        parts=None if plain else [{**ABSENT, **each} for each in parts],
        attachments=attachments,
    )


def test_parts_that_no_attribute_can_carry_are_named_with_their_place() -> None:
    records = [
        MessageRecord("msg_1", "user", "one"),
        MessageRecord("msg_2", "user", "two", unsupported=[(1, "input_audio"), (3, "image_file")]),
    ]
    [told] = note_unsupported(records, lambda index: ("messages", index))

    assert told.severity == "warning"
    assert told.summary == "Parts of messages are not imported"
    assert told.detail == (
        "Nothing in the state can carry messages[1].parts[1] (input_audio in msg_2), messages[1].parts[3] "
        "(image_file in msg_2): it is neither a text, nor an image or a file that is small enough. They stay "
        "at the API. A thread that is made anew would lack them."
    )
    assert note_unsupported(records[:1], lambda index: ("messages", index)) == []
