"""``/threads``, through the SDK."""

from typing import Any

import openai
import pytest

pytestmark = pytest.mark.filterwarnings("ignore:The Assistants API.*:DeprecationWarning")


def texts(messages: Any) -> list[str]:
    return [message.content[0].text.value for message in messages]


def test_a_thread_comes_back_with_everything_it_was_made_of(client: openai.OpenAI) -> None:
    made = client.beta.threads.create(
        messages=[
            {"role": "user", "content": "Hello", "metadata": {"n": "1"}},
            {
                "role": "assistant",
                "content": [{"type": "text", "text": "Good morning"}],
                "attachments": [{"file_id": "file-1", "tools": [{"type": "file_search"}]}],
            },
        ],
        metadata={"topic": "onboarding"},
        tool_resources={"code_interpreter": {"file_ids": ["file-1"]}},
    )

    read = client.beta.threads.retrieve(made.id)
    messages = list(client.beta.threads.messages.list(made.id, order="asc"))

    assert read == made
    assert read.metadata == {"topic": "onboarding"}
    assert read.to_dict()["tool_resources"] == {"code_interpreter": {"file_ids": ["file-1"]}}
    assert texts(messages) == ["Hello", "Good morning"]
    assert [message.role for message in messages] == ["user", "assistant"]
    assert messages[0].metadata == {"n": "1"}
    assert messages[1].to_dict()["attachments"] == [{"file_id": "file-1", "tools": [{"type": "file_search"}]}]


def test_what_is_not_given_stays(client: openai.OpenAI) -> None:
    made = client.beta.threads.create(
        metadata={"a": "b"}, tool_resources={"file_search": {"vector_store_ids": ["vs_1"]}}
    )

    client.beta.threads.update(made.id, metadata={"c": "d"})
    changed = client.beta.threads.update(made.id, tool_resources={"code_interpreter": {"file_ids": []}})

    assert changed.metadata == {"c": "d"}
    assert changed.to_dict()["tool_resources"] == {"code_interpreter": {"file_ids": []}}


def test_messages_are_paged_in_both_directions(client: openai.OpenAI) -> None:
    thread = client.beta.threads.create()
    made = [
        client.beta.threads.messages.create(thread.id, role="user", content=str(number))
        for number in range(6)
    ]

    def page(**query: Any) -> tuple[list[str], bool]:
        found = client.beta.threads.messages.list(thread.id, **query)
        return texts(found.data), bool(found.has_more)

    assert page(limit=2) == (["5", "4"], True)
    assert page(limit=2, order="asc", after=made[3].id) == (["4", "5"], False)
    assert page(limit=2, order="asc", before=made[4].id) == (["2", "3"], True)
    assert page(limit=2, order="desc", before=made[1].id) == (["3", "2"], True)
    assert page(order="asc", after=made[1].id, before=made[4].id) == (["2", "3"], False)
    assert page(run_id="run_1") == ([], False)
    assert texts(client.beta.threads.messages.list(thread.id, limit=1)) == ["5", "4", "3", "2", "1", "0"]


def test_only_the_metadata_of_a_message_can_be_modified(client: openai.OpenAI) -> None:
    thread = client.beta.threads.create()
    made = client.beta.threads.messages.create(thread.id, role="user", content="Hello")

    changed = client.beta.threads.messages.update(made.id, thread_id=thread.id, metadata={"a": "b"})

    assert changed.metadata == {"a": "b"}
    assert client.beta.threads.messages.retrieve(made.id, thread_id=thread.id) == changed
    with pytest.raises(openai.BadRequestError) as refused:
        client.beta.threads.messages.update(made.id, thread_id=thread.id, extra_body={"content": "Bye"})
    assert (refused.value.param, refused.value.code) == ("content", "unknown_parameter")


def test_a_deleted_message_and_a_deleted_thread_are_not_found(client: openai.OpenAI) -> None:
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
    (message,) = client.beta.threads.messages.list(thread.id)

    assert client.beta.threads.messages.delete(message.id, thread_id=thread.id).deleted
    with pytest.raises(openai.NotFoundError, match=message.id):
        client.beta.threads.messages.retrieve(message.id, thread_id=thread.id)
    assert client.beta.threads.delete(thread.id).deleted
    with pytest.raises(openai.NotFoundError, match=thread.id):
        client.beta.threads.retrieve(thread.id)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"tools": []}, "tools"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": []}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": "x", "file_ids": []}]}, "messages[0].file_ids"),
        (
            {"messages": [{"role": "user", "content": "x", "attachments": [{"file_id": "f"}]}]},
            "messages[0].attachments[0].tools",
        ),
        (
            {"tool_resources": {"code_interpreter": {"file_ids": ["f"] * 21}}},
            "tool_resources.code_interpreter.file_ids",
        ),
        (
            {"tool_resources": {"file_search": {"vector_store_ids": ["v", "w"]}}},
            "tool_resources.file_search.vector_store_ids",
        ),
        ({"metadata": {"k": "v" * 513}}, "metadata.k"),
    ],
)
def test_a_wrong_thread_is_refused_with_the_path(
    client: openai.OpenAI, body: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.post("/threads", cast_to=object, body=body)

    assert refused.value.param == param


def test_a_thread_can_bring_its_vector_store_along(client: openai.OpenAI) -> None:
    file = client.files.create(file=("rules.txt", b"Be kind."), purpose="assistants")

    made = client.beta.threads.create(
        tool_resources={"file_search": {"vector_stores": [{"file_ids": [file.id]}]}}
    )

    resources: Any = made.to_dict()["tool_resources"]
    (store,) = resources["file_search"]["vector_store_ids"]
    assert [one.id for one in client.vector_stores.files.list(store)] == [file.id]
