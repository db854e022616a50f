"""Thread and OpenaiProvider as constructs: what is written, what is referred to, what is refused."""

import json
from pathlib import Path
from typing import Any

import cdktf
import pytest

from cdktf_openai_thread import ConfigurationError, OpenaiProvider, Thread

MESSAGE = {"role": "user", "content": "hello"}


@pytest.fixture(scope="module")
def app() -> cdktf.App:
    return cdktf.App()


@pytest.fixture
def stack(app: cdktf.App, request: pytest.FixtureRequest) -> cdktf.TerraformStack:
    made = cdktf.TerraformStack(app, request.node.name)
    OpenaiProvider(made, "openai", base_url="sqlite:threads.db")
    return made


def synthesized(stack: cdktf.TerraformStack) -> dict[str, Any]:
    """The stack as JSON, threads without what cdktf notes in them."""
    made: dict[str, Any] = json.loads(cdktf.Testing.synth(stack))
    for thread in made.get("resource", {}).get("openai_thread", {}).values():
        thread.pop("//", None)
    return made


def test_every_attribute_takes_tokens(stack: cdktf.TerraformStack) -> None:
    text = cdktf.TerraformVariable(stack, "text", type="string")
    texts = cdktf.TerraformVariable(stack, "texts", type="list(string)")
    pairs = cdktf.TerraformVariable(stack, "pairs", type="map(string)")
    anything = cdktf.TerraformVariable(stack, "anything", type="any")
    flag = cdktf.TerraformVariable(stack, "flag", type="bool")
    number = cdktf.TerraformVariable(stack, "number", type="number")
    expected = {
        "strings": {
            "metadata": {"text": "${var.text}", "number": "${var.number}", "price": '${"$"}${var.text}'},
            "messages": [{"role": "${var.text}", "content": '${"$"}{a} ${var.text}'}],
            "tools": ["${var.text}"],
        },
        "whole": {
            "metadata": "${var.pairs}",
            "messages": "${var.anything}",
            "tools": "${var.texts}",
            "tool_resources": "${var.anything}",
            "retain_on_destroy": "${var.flag}",
        },
        "within": {
            "messages": [
                {
                    **MESSAGE,
                    "metadata": "${var.anything}",
                    "attachments": "${var.anything}",
                    "file_ids": "${var.texts}",
                }
            ],
            "tool_resources": {
                "file_search": {"vector_store_ids": "${var.texts}"},
                "code_interpreter": "${var.anything}",
            },
        },
    }

    Thread(
        stack,
        "strings",
        metadata={
            "text": text.string_value,
            "number": cdktf.Token.as_string(number.number_value),
            "price": f"${text.string_value}",
        },
        messages=[{"role": text.string_value, "content": "${a} " + text.string_value}],  # type: ignore[typeddict-item]
        tools=[text.string_value],
    )
    Thread(
        stack,
        "whole",
        metadata=cdktf.Token.as_string_map(pairs.value),
        messages=anything.value,
        tools=texts.list_value,
        tool_resources=anything.value,
        retain_on_destroy=flag.boolean_value,
    )
    Thread(
        stack,
        "within",
        messages=[
            {
                "role": "user",
                "content": "hello",
                "metadata": anything.value,
                "attachments": anything.value,
                "file_ids": texts.list_value,
            }
        ],
        tool_resources={
            "file_search": {"vector_store_ids": texts.list_value},
            "code_interpreter": anything.value,
        },
    )
    assert synthesized(stack)["resource"]["openai_thread"] == expected


def test_every_attribute_can_be_referred_to(stack: cdktf.TerraformStack) -> None:
    names = [*Thread._CONTRACT.attributes]
    expected = {name: {"value": f"${{openai_thread.it.{name}}}"} for name in names}

    thread = Thread(stack, "it", messages=[{"role": "user", "content": "hello"}])
    for name in names:
        cdktf.TerraformOutput(stack, name, value=getattr(thread, name))
    cdktf.TerraformOutput(stack, "first", value=cdktf.Fn.element(thread.message_ids, 0))
    output = synthesized(stack)["output"]
    assert output.pop("first") == {"value": "${element(openai_thread.it.message_ids, 0)}"}
    assert output == expected


