"""The desk as a whole: the stack is deployed, and its application answers. Run it with pytest."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cdktf
import openai
import pytest

from application import ask
from cdktf_openai_thread.testing import Server
from main import SupportDesk

HERE = Path(__file__).parent


@pytest.fixture
def openai_thread_model() -> str:
    """Answer as the desk does offline."""
    return str(HERE / "desk.yaml")


def test_the_desk_answers_from_the_handbook_and_from_the_orders(
    openai_thread_deployed: Callable[..., Any],
    openai_thread_client: openai.OpenAI,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ask what the handbook knows, and what only the shop's own system does."""
    monkeypatch.chdir(HERE)
    thread = openai_thread_deployed(SupportDesk(cdktf.Testing.app(), "desk"))["support"]
    [store] = openai_thread_client.vector_stores.list().data
    tools = [{"type": "file_search", "vector_store_ids": [store.id]}]

    returned = ask(openai_thread_client, thread.id, tools, "How do I return a parcel?")
    order = ask(openai_thread_client, thread.id, tools, "Where is order 42?")

    assert thread.messages == [("assistant", "Hello! How can I help?")]
    assert returned == "Parcels can be returned within 30 days. (handbook.md)"
    assert order == "Your order was shipped yesterday."
    items = openai_thread_client.conversations.items.list(thread.id, order="asc")
    assert json.loads(next(item.arguments for item in items if item.type == "function_call")) == {
        "number": 42
    }


def test_a_limit_of_the_api_reaches_the_application(
    openai_thread_server: Server,
    openai_thread_client: openai.OpenAI,
) -> None:
    """Fail on request: what the application does then is its own to decide."""
    openai_thread_server.fail_next(429, retry_after=2)

    with pytest.raises(openai.RateLimitError):
        ask(openai_thread_client, "conv_1", [], "Hello?")
