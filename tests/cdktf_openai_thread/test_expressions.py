"""Templates written by hand: expressions where a value is no prose, text where it is, with a warning once."""

import json
from typing import Any

import cdktf
import pytest
from constructs import Construct

from cdktf_openai_thread import (
    ConfigurationError,
    DataOpenaiThread,
    File,
    Message,
    OpenaiProvider,
    Thread,
    ThreadSet,
    VectorStore,
)


@pytest.fixture
def stack() -> cdktf.TerraformStack:
    return cdktf.TerraformStack(cdktf.Testing.app(), "team")


def _warnings(of: Construct) -> list[str]:
    return [str(each.data) for each in of.node.metadata if each.type == "@cdktf/warn"]


def test_a_template_is_an_expression_where_a_value_is_no_prose(stack: cdktf.TerraformStack) -> None:
    any_: Any = "${var.any}"
    provider = {
        "api_key": "${var.key}",
        "base_url": "${var.url}",
        "api": "${var.api}",
        "timeout": "${var.any}",
        "organization": "org_${var.one}",
        "headers": "${var.any}",
    }
    thread = {
        "tools": "${var.any}",
        "metadata": {"a": "${var.long}" * 60, "b": "%{ if true }x%{ endif }"},
        "messages": [{"role": "${var.role}", "content": "x", "attachments": [{"file_id": "${var.file}"}]}],
        "tool_resources": {"file_search": {"vector_store_ids": ["${var.store}"]}},
        "retain_on_destroy": "${var.any}",
    }

    OpenaiProvider(stack, "openai", **provider)  # type: ignore[arg-type]
    other = OpenaiProvider(stack, "other", alias="b")
    other.api_key = "${var.key}"
    other.base_url = "sqlite:${var.path}"
    Thread(stack, "it", **thread)  # type: ignore[arg-type]
    Message(stack, "message", thread_id="${var.thread}", role=any_, content="x")
    DataOpenaiThread(stack, "read", id="${var.thread}")
    VectorStore(stack, "store", timeout=any_, file_ids=any_, expires_after={"days": any_})

    made = json.loads(cdktf.Testing.synth(stack))
    assert made["provider"]["openai"] == [
        provider,
        {"alias": "b", "api_key": "${var.key}", "base_url": "sqlite:${var.path}"},
    ]
    assert made["resource"]["openai_thread"]["it"] == thread
    assert made["data"]["openai_thread"]["read"] == {"id": "${var.thread}"}
    assert made["resource"]["openai_message"]["message"]["role"] == "${var.any}"


def test_in_prose_it_is_text_and_said_once(stack: cdktf.TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    first = Thread(stack, "first", messages=[{"role": "user", "content": "It costs ${price}."}])
    second = Thread(stack, "second").say("user", "And ${more}")
    File(stack, "file", content="${a}", filename="${b}.md")
    VectorStore(stack, "store", description="of ${c}")

    made = json.loads(cdktf.Testing.synth(stack))["resource"]
    assert made["openai_thread"]["first"]["messages"][0]["content"] == "It costs $${price}."
    assert made["openai_vector_store"]["store"]["description"] == "of $${c}"
    assert made["openai_file"]["file"] == {"content": "$${a}", "filename": "$${b}.md"}
    assert len(_warnings(first)) == 1
    texts = ("messages[0].content", "token", "Fn", "docs/reference/python.md")
    assert all(text in _warnings(first)[0] for text in texts)
    assert _warnings(second) == []


def test_it_is_said_of_the_construct_that_has_the_text(stack: cdktf.TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    text = {"messages": [{"role": "user", "content": "Hi ${name}"}]}
    refused: dict[str, Any] = {**text, "provider": "openai"}

    with pytest.raises(ConfigurationError):
        Thread(stack, "never", **refused)
    threads = ThreadSet(stack, "set", {}).add("acme", **text)  # type: ignore[arg-type]  # as a mapping
    other = Thread(stack, "other").say("user", "Hi")

    assert [each.partition(" ")[0] for each in _warnings(threads)] == ['threads["acme"].messages[0].content']
    assert _warnings(other) == []


def test_a_text_with_a_token_is_no_template(stack: cdktf.TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    name = cdktf.TerraformVariable(stack, "name", type="string")
    thread = Thread(stack, "it").say("user", f"Hi {name.string_value}")

    assert [each.type for each in thread.node.metadata] == ["stacktrace"]
