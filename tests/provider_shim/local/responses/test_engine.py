"""Engines that are there already: what they are asked, and that what they answer comes as it comes."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from provider_shim.local.responses.engine import KEY
from provider_shim.local.responses.models import ModelError, chosen
from tests.support.embedded_server import started, stopped
from tests.support.engines import ChatEngine, delta, end, served
from tests.support.responses import events_of, searchable

Ask = Callable[..., Any]

STREAMS = 50


async def speaks(_body: dict[str, Any]) -> AsyncIterator[dict[str, Any] | str]:
    for word in ("Within ", "30 days ", "[1]."):
        yield delta(content=word)
    yield end()
    yield "[DONE]"


@pytest.fixture
def engine() -> Iterator[tuple[ChatEngine, str]]:
    chat = ChatEngine(speaks)
    with served(chat.app) as origin:
        yield chat, f"{origin}/v1#small"


def test_the_engine_is_asked_with_the_conversation_the_files_and_the_functions(
    ask: Ask, engine: tuple[ChatEngine, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    chat, url = engine
    monkeypatch.setenv(KEY, "sk-of-the-engine")
    function: Any = {"type": "function", "name": "find", "strict": False, "parameters": {"type": "object"}}

    async def use(sdk: openai.AsyncOpenAI) -> Any:
        store = await searchable(sdk, {"a.md": ("Parcels can be returned within 30 days.", {})})
        note = await sdk.files.create(file=("note.txt", b"Fragile."), purpose="assistants")
        made = await sdk.conversations.create(
            items=[
                {"role": "assistant", "content": "Hello!"},
                {"type": "function_call", "call_id": "c1", "name": "find", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c1", "output": "none"},
            ]
        )
        question: Any = [
            {"type": "input_text", "text": "Can parcels be returned?"},
            {"type": "input_file", "file_id": note.id},
            {"type": "input_image", "image_url": "https://example.com/a.png"},
        ]
        return await sdk.responses.create(
            model="gpt-5",
            conversation=made.id,
            instructions="Be brief.",
            input=[{"role": "user", "content": question}],
            tools=[function, {"type": "file_search", "vector_store_ids": [store]}],
            temperature=0,
            max_output_tokens=100,
        )

    response = ask(use, url)

    (asked,) = chat.asked
    system, hello, output, user = asked["messages"]
    assert chat.keys == ["Bearer sk-of-the-engine"]
    assert (asked["model"], asked["temperature"], asked["max_tokens"]) == ("small", 0, 100)
    assert system["content"].startswith("Be brief.\n\nPassages")
    assert "[1] a.md\nParcels can be returned within 30 days." in system["content"]
    assert hello["content"] == "Hello!"
    assert hello["tool_calls"][0]["function"] == {"name": "find", "arguments": "{}"}
    assert output == {"role": "tool", "tool_call_id": "c1", "content": "none"}
    assert [part.get("text", part["type"]) for part in user["content"]] == [
        "Can parcels be returned?",
        "The file note.txt:\nFragile.",
        "image_url",
    ]
    assert asked["tools"] == [
        {"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}
    ]
    assert response.output_text == "Within 30 days [1]."
    assert (response.model, response.usage.input_tokens, response.usage.output_tokens) == ("gpt-5", 11, 7)
    (annotation,) = response.output[1].content[0].annotations
    assert (annotation.filename, annotation.index) == ("a.md", len("Within 30 days "))


def test_calls_of_functions_come_back_whole_even_where_their_parts_are_mixed(ask: Ask) -> None:
    async def calls(_body: dict[str, Any]) -> AsyncIterator[dict[str, Any] | str]:
        for index, name in enumerate(("find", "send")):
            yield delta(
                tool_calls=[{"index": index, "id": f"c{index}", "function": {"name": name, "arguments": ""}}]
            )
        for part in ('{"n":', " 1}"):
            for index in (0, 1):
                yield delta(tool_calls=[{"index": index, "function": {"arguments": part}}])
        yield end("tool_calls")

    async def use(sdk: openai.AsyncOpenAI) -> Any:
        return await events_of(await sdk.responses.create(model="any", input="Hi", stream=True))

    with served(ChatEngine(calls).app) as origin:
        events = ask(use, f"{origin}/v1")

    output = events[-1].response.output
    assert [(item.name, item.call_id, item.arguments) for item in output] == [
        ("find", "c0", '{"n": 1}'),
        ("send", "c1", '{"n": 1}'),
    ]


def test_an_answer_that_was_cut_off_is_incomplete(ask: Ask) -> None:
    async def cut(_body: dict[str, Any]) -> AsyncIterator[dict[str, Any] | str]:
        yield delta(content="Once upon")
        yield end("length")

    async def use(sdk: openai.AsyncOpenAI) -> Any:
        return (await events_of(await sdk.responses.create(model="any", input="Hi", stream=True)))[-1]

    with served(ChatEngine(cut).app) as origin:
        last = ask(use, f"{origin}/v1")

    assert last.type == "response.incomplete"
    assert last.response.incomplete_details.reason == "max_output_tokens"


def test_an_engine_that_breaks_off_fails_the_response_and_adds_nothing(ask: Ask) -> None:
    async def broken(_body: dict[str, Any]) -> AsyncIterator[dict[str, Any] | str]:
        yield delta(content="Once upon")

    async def use(sdk: openai.AsyncOpenAI) -> Any:
        made = await sdk.conversations.create()
        with pytest.raises(openai.InternalServerError, match="before it was whole") as refused:
            await sdk.responses.create(model="any", conversation=made.id, input="Hi")
        stream = await sdk.responses.create(model="any", conversation=made.id, input="Hi", stream=True)
        events = await events_of(stream)
        kept = await sdk.conversations.items.list(made.id)
        return refused.value, events[-1], kept.data, await sdk.responses.retrieve(events[-1].response.id)

    with served(ChatEngine(broken).app) as origin:
        error, last, kept, found = ask(use, f"{origin}/v1")

    assert (error.status_code, error.code) == (502, "engine_failed")
    assert last.type == "response.failed"
    assert last.response.error.code == "server_error"
    assert kept == []
    assert found.status == "failed"


def test_an_engine_that_is_not_there_or_refuses_is_named(ask: Ask, engine: tuple[ChatEngine, str]) -> None:
    _, url = engine

    async def use(sdk: openai.AsyncOpenAI) -> Any:
        with pytest.raises(openai.APIStatusError) as refused:
            await sdk.responses.create(model="any", input="Hi", stream=True)
        return refused.value

    wrong = ask(use, url.replace("/v1#small", "/v2#small"))
    gone = ask(use, "http://127.0.0.1:9/v1")

    assert wrong.status_code == 404
    assert "answered 404: Not Found" in wrong.message
    assert gone.status_code == 502
    assert "The engine at http://127.0.0.1:9/v1 can't be reached" in gone.message
    assert gone.response.headers["x-should-retry"] == "false"


def test_a_key_that_the_engine_repeats_is_masked(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "sk-of-the-engine")

    async def refuse(request: Request) -> Response:
        return JSONResponse(
            {"error": {"message": f"Wrong {request.headers['authorization']}"}}, status_code=401
        )

    async def use(sdk: openai.AsyncOpenAI) -> Any:
        with pytest.raises(openai.AuthenticationError) as refused:
            await sdk.responses.create(model="any", input="Hi")
        return refused.value.message

    with served(Starlette(routes=[Route("/v1/chat/completions", refuse, methods=["POST"])])) as origin:
        message = ask(use, f"{origin}/v1")

    assert "Wrong Bearer [key]" in message
    assert "sk-of-the-engine" not in message


def test_the_models_are_the_engines(ask: Ask, engine: tuple[ChatEngine, str]) -> None:
    _, url = engine

    async def use(sdk: openai.AsyncOpenAI) -> Any:
        return [model.id async for model in sdk.models.list()]

    assert ask(use, url.removesuffix("#small")) == ["small", "org/large"]
    assert ask(use, url) == ["small"]


def test_a_key_goes_nowhere_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "sk-of-the-engine")

    with pytest.raises(ModelError, match="unencrypted") as refused:
        chosen("http://example.com/v1")

    assert "sk-of-the-engine" not in str(refused.value)


def test_the_first_event_comes_before_the_engine_has_finished(tmp_path: Path) -> None:
    go_on = threading.Event()

    async def waits(_body: dict[str, Any]) -> AsyncIterator[dict[str, Any] | str]:
        yield delta(content="Hello ")
        await asyncio.to_thread(go_on.wait, 60)
        yield delta(content="again")
        yield end()

    chat = ChatEngine(waits)
    with served(chat.app) as origin:
        process, url = started(tmp_path / "threads.db", model=f"{origin}/v1")
        try:
            with openai.OpenAI(base_url=url, api_key="none", max_retries=0) as sdk:
                stream = sdk.responses.create(model="any", input="Hi", stream=True)
                said = ""
                for event in stream:
                    if event.type == "response.output_text.delta":
                        said += event.delta
                        unfinished = not chat.finished.is_set()
                        break
                go_on.set()
                rest = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        finally:
            go_on.set()
            stopped(process)

    assert unfinished
    assert said + rest == "Hello again"


def test_fifty_streams_at_once_lose_nothing(tmp_path: Path) -> None:
    async def counts(body: dict[str, Any]) -> AsyncIterator[dict[str, Any] | str]:
        for number in range(40):
            yield delta(content=f"{body['messages'][-1]['content']}-{number} ")
            await asyncio.sleep(0.002)
        yield end()

    async def stream(sdk: openai.AsyncOpenAI, conversation: str, number: int) -> str:
        said = ""
        async for event in await sdk.responses.create(
            model="any", conversation=conversation, input=str(number), stream=True
        ):
            if event.type == "response.output_text.delta":
                said += event.delta
            last = event.type
        assert last == "response.completed"
        return said

    async def all_at_once(url: str) -> tuple[list[str], list[str]]:
        limits = httpx2.Limits(max_connections=STREAMS)
        async with (
            httpx2.AsyncClient(limits=limits, timeout=60) as http,
            openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0, http_client=http) as sdk,
        ):
            made = await sdk.conversations.create()
            said = await asyncio.gather(*(stream(sdk, made.id, number) for number in range(STREAMS)))
            items = [item async for item in sdk.conversations.items.list(made.id, limit=100)]
            return said, [item.to_dict()["content"][0]["text"] for item in items]  # type: ignore[index]

    with served(ChatEngine(counts).app) as origin:
        process, url = started(tmp_path / "threads.db", model=f"{origin}/v1")
        try:
            said, kept = asyncio.run(all_at_once(url))
        finally:
            stopped(process)

    expected = ["".join(f"{number}-{word} " for word in range(40)) for number in range(STREAMS)]
    assert said == expected
    assert sorted(kept) == sorted([*expected, *map(str, range(STREAMS))])


def test_an_engine_of_responses_is_passed_on(ask: Ask, tmp_path: Path) -> None:
    script = tmp_path / "engine.yaml"
    script.write_text(
        """
