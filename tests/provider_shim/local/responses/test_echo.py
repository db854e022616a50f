"""Responses of the default model: what an application gets back without any model."""

import json
from collections.abc import Callable
from typing import Any

import openai
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_shim.local.responses.sample import sample
from tests.support.responses import events_of, searchable

Ask = Callable[..., Any]

LOOKUP: Any = {
    "type": "function",
    "name": "find_order",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {
            "number": {"type": "integer", "minimum": 1},
            "why": {"type": "string", "maxLength": 8},
            "state": {"enum": ["open", "shipped"]},
            "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
            "left_out": {"type": "string"},
        },
        "required": ["number", "why", "state", "note"],
    },
}


def texts(items: list[Any]) -> list[str]:
    return [part["text"] for item in items if item["type"] == "message" for part in item["content"]]


async def everything(sdk: openai.AsyncOpenAI, conversation: str) -> list[dict[str, Any]]:
    listed = sdk.conversations.items.list(conversation, order="asc")
    return [item.to_dict() async for item in listed]


def test_input_and_output_become_items_of_the_conversation(ask: Ask) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        made = await sdk.conversations.create(items=[{"role": "assistant", "content": "Hello!"}])
        response = await sdk.responses.create(model="gpt-5", conversation=made.id, input="Where is my order?")
        return response, made.id, await everything(sdk, made.id)

    response, conversation, items = ask(use)

    assert response.output_text == "You said: Where is my order?"
    assert (response.model, response.status) == ("gpt-5", "completed")
    assert response.conversation.id == conversation
    assert texts(items) == ["Hello!", "Where is my order?", "You said: Where is my order?"]
    assert [item["role"] for item in items] == ["assistant", "user", "assistant"]
    assert items[2]["id"] == response.output[0].id


def test_the_same_request_has_the_same_answer(ask: Ask) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        return [(await sdk.responses.create(model="any", input="Hi")).output_text for _ in range(2)]

    first, second = ask(use)

    assert first == second


def test_a_chain_of_responses_is_found_again_and_its_items_stay(ask: Ask) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        first = await sdk.responses.create(model="any", input="One")
        second = await sdk.responses.create(model="any", input="Two", previous_response_id=first.id)
        given = [item.to_dict() async for item in sdk.responses.input_items.list(second.id)]
        found = await sdk.responses.retrieve(second.id)
        await sdk.responses.delete(second.id)
        with pytest.raises(openai.NotFoundError, match=second.id):
            await sdk.responses.retrieve(second.id)
        with pytest.raises(openai.BadRequestError) as refused:
            await sdk.responses.create(model="any", input="Three", previous_response_id=second.id)
        return second, found, given, refused.value

    second, found, given, refused = ask(use)

    assert found == second
    assert texts(given) == ["Two"]
    assert (refused.param, refused.code) == ("previous_response_id", "previous_response_not_found")


def test_what_is_not_to_be_stored_is_not_found_and_yet_in_the_conversation(ask: Ask) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        made = await sdk.conversations.create()
        response = await sdk.responses.create(model="any", conversation=made.id, input="Hi", store=False)
        with pytest.raises(openai.NotFoundError):
            await sdk.responses.retrieve(response.id)
        return await everything(sdk, made.id)

    assert len(ask(use)) == 2