def test_what_was_configured_reads_back_and_changes(stack: cdktf.TerraformStack) -> None:
    thread = Thread(stack, "it", metadata={"a": "1"}, messages=[{"role": "user", "content": "${x}"}])
    before = (thread.metadata_input, thread.messages_input, thread.tools_input)
    thread.metadata = {"b": "2"}
    thread.reset_messages()
    thread.put_tool_resources({"file_search": {"vector_store_ids": ["vs_1"]}})
    thread.retain_on_destroy = True

    assert before == ({"a": "1"}, [{"role": "user", "content": "${x}"}], None)
    assert synthesized(stack)["resource"]["openai_thread"]["it"] == {
        "metadata": {"b": "2"},
        "tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}},
        "retain_on_destroy": True,
    }


def test_a_change_is_checked_like_the_construct(stack: cdktf.TerraformStack) -> None:
    thread = Thread(stack, "it")
    expected = 'metadata["a"] has 513 characters. Allowed: at most 512. Shorten it by 1.'

    with pytest.raises(ConfigurationError) as refused:
        thread.metadata = {"a": "x" * 513}
    with pytest.raises(ConfigurationError, match="id is set by the provider and can't be given"):
        thread.id = "conv_1"  # type: ignore[misc]
    with pytest.raises(ConfigurationError, match='Did you mean "metadata"'):
        thread.metdata = {"a": "b"}  # type: ignore[attr-defined]
    assert [each.detail for each in refused.value.problems] == [expected]
    assert thread.metadata_input is None


def test_a_refused_thread_names_itself_and_the_line(stack: cdktf.TerraformStack) -> None:
    text = 'messages[0].role is "sys". Allowed: "user", "assistant", "system" or "developer". '

    with pytest.raises(ConfigurationError) as refused:
        Thread(stack, "it", messages=[{"role": "sys", "content": "x"}])  # type: ignore[typeddict-item]
    first, second = str(refused.value).splitlines()
    assert first.startswith(f'Thread "{stack.node.path}/it" ({__file__}:')
    assert second == f'  {text}Did you mean "system"?'


@pytest.mark.parametrize("key", ["sk-secret-key", "", 5])
def test_a_literal_key_is_refused_and_not_repeated(app: cdktf.App, key: Any) -> None:
    expected = (
        "api_key is a literal (not repeated here): it would be written into cdk.tf.json. Allowed: a token. "
        "Leave api_key out and set OPENAI_API_KEY when you deploy, or pass "
        'TerraformVariable(self, "openai_key", type="string", sensitive=True).string_value.'
    )

    with pytest.raises(ConfigurationError) as refused:
        OpenaiProvider(cdktf.TerraformStack(app, f"key{key}"), "openai", api_key=key)
    assert [each.detail for each in refused.value.problems] == [expected]


def test_the_provider_is_written_as_it_was_given(app: cdktf.App) -> None:
    stack = cdktf.TerraformStack(app, "provider")
    key = cdktf.TerraformVariable(stack, "key", type="string", sensitive=True)
    headers = {"api-version": "v1", "X-CamelCase": "a", "snake_case": "b"}
    expected = {
        "api_key": "${var.key}",
        "base_url": f"sqlite:{Path.cwd() / 'threads.db'}",
        "headers": headers,
        "query": {"api-version": "v1"},
        "alias": "other",
    }

    OpenaiProvider(
        stack,
        "openai",
        alias="other",
        api_key=key.string_value,
        base_url="sqlite:threads.db",
        headers=headers,
        query={"api-version": "v1"},
    )
    assert synthesized(stack)["provider"] == {"openai": [expected]}
