"""openai_message: a message in a thread that somebody else manages."""

from typing import Any

import pytest

from tests.support.faulty import Fault, Seen
from tests.support.served import ServedApi
from tests.support.terraform import TerraformError, TerraformProject

ADDRESS = "openai_message.it"


def provider(api: ServedApi) -> dict[str, Any]:
    return {"provider": {"openai": {"base_url": api.base_url}}}


def message(api: ServedApi, thread_id: str, content: str = "Reminder", **more: Any) -> dict[str, Any]:
    config = {"thread_id": thread_id, "role": "user", "content": content, **more}
    return {**provider(api), "resource": {"openai_message": {"it": config}}}


@pytest.fixture
def thread_id(api: ServedApi) -> str:
    """Return a conversation that an application has made, with one message in it."""
    identifier = api.database.ask(lambda client: client.conversations.create()).id
    api.database.say(identifier, "user", "first")
    return identifier


def test_a_message_is_added_at_the_end_and_a_second_plan_is_empty(
    terraform: TerraformProject, api: ServedApi, thread_id: str
) -> None:
    terraform.write(message(api, thread_id, metadata={"a": "1"})).apply()
    state = terraform.state()[ADDRESS]
    again = terraform.plan()

    assert api.database.messages(thread_id) == [("user", "first"), ("user", "Reminder")]
    assert state["object"] == "thread.message"
    assert state["created_at"] is None
    assert again.actions == {}
    assert again.warnings == []


def test_every_change_replaces_the_message(
    terraform: TerraformProject, api: ServedApi, thread_id: str
) -> None:
    terraform.write(message(api, thread_id)).apply()

    changes: list[dict[str, Any]] = [
        {"content": "other"},
        {"role": "assistant"},
        {"metadata": {"a": "1"}},
        {"attachments": [{"file_id": "file-1"}]},
    ]
    planned = []
    for change in changes:
        terraform.write(message(api, thread_id, **change)).plan()
        [resource] = terraform.planned()["resource_changes"]
        planned.append((resource["change"]["actions"], resource["change"]["replace_paths"]))

    assert planned == [(["delete", "create"], [[name]]) for change in changes for name in change]


def test_a_replaced_message_leaves_the_others(
    terraform: TerraformProject, api: ServedApi, thread_id: str
) -> None:
    terraform.write(message(api, thread_id)).apply()

    terraform.write(message(api, thread_id, "Second reminder")).apply()

    assert api.database.messages(thread_id) == [("user", "first"), ("user", "Second reminder")]


def test_destroy_takes_the_message_alone(terraform: TerraformProject, api: ServedApi, thread_id: str) -> None:
    terraform.write(message(api, thread_id)).apply()

    terraform.destroy()

    assert api.database.messages(thread_id) == [("user", "first")]


def test_a_deleted_message_is_planned_anew(
    terraform: TerraformProject, api: ServedApi, thread_id: str
) -> None:
    terraform.write(message(api, thread_id)).apply()
    api.database.delete_message(thread_id, terraform.state()[ADDRESS]["id"])

    assert terraform.plan().actions == {ADDRESS: "create"}


def test_a_message_in_a_deleted_thread_is_planned_anew_and_destroyed_without_an_error(
    terraform: TerraformProject, api: ServedApi, thread_id: str
) -> None:
    terraform.write(message(api, thread_id)).apply()
    api.database.delete_conversation(thread_id)

    assert terraform.plan().actions == {ADDRESS: "create"}
    assert terraform.destroy("-refresh=false").actions == {ADDRESS: "delete"}


def test_an_import_gives_the_state_that_a_create_gave_and_an_empty_plan(
    terraform: TerraformProject, api: ServedApi, thread_id: str
) -> None:
    terraform.write(message(api, thread_id, attachments=[{"file_id": "file-1"}])).apply()
    created = terraform.state()[ADDRESS]
    terraform.run("state", "rm", ADDRESS)

    terraform.run("import", ADDRESS, f"{thread_id}/{created['id']}")

    assert terraform.state()[ADDRESS] == created
    assert terraform.plan().actions == {}


BAD_IDS = {
    "conv_1": "The id is 'conv_1'. Allowed: THREAD_ID/MESSAGE_ID, such as conv_…/msg_…, with one slash",
    "conv_1/": "The id is 'conv_1/'. Allowed: THREAD_ID/MESSAGE_ID, such as conv_…/msg_…, with one slash",
    "<thread>/msg_nothing": (
        'There is no message "msg_nothing" in the thread "<thread>" on the conversations API at URL. Check '
        "both ids, base_url, project and key."
    ),
}


@pytest.mark.parametrize("identifier", BAD_IDS)
def test_an_import_of_nothing_says_what_an_id_looks_like(
    terraform: TerraformProject, api: ServedApi, thread_id: str, identifier: str
) -> None:
    terraform.write(message(api, thread_id))
    with pytest.raises(TerraformError) as failed:
        terraform.run("import", "-no-color", ADDRESS, identifier.replace("<thread>", thread_id))
    said = " ".join(failed.value.output.replace("│", " ").split())

    expected = BAD_IDS[identifier].replace("URL", api.base_url).replace("<thread>", thread_id)
    assert expected in said