def test_file_search_finds_what_the_filter_allows_and_cites_it(ask: Ask) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        store = await searchable(
            sdk,
            {
                "eu.md": ("Parcels can be returned within 30 days.", {"region": "eu"}),
                "us.md": ("Parcels can be returned within 60 days.", {"region": "us"}),
            },
        )
        tool: Any = {"type": "file_search", "vector_store_ids": [store]}
        eu: Any = {**tool, "filters": {"type": "eq", "key": "region", "value": "eu"}}
        one_result: Any = {**tool, "max_num_results": 1}
        made = await sdk.conversations.create()
        question = "When can parcels be returned?"
        filtered = await sdk.responses.create(
            model="any",
            conversation=made.id,
            input=question,
            tools=[eu],
            include=["file_search_call.results"],
        )
        one = await sdk.responses.create(
            model="any",
            input=question,
            tools=[one_result],
            include=["file_search_call.results"],
        )
        both = await sdk.responses.create(model="any", input=question, tools=[tool])
        none = await sdk.responses.create(model="any", input=question, tools=[tool], tool_choice="none")
        kept = await everything(sdk, made.id)
        return filtered, one, both, none, kept

    filtered, one, both, none, kept = ask(use)

    search, message = filtered.output
    (part,) = message.content
    (citation,) = part.annotations
    assert search.queries == ["When can parcels be returned?"]
    assert [result.filename for result in search.results] == ["eu.md"]
    assert part.text.endswith("eu.md: Parcels can be returned within 30 days.")
    assert (citation.type, citation.filename, citation.index) == ("file_citation", "eu.md", len(part.text))
    assert citation.file_id == search.results[0].file_id
    assert len(one.output[0].results) == 1
    assert both.output[0].results is None
    assert len(both.output[1].content[0].annotations) == 2
    assert [item.type for item in none.output] == ["message"]
    assert [item["type"] for item in kept] == ["message", "file_search_call", "message"]


def test_a_function_goes_out_and_its_output_comes_back_in(ask: Ask) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        made = await sdk.conversations.create()
        called = await sdk.responses.create(
            model="any",
            conversation=made.id,
            input="Where is order 7?",
            tools=[LOOKUP],
            tool_choice={"type": "function", "name": "find_order"},
        )
        call: Any = called.output[0]
        answered = await sdk.responses.create(
            model="any",
            conversation=made.id,
            input=[{"type": "function_call_output", "call_id": call.call_id, "output": "shipped"}],
            tools=[LOOKUP],
            tool_choice="required",
        )
        return call, answered, await everything(sdk, made.id)

    call, answered, items = ask(use)

    assert json.loads(call.arguments) == {
        "number": 1,
        "why": "Where is",
        "state": "open",
        "note": "Where is order 7?",
    }
    assert answered.output_text == "The tool answered: shipped"
    assert [item["type"] for item in items] == ["message", "function_call", "function_call_output", "message"]
    assert items[1]["call_id"] == items[2]["call_id"]


def test_a_form_is_filled_in(ask: Ask) -> None:
    class Place(pydantic.BaseModel):
        street: str
        floors: list[int]

    class Form(pydantic.BaseModel):
        name: str
        vip: bool
        place: Place

    async def use(sdk: openai.AsyncOpenAI) -> Any:
        return await sdk.responses.parse(model="any", input="Ada", text_format=Form)

    assert ask(use).output_parsed == Form(
        name="You said: Ada", vip=False, place=Place(street="You said: Ada", floors=[])
    )


def test_a_stream_has_the_events_of_the_document_and_the_same_text(ask: Ask) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        store = await searchable(sdk, {"a.md": ("Parcels can be returned.", {})})
        made = await sdk.conversations.create()
        stream = await sdk.responses.create(
            model="any",
            conversation=made.id,
            input="returned parcels",
            tools=[{"type": "file_search", "vector_store_ids": [store]}],
            stream=True,
        )
        events = await events_of(stream)
        again = await events_of(await sdk.responses.retrieve(events[-1].response.id, stream=True))
        return events, again, await everything(sdk, made.id)

    events, again, items = ask(use)

    kinds = list(dict.fromkeys(event.type for event in events))
    assert kinds == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.file_search_call.in_progress",
        "response.file_search_call.searching",
        "response.file_search_call.completed",
        "response.output_item.done",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.annotation.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.completed",
    ]
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert len(deltas) > 3
    assert "".join(deltas) == events[-1].response.output_text == texts(items)[-1]
    assert [item["id"] for item in items[1:]] == [item.id for item in events[-1].response.output]
    assert again[-1].response == events[-1].response


def test_a_streamed_call_of_a_function(ask: Ask) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        async with sdk.responses.stream(
            model="any", input="Hi", tools=[LOOKUP], tool_choice="required"
        ) as stream:
            events = await events_of(stream)
            return events, await stream.get_final_response()

    events, final = ask(use)

    assert [event.type for event in events][2:-1] == [
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
    ]
    assert json.loads(final.output[0].arguments)["state"] == "open"


