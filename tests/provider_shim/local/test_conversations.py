"""``/conversations``, through the SDK."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from provider_shim.local.app import create_app

HELLO: Any = {"role": "user", "content": "Hello"}
ANSWER: Any = {"role": "assistant", "content": "Good morning"}


def in_process(database: Path, use: Callable[[openai.AsyncOpenAI], Awaitable[None]], **headers: str) -> None:
    """Run `use` with the asynchronous SDK on the application itself."""

    async def run() -> None:
        app = create_app(database)
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport) as http:
            sdk = openai.AsyncOpenAI(
                base_url="http://embedded/v1",
                api_key="unused",
                max_retries=0,
                http_client=http,
                default_headers=headers,
            )
            await use(sdk)
        app.state.store.close()

    asyncio.run(run())


def test_a_conversation_comes_back_with_its_metadata(client: openai.OpenAI) -> None:
    made = client.conversations.create(metadata={"topic": "onboarding"})

    read = client.conversations.retrieve(made.id)

    assert read == made
    assert read.metadata == {"topic": "onboarding"}
    assert made.id.startswith("conv_")


def test_items_come_back_in_the_order_in_which_they_were_sent(client: openai.OpenAI) -> None:
    made = client.conversations.create(items=[HELLO, ANSWER])
    added = client.conversations.items.create(
        made.id, items=[{"role": "system", "content": f"rule {number}"} for number in range(20)]
    )

    listed = list(client.conversations.items.list(made.id, order="asc", limit=3))

    assert [item.id for item in listed[2:]] == [item.id for item in added.data]
    assert [item.to_dict()["role"] for item in listed[:2]] == ["user", "assistant"]
    assert listed[0].to_dict()["content"] == [{"type": "input_text", "text": "Hello"}]
    assert listed[1].to_dict()["content"] == [
        {"type": "output_text", "text": "Good morning", "annotations": [], "logprobs": []}
    ]


def test_a_list_is_newest_first_and_ends(client: openai.OpenAI) -> None:
    made = client.conversations.create(items=[HELLO, ANSWER])

    first = client.conversations.items.list(made.id, limit=1)
    last = client.conversations.items.list(made.id, limit=1, after=first.data[0].id or "")

    assert first.has_more
    assert first.data[0].to_dict()["role"] == "assistant"
    assert not last.has_more
    assert last.data[0].to_dict()["role"] == "user"


def test_parts_of_a_user_message_are_kept(client: openai.OpenAI) -> None:
    parts: Any = [
        {"type": "input_text", "text": "See this"},
        {"type": "input_file", "file_id": "file-1"},
        {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "low"},
    ]
    made = client.conversations.create(items=[{"role": "user", "content": parts, "type": "message"}])

    (item,) = client.conversations.items.list(made.id)

    assert item.to_dict()["content"] == [
        {"type": "input_text", "text": "See this"},
        {"type": "input_file", "file_id": "file-1"},
        {"type": "input_image", "image_url": "https://example.com/a.png", "file_id": None, "detail": "low"},
    ]


def test_calls_of_functions_are_kept(client: openai.OpenAI) -> None:
    call: Any = {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": "{}"}
    output: Any = {"type": "function_call_output", "call_id": "call_1", "output": "3"}
    made = client.conversations.create(items=[call, output])

    items = [item.to_dict() for item in client.conversations.items.list(made.id, order="asc")]

    assert [{**call, "status": "completed"}, {**output, "status": "completed"}] == [
        {name: value for name, value in item.items() if name != "id"} for item in items
    ]


def test_a_reference_adds_the_item_that_it_names(client: openai.OpenAI) -> None:
    made = client.conversations.create(items=[HELLO])
    (original,) = client.conversations.items.list(made.id)
    other = client.conversations.create()

    added = client.conversations.items.create(
        other.id, items=[{"type": "item_reference", "id": original.id or ""}]
    )

    assert added.data[0].to_dict()["content"] == original.to_dict()["content"]
    assert added.data[0].id != original.id


def test_an_update_replaces_the_metadata(client: openai.OpenAI) -> None:
    made = client.conversations.create(metadata={"old": "1"})

    client.conversations.update(made.id, metadata={"new": "2"})

    assert client.conversations.retrieve(made.id).metadata == {"new": "2"}


def test_a_deleted_item_is_gone_and_the_others_stay(client: openai.OpenAI) -> None:
    made = client.conversations.create(items=[HELLO, ANSWER])
    first, second = client.conversations.items.list(made.id, order="asc")

    conversation = client.conversations.items.delete(first.id or "", conversation_id=made.id)

    assert conversation == made
    assert [item.id for item in client.conversations.items.list(made.id)] == [second.id]
    with pytest.raises(openai.NotFoundError, match=first.id):
        client.conversations.items.retrieve(first.id or "", conversation_id=made.id)


def test_a_deleted_conversation_is_not_found_by_any_call(client: openai.OpenAI) -> None:
    made = client.conversations.create(items=[HELLO])

    deleted = client.conversations.delete(made.id)

    assert deleted.deleted
    for call in (
        lambda: client.conversations.retrieve(made.id),
        lambda: client.conversations.delete(made.id),
        lambda: client.conversations.update(made.id, metadata={}),
        lambda: client.conversations.items.list(made.id),
        lambda: client.conversations.items.create(made.id, items=[HELLO]),
    ):
        with pytest.raises(openai.NotFoundError) as refused:
            call()
        assert refused.value.body == {
            "message": f"Conversation with id '{made.id}' not found.",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }
        assert (refused.value.request_id or "").startswith("req_")


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"items": [HELLO] * 21}, "items", "array_above_max_length"),
        ({"items": "Hello"}, "items", "invalid_type"),
        ({"items": ["Hello"]}, "items[0]", "invalid_type"),
        ({"items": [HELLO, {"role": "boss", "content": ""}]}, "items[1].role", "invalid_value"),
        ({"items": [{"role": "user"}]}, "items[0].content", "missing_required_parameter"),
        ({"items": [{"role": "user", "content": 3}]}, "items[0].content", "invalid_type"),
        (
            {"items": [{"role": "assistant", "content": [{"type": "input_text", "text": ""}]}]},
            "items[0].content[0].type",
            "invalid_value",
        ),
        (
            {"items": [{"role": "user", "content": [{"type": "input_text"}]}]},
            "items[0].content[0].text",
            "missing_required_parameter",
        ),
        ({"items": [{**HELLO, "metadata": {}}]}, "items[0].metadata", "unknown_parameter"),
        ({"items": [{"type": "nonsense"}]}, "items[0].type", "invalid_value"),
        ({"items": [{"type": {}}]}, "items[0].type", "invalid_type"),
        ({"items": [{"type": "item_reference", "id": "msg_0"}]}, "items[0].id", "invalid_value"),
        ({"metadata": {str(n): "" for n in range(17)}}, "metadata", "object_above_max_properties"),
        ({"metadata": {"k" * 65: ""}}, "metadata", "property_name_above_max_length"),
        ({"metadata": {"k": "v" * 513}}, "metadata.k", "string_above_max_length"),
        ({"metadata": {"k": 1}}, "metadata.k", "invalid_type"),
        ({"metadata": ["k"]}, "metadata", "invalid_type"),
        ({"name": "x"}, "name", "unknown_parameter"),
    ],
)
def test_a_wrong_value_is_refused_with_its_path(
    client: openai.OpenAI, body: dict[str, Any], param: str, code: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.post("/conversations", cast_to=object, body=body)

    assert (refused.value.param, refused.value.code) == (param, code)


def test_values_at_the_limits_are_accepted(client: openai.OpenAI) -> None:
    metadata = {f"{n:064}": "v" * 512 for n in range(16)}

    made = client.conversations.create(metadata=metadata, items=[HELLO] * 20)

    assert made.metadata == metadata


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"order": "up"}, "order"),
        ({"after": "msg_0"}, "after"),
        ({"include": "everything"}, "include"),
        ({"include": ["message.input_image.image_url", "everything"]}, "include"),
    ],
)
def test_a_wrong_query_is_refused_with_its_name(
    client: openai.OpenAI, query: dict[str, Any], param: str
) -> None:
    made = client.conversations.create()

    with pytest.raises(openai.BadRequestError) as refused:
        client.conversations.items.list(made.id, extra_query=query)

    assert refused.value.param == param


def test_what_can_be_included_changes_nothing_and_anything_else_is_refused_of_each_call(
    client: openai.OpenAI,
) -> None:
    made = client.conversations.create(items=[HELLO])
    (item,) = client.conversations.items.list(made.id)
    included = client.conversations.items.retrieve(
        item.id or "", conversation_id=made.id, include=["message.input_image.image_url"]
    )
    wrong = {"include": ["everything"]}

    assert included == item
    with pytest.raises(openai.BadRequestError, match=r"'message\.input_image\.image_url'"):
        client.conversations.items.retrieve(item.id or "", conversation_id=made.id, extra_query=wrong)
    with pytest.raises(openai.BadRequestError, match="'everything'"):
        client.conversations.items.create(made.id, items=[HELLO], extra_query=wrong)
    assert len(client.conversations.items.list(made.id).data) == 1


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b"[" * 100_000, b'{"metadata": {"k": "\\ud800"}}', b'{"metadata": NaN}'],
    ids=["cut off", "not UTF-8", "nested too deep", "lone surrogate", "not a number"],
)
def test_a_body_that_is_no_json_is_refused(base_url: str, body: bytes) -> None:
    answer = httpx2.post(f"{base_url}/conversations", content=body)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_json"


@pytest.mark.parametrize(
    "text",
    ["\x00", "a\x00b", "\U0010ffff", "👩‍👩‍👧‍👦 ٱلْعَرَبِيَّة", "x" * 1_000_000],
    ids=["NUL", "NUL inside", "last", "joined", "1 MB"],
)
def test_any_text_comes_back_as_it_was(client: openai.OpenAI, text: str) -> None:
    made = client.conversations.create(items=[{"role": "user", "content": text}])

    (item,) = client.conversations.items.list(made.id)

    assert item.to_dict()["content"] == [{"type": "input_text", "text": text}]


def test_the_same_in_process_with_the_asynchronous_sdk(tmp_path: Path) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> None:
        made = await sdk.conversations.create(items=[HELLO, ANSWER], metadata={"a": "b"})
        listed = [item async for item in sdk.conversations.items.list(made.id, limit=1, order="asc")]
        await sdk.conversations.delete(made.id)

        assert [item.to_dict()["role"] for item in listed] == ["user", "assistant"]
        with pytest.raises(openai.NotFoundError):
            await sdk.conversations.retrieve(made.id)
        with pytest.raises(openai.NotFoundError):
            await sdk.responses.create(model="any", input="Hello", conversation=made.id)

    in_process(tmp_path / "threads.db", use)


def test_what_terraform_made_is_told_from_what_came_later(tmp_path: Path) -> None:
    database = tmp_path / "threads.db"
    ids: list[str] = []

    async def seed(sdk: openai.AsyncOpenAI) -> None:
        made = await sdk.conversations.create(items=[HELLO])
        ids.append(made.id)
        assert "origin" not in made.to_dict()

    async def talk(sdk: openai.AsyncOpenAI) -> None:
        await sdk.conversations.items.create(ids[0], items=[ANSWER])

    in_process(database, seed, **{"x-openai-thread-client": "terraform"})
    in_process(database, talk)

    store = create_app(database).state.store
    rows = asyncio.run(store.read(lambda db: db.execute("SELECT origin FROM items ORDER BY seq").fetchall()))
    store.close()
    assert [row["origin"] for row in rows] == ["terraform", None]