def test_a_message_and_the_thread_it_is_in_cause_no_drift_on_either_side(
    terraform: TerraformProject, api: ServedApi
) -> None:
    both = message(api, "${openai_thread.it.id}")
    both["resource"]["openai_thread"] = {"it": {"messages": [{"role": "user", "content": "Hello"}]}}

    terraform.write(both).apply()
    state = terraform.state()
    again = terraform.plan()
    destroyed = terraform.plan("-destroy")

    assert destroyed.warnings == []
    assert [each["content"] for each in state["openai_thread.it"]["messages"]] == ["Hello"]
    assert api.database.messages(state["openai_thread.it"]["id"]) == [
        ("user", "Hello"),
        ("user", "Reminder"),
    ]
    assert (again.actions, again.drift, again.warnings) == ({}, {}, [])


def test_a_message_follows_its_thread_when_that_is_replaced(
    terraform: TerraformProject, api: ServedApi
) -> None:
    def both(greeting: str) -> dict[str, Any]:
        configuration = message(api, "${openai_thread.it.id}")
        configuration["resource"]["openai_thread"] = {
            "it": {"messages": [{"role": "user", "content": greeting}]}
        }
        return configuration

    terraform.write(both("Hello")).apply()
    said = terraform.write(both("Welcome")).apply()
    thread_id = terraform.state()["openai_thread.it"]["id"]

    assert said.actions == {"openai_thread.it": "replace", ADDRESS: "replace"}
    assert api.database.messages(thread_id) == [("user", "Welcome"), ("user", "Reminder")]


@pytest.mark.parametrize(
    ("more", "detail"),
    [
        (
            {"role": "assistant", "attachments": [{"file_id": "file-1"}]},
            (
                'attachments is given on a message of role "assistant". On the Conversations API only a user '
                "message has files. Allowed: a user message, or none of attachments."
            ),
        ),
        ({"content": ""}, "content is empty. Allowed: at least 1 character."),
    ],
)
def test_what_the_api_would_refuse_is_an_error_of_the_plan(
    terraform: TerraformProject, api: ServedApi, thread_id: str, more: dict[str, Any], detail: str
) -> None:
    with pytest.raises(TerraformError) as failed:
        terraform.write(message(api, thread_id, **more)).plan()

    [problem] = failed.value.errors
    assert problem.detail == detail


def test_a_thread_that_does_not_exist_is_an_error_that_names_the_call(
    terraform: TerraformProject, api: ServedApi
) -> None:
    with pytest.raises(TerraformError) as failed:
        terraform.write(message(api, "conv_nothing")).apply()

    [problem] = failed.value.errors
    assert problem.summary.endswith("failed: it does not exist")
    assert "conv_nothing" in problem.detail
    assert terraform.state() == {}


def test_what_the_api_can_not_keep_is_said_once(
    terraform: TerraformProject, api: ServedApi, thread_id: str
) -> None:
    first = terraform.write(message(api, thread_id, metadata={"a": "1"})).plan()
    terraform.apply_plan()
    replaced = terraform.write(message(api, thread_id, "other", metadata={"a": "1"})).plan()

    [warning] = first.warnings
    assert warning.detail.startswith("The conversations API can't keep metadata.")
    assert replaced.warnings == []


def test_on_threads_metadata_and_time_are_kept_by_the_api(
    terraform: TerraformProject, api: ServedApi
) -> None:
    configuration = message(
        api,
        "${openai_thread.it.id}",
        metadata={"topic": "billing"},
        attachments=[{"file_id": "file-1", "tools": ["file_search"]}],
    )
    configuration["provider"]["openai"]["api"] = "threads"
    configuration["resource"]["openai_thread"] = {"it": {}}

    created = terraform.write(configuration).apply()
    state = terraform.state()[ADDRESS]
    again = terraform.plan()
    terraform.run("state", "rm", ADDRESS)
    terraform.run("import", ADDRESS, f"{state['thread_id']}/{state['id']}")

    assert created.warnings == []
    assert state["thread_id"].startswith("thread_")
    assert state["created_at"] > 0
    assert (again.actions, again.drift) == ({}, {})
    assert terraform.state()[ADDRESS] == state


def test_equal_messages_are_not_taken_for_each_other_after_a_lost_answer(
    terraform: TerraformProject, api: ServedApi, thread_id: str
) -> None:
    configuration = message(api, thread_id)
    messages = configuration["resource"]["openai_message"]
    messages["again"] = {**messages["it"], "metadata": {"a": "1"}}  # which this API does not keep
    lost = 0

    def decide(request: Seen, _: int) -> Fault | None:
        nonlocal lost
        lost += request.method == "POST"
        return Fault() if request.method == "POST" and lost == 1 else None

    api.decide = decide
    terraform.write(configuration).apply()
    state = terraform.state()

    assert len({values["id"] for values in state.values()}) == 2
    assert api.database.messages(thread_id) == [("user", "first"), *[("user", "Reminder")] * 2]
