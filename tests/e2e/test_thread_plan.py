"""What a change of a thread does: the real Terraform plans and applies it."""

from typing import Any

import pytest

from tests.support.served import ServedApi
from tests.support.terraform import TerraformProject
from tests.support.threads import ADDRESS, ONE, THREE, TWO, message, thread

pytestmark = pytest.mark.peers

CODE = {"code_interpreter": {"file_ids": ["file-1"]}}
SEARCH = {"file_search": {"vector_store_ids": ["vs_1"]}}

CHANGES: list[tuple[str, dict[str, Any], dict[str, Any], str, list[list[Any]]]] = [
    ("metadata added", {}, {"metadata": {"a": "1"}}, "update", []),
    ("metadata changed", {"metadata": {"a": "1"}}, {"metadata": {"a": "2"}}, "update", []),
    ("metadata removed", {"metadata": {"a": "1"}}, {}, "update", []),
    ("tools added", {}, {"tools": ["file_search"]}, "update", []),
    ("tools changed", {"tools": ["file_search"]}, {"tools": ["code_interpreter"]}, "update", []),
    ("tools removed", {"tools": ["file_search"]}, {}, "update", []),
    ("tool_resources added", {}, {"tool_resources": CODE}, "update", []),
    ("tool_resources changed", {"tool_resources": CODE}, {"tool_resources": SEARCH}, "update", []),
    ("tool_resources removed", {"tool_resources": SEARCH}, {}, "update", []),
    ("retain_on_destroy added", {}, {"retain_on_destroy": True}, "update", []),
    ("retain_on_destroy removed", {"retain_on_destroy": True}, {}, "update", []),
    ("first message", {}, {"messages": [ONE]}, "update", []),
    ("message appended", {"messages": [ONE]}, {"messages": [ONE, TWO]}, "update", []),
    ("message trimmed", {"messages": [ONE, TWO]}, {"messages": [ONE]}, "update", []),
    ("all messages removed", {"messages": [ONE, TWO]}, {}, "update", []),
    (
        "content changed",
        {"messages": [ONE, TWO]},
        {"messages": [ONE, message("other", "assistant")]},
        "replace",
        [["messages", 1, "content"]],
    ),
    (
        "role changed",
        {"messages": [ONE, TWO]},
        {"messages": [ONE, message("two")]},
        "replace",
        [["messages", 1, "role"]],
    ),
    (
        "message inserted before",
        {"messages": [ONE, TWO]},
        {"messages": [THREE, ONE, TWO]},
        "replace",
        [["messages", 0, "content"]],
    ),
    (
        "attachment added",
        {"messages": [ONE]},
        {"messages": [message("one", attachments=[{"file_id": "file-1", "tools": ["file_search"]}])]},
        "replace",
        [["messages", 0, "attachments"]],
    ),
    (
        "file_ids written as attachments",
        {"messages": [message("one", file_ids=["file-1"])]},
        {"messages": [message("one", attachments=[{"file_id": "file-1"}])]},
        "update",
        [],
    ),
    (
        "message metadata changed",
        {"messages": [message("one", metadata={"topic": "a"})]},
        {"messages": [message("one", metadata={"topic": "b"})]},
        "update",
        [],
    ),
]


def named(description: str) -> str:
    return description.replace(" ", "_")


@pytest.mark.parametrize("kind", ["conversations", "threads"])
def test_a_change_is_in_place_or_replaces_and_then_nothing_is_left_to_do(
    terraform: TerraformProject, api: ServedApi, kind: str
) -> None:
    def all_of(which: int) -> dict[str, Any]:
        return {**thread(api, kind), "resource": {"openai_thread": {named(c[0]): c[which] for c in CHANGES}}}

    terraform.write(all_of(1)).apply()
    said = terraform.write(all_of(2)).plan()
    changes = {each["name"]: each["change"] for each in terraform.planned()["resource_changes"]}
    terraform.apply_plan()
    again = terraform.plan()

    assert said.actions == {f"openai_thread.{named(c[0])}": c[3] for c in CHANGES}
    assert {name: each.get("replace_paths", []) for name, each in changes.items()} == {
        named(c[0]): c[4] for c in CHANGES
    }
    assert again.actions == {}


def test_a_metadata_change_shows_nothing_but_metadata(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(thread(api, metadata={"a": "1"}, messages=[ONE])).apply()

    terraform.write(thread(api, metadata={"a": "2"}, messages=[ONE])).plan()
    change = terraform.planned()["resource_changes"][0]["change"]

    differing = [name for name, value in change["before"].items() if change["after"].get(name) != value]
    assert differing == ["metadata"]
    assert not any(change["after_unknown"].values())


def test_values_known_only_after_apply_plan_and_apply(terraform: TerraformProject, api: ServedApi) -> None:
    later = "${terraform_data.later.id}"
    two = '${[for n in range(length(terraform_data.later.id) > 0 ? 2 : 1) : {role = "user", content = "x"}]}'
    search = {"vector_store_ids": [later]}
    configuration = thread(api)
    configuration["resource"] = {
        "terraform_data": {"later": {"input": "x"}},
        "openai_thread": {
            "metadata": {"metadata": {"a": later}},
            "content": {"messages": [message(later)]},
            "role": {"messages": [message("x", '${terraform_data.later.id == "" ? "user" : "assistant"}')]},
            "file": {"messages": [message("one", attachments=[{"file_id": later}])]},
            "whole_list": {"messages": two},
            "store": {"tools": ["file_search"], "tool_resources": {"file_search": search}},
            "flag": {"retain_on_destroy": '${terraform_data.later.id == ""}'},
        },
    }

    said = terraform.write(configuration).apply()
    again = terraform.plan()

    assert set(said.actions.values()) == {"create"}
    assert len(terraform.state()["openai_thread.whole_list"]["message_ids"]) == 2
    assert again.actions == {}


def test_forty_five_messages_arrive_in_order_and_in_three_calls(
    terraform: TerraformProject, api: ServedApi
) -> None:
    messages = [message(f"message {number}") for number in range(45)]

    terraform.write(thread(api, messages=messages)).apply()
    state = terraform.state()[ADDRESS]

    assert api.database.messages(state["id"]) == [("user", each["content"]) for each in messages]
    assert len(set(state["message_ids"])) == 45
    assert [each.path.rpartition("/")[2] for each in api.seen if each.method == "POST"].count("items") == 3


@pytest.mark.parametrize("retain", [True, False])
def test_destroy_deletes_the_thread_unless_it_is_retained(
    terraform: TerraformProject,
    api: ServedApi,
    retain: bool,
) -> None:
    terraform.write(thread(api, retain_on_destroy=retain, messages=[ONE])).apply()
    identifier = terraform.state()[ADDRESS]["id"]

    terraform.destroy()

    assert (api.database.conversation(identifier) is not None) is retain


def test_what_the_api_can_not_keep_is_said_once(terraform: TerraformProject, api: ServedApi) -> None:
    config: dict[str, Any] = {"tools": ["file_search"], "messages": [message("one", metadata={"topic": "a"})]}

    first = terraform.write(thread(api, **config)).plan()
    terraform.apply_plan()
    second = terraform.write(thread(api, metadata={"a": "1"}, **config)).plan()

    [warning] = first.warnings
    assert warning.summary == "Kept in the Terraform state only"
    assert warning.detail == (
        "The conversations API can't keep tools, messages[*].metadata. It is in the state, and in "
        "response_tools where that applies, but nobody else sees it at the API."
    )
    assert second.warnings == []
