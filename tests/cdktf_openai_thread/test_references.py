"""References into nested attributes, and changes made through them."""

from typing import Any

import cdktf
import pytest

from cdktf_openai_thread import ConfigurationError, OpenaiProvider, Thread


@pytest.fixture
def stack() -> cdktf.TerraformStack:
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "team")
    OpenaiProvider(stack, "openai")
    return stack


def test_a_message_is_changed_through_its_reference(stack: cdktf.TerraformStack) -> None:
    expected = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Welcome", "metadata": {}},
    ]

    thread = Thread(stack, "support").say("user", "Hi").say("assistant", "Hello")
    thread.messages[1].content = "Welcome"
    thread.messages[1].metadata = {}

    assert thread.messages_input == expected


def test_a_message_that_is_not_configured_cannot_be_changed(stack: cdktf.TerraformStack) -> None:
    thread = Thread(stack, "support").say("user", "Hi")

    with pytest.raises(ConfigurationError, match="1 element is configured"):
        thread.messages[1].content = "Welcome"


def test_a_change_through_a_reference_is_checked_with_its_whole_path(stack: cdktf.TerraformStack) -> None:
    thread = Thread(stack, "support", tool_resources={"file_search": {"vector_store_ids": ["vs_1"]}})

    with pytest.raises(ConfigurationError, match=r"tool_resources\.file_search\.vector_store_ids"):
        thread.tool_resources.file_search.vector_store_ids = ["vs_1", "vs_2"]

    assert thread.tool_resources_input == {"file_search": {"vector_store_ids": ["vs_1"]}}


def test_what_only_the_deploy_knows_is_not_changed_in_part(stack: cdktf.TerraformStack) -> None:
    given = cdktf.Token.as_any(cdktf.TerraformVariable(stack, "given").value)
    thread = Thread(stack, "support", tool_resources=given)

    with pytest.raises(ConfigurationError, match="tool_resources is a token") as raised:
        thread.tool_resources.put_file_search(vector_store_ids=["vs_1"])

    assert 'Thread "team/support"' in str(raised.value)


def test_a_message_of_a_list_that_the_deploy_knows_is_not_changed(stack: cdktf.TerraformStack) -> None:
    given: Any = cdktf.TerraformVariable(stack, "given").list_value
    thread = Thread(stack, "support", messages=given)

    with pytest.raises(ConfigurationError, match="what only the deploy knows is configured"):
        thread.messages[0].content = "Welcome"


def test_a_list_that_is_known_at_deploy_is_not_iterated_over(stack: cdktf.TerraformStack) -> None:
    thread = Thread(stack, "support").say("user", "Hi")

    with pytest.raises(ConfigurationError, match="known only at deploy"):
        list(thread.messages)  # type: ignore[call-overload]