@pytest.mark.parametrize(
    ("body", "status", "param", "code"),
    [
        ({}, 400, "input", "missing_required_parameter"),
        ({"input": 3}, 400, "input", "invalid_type"),
        ({"input": "Hi", "conversation": "conv_0"}, 404, None, None),
        ({"input": "Hi", "conversation": {"id": 3}}, 400, "conversation.id", "invalid_type"),
        ({"input": "Hi", "messages": []}, 400, "messages", "unknown_parameter"),
        ({"input": "Hi", "temperature": 3}, 400, "temperature", "invalid_value"),
        ({"input": [{"role": "boss", "content": ""}]}, 400, "input[0].role", "invalid_value"),
        (
            {"input": "Hi", "tools": [{"type": "file_search"}]},
            400,
            "tools[0].vector_store_ids",
            "missing_required_parameter",
        ),
        (
            {"input": "Hi", "tools": [{"type": "file_search", "vector_store_ids": ["vs_0"]}]},
            404,
            "tools[0].vector_store_ids[0]",
            None,
        ),
        ({"input": "Hi", "tools": [{"type": "hammer"}]}, 400, "tools[0].type", "invalid_value"),
        ({"input": "Hi", "tools": [{"type": "web_search"}]}, 501, None, "not_served"),
        ({"input": "Hi", "prompt": {"id": "pmpt_0"}}, 501, None, "not_served"),
        (
            {"input": "Hi", "conversation": "conv_0", "previous_response_id": "resp_0"},
            400,
            "previous_response_id",
            "mutually_exclusive_parameters",
        ),
        ({"input": "Hi", "background": True, "store": False}, 400, "background", "invalid_value"),
        ({"input": "Hi", "include": ["everything"]}, 400, "include[0]", "invalid_value"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_wrong_is_refused_before_a_stream_begins(  # noqa: PLR0913, PLR0917 - a table
    ask: Ask, body: dict[str, Any], status: int, param: str | None, code: str | None, stream: bool
) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        with pytest.raises(openai.APIStatusError) as refused:
            await sdk.post("/responses", cast_to=object, body={**body, "stream": stream})
        return refused.value

    error = ask(use)

    assert (error.status_code, error.param, error.code) == (status, param, code)


def test_a_background_response_is_worked_on_and_found(ask: Ask) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        begun = await sdk.responses.create(model="any", input="Hi", background=True)
        ended = (await events_of(await sdk.responses.retrieve(begun.id, stream=True)))[-1].response
        plain = await sdk.responses.create(model="any", input="Hi")
        with pytest.raises(openai.BadRequestError, match="synchronous"):
            await sdk.responses.cancel(plain.id)
        return begun, ended

    begun, ended = ask(use)

    assert (begun.status, begun.output) == ("in_progress", [])
    assert (ended.status, ended.output_text) == ("completed", "You said: Hi")


def test_a_schema_that_refers_to_itself_many_times_has_an_end(ask: Ask) -> None:
    names = list("abcdefgh")
    itself = {"type": "object", "properties": {name: {"$ref": "#"} for name in names}, "required": names}
    form: Any = {"format": {"type": "json_schema", "name": "tree", "schema": itself}}

    async def use(sdk: openai.AsyncOpenAI) -> Any:
        return await sdk.responses.create(model="any", input="Hi", text=form)

    assert set(json.loads(ask(use).output_text)) == set(names)


def test_a_long_text_streams_in_parts_that_a_client_can_follow(ask: Ask) -> None:
    text = "word " * 20_000

    async def use(sdk: openai.AsyncOpenAI) -> Any:
        return [event async for event in await sdk.responses.create(model="any", input=text, stream=True)]

    deltas = [event.delta for event in ask(use) if event.type == "response.output_text.delta"]

    assert "".join(deltas) == f"You said: {text}"
    assert len(deltas) <= 256


@given(
    schema=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "properties", "required", "enum", "items", "anyOf", "$ref", "minLength", "a"]
                ),
                inner | st.sampled_from(["object", "array", "string", "#/properties/a", "#"]),
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_schema_however_strange_is_too_much(schema: Any) -> None:
    json.dumps(sample(schema, "text"))
