"""A script: what it matches, what it answers, and what is wrong with it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest

from provider_shim.local.app import create_app
from provider_shim.local.responses.models import ModelError
from tests.support.responses import events_of, searchable

Ask = Callable[..., Any]

SCRIPT = """
answers:
  - when: {message: "order (7|8)", metadata: {tier: gold}}
    text: One moment.
    function_calls:
      - {name: find_order, arguments: {number: 7}}
  - when: {tool_output: {name: find_order, output: shipped}}
    text: It is on its way.
  - when: {message: limit, call: 1}
    error: {status: 429, retry_after: 2, message: Slow down.}
  - when: {message: limit}
    text: Now it works.
  - when: {message: secret}
    refusal: I can't help with that.
  - when: {message: news}
    items:
      - {type: web_search_call, status: completed, action: {type: search, query: news}}
    text: No news.
  - when: {message: parcel}
    text: Within 30 days.
  - when: {message: later}
    text: Late.
    delay: 0.2
"""
FIND: Any = {"type": "function", "name": "find_order", "parameters": {"type": "object"}, "strict": False}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "desk.yaml"
    path.write_text(SCRIPT)
    return path


def test_a_script_calls_a_function_and_answers_its_output(ask: Ask, script: Path) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        made = await sdk.conversations.create(metadata={"tier": "gold"})
        asked = await sdk.responses.create(
            model="any", conversation=made.id, input="Where is ORDER 7?", tools=[FIND]
        )
        call: Any = asked.output[-1]
        answered = await sdk.responses.create(
            model="any",
            conversation=made.id,
            input=[
                {"type": "function_call_output", "call_id": call.call_id, "output": '{"state": "shipped"}'}
            ],
        )
        return asked, call, answered

    asked, call, answered = ask(use, script)

    assert asked.output_text == "One moment."
    assert (call.name, call.arguments) == ("find_order", '{"number": 7}')
    assert answered.output_text == "It is on its way."


def test_an_error_a_refusal_a_hosted_tool_and_a_delay(ask: Ask, script: Path) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        made = await sdk.conversations.create()
        with pytest.raises(openai.RateLimitError) as refused:
            await sdk.responses.create(model="any", conversation=made.id, input="limit", stream=True)
        again = await sdk.responses.create(model="any", conversation=made.id, input="limit")
        secret = await events_of(await sdk.responses.create(model="any", input="secret", stream=True))
        news = await sdk.responses.create(model="any", input="news", tools=[{"type": "web_search"}])
        began = time.monotonic()
        await sdk.responses.create(model="any", input="later")
        return refused.value, again, secret, news, time.monotonic() - began

    error, again, secret, news, took = ask(use, script)

    assert error.response.headers["retry-after"] == "2"
    assert (error.code, error.message) == ("rate_limit_exceeded", "Error code: 429 - Slow down.")
    assert again.output_text == "Now it works."
    assert secret[-1].response.output[0].content[0].refusal == "I can't help with that."
    assert "response.refusal.delta" in {event.type for event in secret}
    assert [item.type for item in news.output] == ["web_search_call", "message"]
    assert took > 0.2


def test_what_matches_nothing_shows_what_was_asked(ask: Ask, script: Path) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        made = await sdk.conversations.create(metadata={"tier": "silver"})
        with pytest.raises(openai.BadRequestError) as refused:
            await sdk.responses.create(model="any", conversation=made.id, input="Where is order 7?")
        return refused.value.message

    message = ask(use, script)

    assert (
        'desk.yaml has no answer to the message "Where is order 7?" (call 1, metadata {"tier": "silver"})'
        in message
    )
    assert "Add an entry that fits" in message


def test_a_script_cites_the_files_that_were_found(ask: Ask, script: Path) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        store = await searchable(sdk, {"a.md": ("A parcel.", {}), "b.md": ("No such thing.", {})})
        return await sdk.responses.create(
            model="any",
            input="parcel",
            tools=[{"type": "file_search", "vector_store_ids": [store]}],
        )

    (annotation,) = ask(use, script).output[1].content[0].annotations

    assert (annotation.filename, annotation.index) == ("a.md", len("Within 30 days."))


def test_a_cancelled_response_says_so_and_leaves_nothing_in_its_conversation(ask: Ask, script: Path) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> Any:
        made = await sdk.conversations.create()
        begun = await sdk.responses.create(model="any", conversation=made.id, input="later", background=True)
        cancelled = await sdk.responses.cancel(begun.id)
        return cancelled, await sdk.responses.retrieve(begun.id), await sdk.conversations.items.list(made.id)

    cancelled, found, items = ask(use, script)

    assert cancelled.status == found.status == "cancelled"
    assert items.data == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("answers: []", "'answers'"),
        ("answer: []", "answer is not known. Allowed: answers. Did you mean"),
        ("answers: [{when: {mesage: a}, text: b}]", "answers[0].when.mesage is not known."),
        (
            "answers: [{when: {mesage: a}, text: b}]",
            'mesage is not known. Allowed: message, metadata, tool_output, call. Did you mean "message"?',
        ),
        ("answers: [{text: a, 1: b}]", "answers[0].1 is not known. Allowed: when, text,"),
        ("answers: [{text: a}, {when: {message: '('}, text: b}]", "answers[1].when.message"),
        ("answers: [{when: {message: a}}]", "answers[0] says nothing"),
        ("answers: [{error: {status: 200}}]", "answers[0].error.status"),
        ("answers: [{items: [{type: hammer}]}]", "answers[0].items[0].type"),
        ("answers: [{text: 3}]", "answers[0].text"),
        ("answers: {", "is not YAML"),
        ("- a", "expected an object, but got an array"),
    ],
)
def test_what_is_wrong_with_a_script_is_said_at_once_with_its_place(
    tmp_path: Path, text: str, said: str
) -> None:
    script = tmp_path / "desk.yaml"
    script.write_text(text)

    with pytest.raises(ModelError) as refused:
        create_app(tmp_path / "threads.db", model=script)

    assert said in str(refused.value)
    assert str(script) in str(refused.value)
    assert not (tmp_path / "threads.db").exists()


@pytest.mark.parametrize("word", ["gpt-5", "ftp://host/v1", "http://", "http://key@host/v1", "none.yaml"])
def test_a_model_that_does_not_exist_is_refused(tmp_path: Path, word: str) -> None:
    with pytest.raises(ModelError):
        create_app(tmp_path / "threads.db", model=word)
