"""What is written less for: messages one by one, threads of others, outputs, aspects."""

import json
import re
from typing import Any

import cdktf
import jsii
import pytest
from constructs import IConstruct

from cdktf_openai_thread import ConfigurationError, File, IThread, Message, OpenaiProvider, Thread


@pytest.fixture
def stack() -> cdktf.TerraformStack:
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "team")
    OpenaiProvider(stack, "openai")
    return stack


def synthesized(stack: cdktf.TerraformStack) -> Any:
    return json.loads(cdktf.Testing.synth(stack))


def resources(stack: cdktf.TerraformStack) -> Any:
    return synthesized(stack)["resource"]["openai_thread"]


def test_messages_are_said_one_after_the_other(stack: cdktf.TerraformStack) -> None:
    expected = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello", "metadata": {"lang": "en"}},
        {"role": "assistant", "content": "costs $${x}", "attachments": [{"file_id": "file-1"}]},
    ]

    thread = Thread(stack, "support", messages=[{"role": "system", "content": "Be brief."}])
    thread.say("user", "Hello", metadata={"lang": "en"}).say(
        "assistant", "costs ${x}", attachments=[{"file_id": "file-1"}]
    )

    assert resources(stack)["support"]["messages"] == expected


def test_what_was_said_is_read_back_as_it_was_said(stack: cdktf.TerraformStack) -> None:
    thread = Thread(stack, "support").say("user", "costs ${x}").say("user", "and %{if}")

    assert [each["content"] for each in thread.messages_input or ()] == ["costs ${x}", "and %{if}"]


def test_a_wrong_role_is_named_with_its_place(stack: cdktf.TerraformStack) -> None:
    thread = Thread(stack, "support").say("user", "Hello")

    with pytest.raises(ConfigurationError, match=re.escape("messages[1].role")) as raised:
        thread.say("usr", "Hello")  # type: ignore[arg-type]

    assert 'Thread "team/support"' in str(raised.value)
    assert len(thread.messages_input or ()) == 1


def test_nothing_is_said_after_messages_that_are_known_only_at_deploy(stack: cdktf.TerraformStack) -> None:
    given = cdktf.Token.as_any(cdktf.TerraformVariable(stack, "given").value)
    thread = Thread(stack, "support", messages=given)

    with pytest.raises(ConfigurationError, match="messages is a token"):
        thread.say("user", "Hello")


def test_a_function_takes_a_thread_of_its_own_or_of_others(stack: cdktf.TerraformStack) -> None:
    def announce(thread: IThread, id_: str) -> None:
        Message(stack, id_, thread_id=thread.thread_id, role="user", content="Maintenance tonight")

    announce(Thread(stack, "ours"), "to_ours")
    announce(Thread.from_thread_id(stack, "theirs", "conv_1"), "to_theirs")

    messages = synthesized(stack)["resource"]["openai_message"]
    assert messages["to_ours"]["thread_id"] == "${openai_thread.ours.id}"
    assert messages["to_theirs"]["thread_id"] == "conv_1"


def test_a_thread_of_others_may_be_known_only_at_deploy(stack: cdktf.TerraformStack) -> None:
    variable = cdktf.TerraformVariable(stack, "thread", type="string")

    theirs = Thread.from_thread_id(stack, "theirs", variable.string_value)
    cdktf.TerraformOutput(stack, "id", value=theirs.id)

    assert synthesized(stack)["output"]["id"]["value"] == "${var.thread}"


def test_what_is_no_thread_id_is_refused(stack: cdktf.TerraformStack) -> None:
    with pytest.raises(ConfigurationError, match="starts with conv_ or thread_") as raised:
        Thread.from_thread_id(stack, "theirs", "asst_1")

    assert '"team/theirs"' in str(raised.value)


def test_a_file_is_no_thread(stack: cdktf.TerraformStack) -> None:
    assert isinstance(Thread(stack, "support"), IThread)
    assert not isinstance(File(stack, "text", content="a", filename="a.txt"), IThread)


def test_outputs_are_named_after_the_thread(stack: cdktf.TerraformStack) -> None:
    expected = {
        "support_id": {"value": "${openai_thread.support.id}"},
        "support_response_tools": {"value": "${openai_thread.support.response_tools}"},
        "desk_id": {"value": "${openai_thread.other.id}"},
        "desk_response_tools": {"value": "${openai_thread.other.response_tools}"},
    }

    Thread(stack, "support").outputs()
    Thread(stack, "other").outputs("desk")

    assert synthesized(stack)["output"] == expected


def test_outputs_of_a_name_in_use_are_refused(stack: cdktf.TerraformStack) -> None:
    thread = Thread(stack, "support")
    thread.outputs()

    with pytest.raises(ConfigurationError, match="support_id"):
        thread.outputs()


@jsii.implements(cdktf.IAspect)
class Tagged:
    """Tags every thread with the team and the stage."""

    def __init__(self, **pairs: str) -> None:
        self.pairs = pairs

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, Thread):
            node.metadata = {**self.pairs, **(node.metadata_input or {})}


@jsii.implements(cdktf.IAspect)
class RetainedInProduction:
    """Forbids threads that a destroy would delete."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, Thread) and not node.retain_on_destroy_input:
            cdktf.Annotations.of(node).add_error("production threads need retain_on_destroy=True")


def test_an_aspect_tags_every_thread(stack: cdktf.TerraformStack) -> None:
    Thread(stack, "plain")
    Thread(stack, "tagged", metadata={"stage": "test", "user": "1"})

    cdktf.Aspects.of(stack).add(Tagged(team="support", stage="production"))

    assert resources(stack) == {
        "plain": {"metadata": {"team": "support", "stage": "production"}},
        "tagged": {"metadata": {"team": "support", "stage": "test", "user": "1"}},
    }


def test_an_aspect_adds_a_message(stack: cdktf.TerraformStack) -> None:
    @jsii.implements(cdktf.IAspect)
    class Greeting:
        def visit(self, node: IConstruct) -> None:
            if isinstance(node, Thread):
                node.say("assistant", "How can I help?")

    thread = Thread(stack, "support").say("user", "Hello")
    cdktf.Aspects.of(thread).add(Greeting())

    assert [each["role"] for each in resources(stack)["support"]["messages"]] == ["user", "assistant"]


def test_a_policy_forbids_threads_that_a_destroy_would_delete(tmp_path: Any) -> None:
    app = cdktf.App(outdir=str(tmp_path))
    stack = cdktf.TerraformStack(app, "production")
    OpenaiProvider(stack, "openai")
    Thread(stack, "kept", retain_on_destroy=True)
    Thread(stack, "lost")
    cdktf.Aspects.of(stack).add(RetainedInProduction())

    with pytest.raises(RuntimeError, match=r"\[production/lost\] production threads need") as raised:
        app.synth()

    assert "production/kept" not in str(raised.value)
