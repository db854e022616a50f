"""What a thread costs at synth is what is said between Python and Node: one message each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import jsii

from cdktf_openai_thread import OpenaiProvider, Thread
from cdktf_openai_thread.synth.framework import tf

if TYPE_CHECKING:
    import pytest


def _messages(monkeypatch: pytest.MonkeyPatch, threads: int, *, changed: bool = False) -> int:
    """Return how many messages go to Node for a stack of so many threads."""
    process = cast("Any", jsii.kernel.provider)._process
    sent: list[object] = []
    send = type(process).send

    def counted(self: object, request: object, response: object) -> object:
        sent.append(request)
        return send(self, request, response)

    with monkeypatch.context() as patched:
        patched.setattr(type(process), "send", counted)
        stack = tf.TerraformStack(tf.Testing.app(), "stack")
        OpenaiProvider(stack, "openai", base_url="sqlite:threads.db")
        for number in range(threads):
            thread = Thread(stack, f"thread_{number}", metadata={"number": str(number)})
            if changed:
                thread.say("user", "Hello").say("user", "Again")
        tf.Testing.full_synth(stack)
    return len(sent)


def test_a_further_thread_is_one_message_to_node(monkeypatch: pytest.MonkeyPatch) -> None:
    _messages(monkeypatch, 1)  # loads the class

    assert _messages(monkeypatch, 21) - _messages(monkeypatch, 1) == 20


def test_a_thread_that_was_changed_is_asked_for_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    _messages(monkeypatch, 1)

    # Made, told that it was changed, and asked for its attributes: by cdktn twice.
    assert _messages(monkeypatch, 21, changed=True) - _messages(monkeypatch, 1, changed=True) in (60, 80)


def test_an_override_of_an_attribute_changes_nothing_of_what_was_configured() -> None:
    stack = tf.TerraformStack(tf.Testing.app(), "stack")
    OpenaiProvider(stack, "openai", base_url="sqlite:threads.db")
    thread = Thread(stack, "thread", metadata={"topic": "a"}, tools=["file_search"])
    thread.add_override("metadata.team", "b")
    thread.add_override("tools", ["code_interpreter"])

    both = [json.loads(tf.Testing.synth(stack))["resource"]["openai_thread"]["thread"] for _ in range(2)]

    assert both[0] == both[1]
    assert both[0]["metadata"] == {"topic": "a", "team": "b"}
    assert both[0]["tools"] == ["file_search", "code_interpreter"]
    assert thread.metadata_input == {"topic": "a"}