answers:
  - when: {message: order}
    function_calls: [{name: find_order, arguments: {number: 7}}]
  - when: {message: secret}
    refusal: No.
  - when: {message: news}
    items: [{type: web_search_call, status: completed, action: {type: search, query: news}}]
    text: No news.
  - when: {message: limit}
    error: {status: 429, message: Slow down., retry_after: 3}
  - text: Within 30 days.
"""
    )

    async def use(sdk: openai.AsyncOpenAI) -> Any:
        store = await searchable(sdk, {"a.md": ("A parcel.", {})})
        search: Any = [{"type": "file_search", "vector_store_ids": [store]}]
        made = await sdk.conversations.create(items=[{"role": "user", "content": "Hi"}])
        asked = {
            word: await events_of(
                await sdk.responses.create(
                    model="any", conversation=made.id, input=word, stream=True, tools=search
                )
            )
            for word in ("order", "secret", "news", "parcel")
        }
        with pytest.raises(openai.RateLimitError) as refused:
            await sdk.responses.create(model="any", input="limit")
        return {word: events[-1].response.output for word, events in asked.items()}, refused.value

    process, url = started(tmp_path / "engine.db", model=str(script))
    try:
        output, error = ask(use, f"{url}/responses#any")
    finally:
        stopped(process)

    assert json.loads(output["order"][1].arguments) == {"number": 7}
    assert output["secret"][1].content[0].refusal == "No."
    assert [item.type for item in output["news"]] == ["file_search_call", "web_search_call", "message"]
    assert output["parcel"][1].content[0].annotations[0].filename == "a.md"
    assert error.response.headers["retry-after"] == "3"
