"""Both desks on the embedded API: make test-frameworks runs it, with what requirements.txt names."""

import os
import subprocess
import sys
from pathlib import Path

import openai
import pytest

from cdktf_openai_thread.testing import Server

HERE = Path(__file__).parent
PYTHON = os.environ.get("FRAMEWORKS_PYTHON", sys.executable)
QUESTIONS = ["How do I return a parcel?", "Where is order 42?"]


@pytest.fixture
def openai_thread_model() -> str:
    """Answer as the support desk does offline."""
    return str(HERE.parent / "support_desk" / "desk.yaml")


def said(program: str, server: Server, thread_id: str, *questions: str) -> list[str]:
    """Run a desk; return what it prints."""
    done = subprocess.run(
        [PYTHON, HERE / program, thread_id, *questions],
        env={**os.environ, **server.environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.splitlines()


def roles(client: openai.OpenAI, thread_id: str) -> list[str]:
    """Return who said something in the thread, and what was called, oldest first."""
    items = client.conversations.items.list(thread_id, order="asc")
    return [str(getattr(item, "role", None) or item.type) for item in items]


def test_a_session_of_openai_agents_is_a_thread(
    openai_thread_server: Server, openai_thread_client: openai.OpenAI
) -> None:
    """The agent calls its function, and all of it is in the thread."""
    thread = openai_thread_client.conversations.create()

    answers = said("agents_desk.py", openai_thread_server, thread.id, *QUESTIONS)

    assert answers == ["Parcels can be returned within 30 days.", "Your order was shipped yesterday."]
    assert roles(openai_thread_client, thread.id) == [
        *("user", "assistant"),
        *("user", "function_call", "function_call_output", "assistant"),
    ]


def test_langchain_streams_from_a_thread(
    openai_thread_server: Server, openai_thread_client: openai.OpenAI
) -> None:
    """The answer streams, and is in the thread."""
    thread = openai_thread_client.conversations.create()

    answers = said("langchain_desk.py", openai_thread_server, thread.id, QUESTIONS[0])

    assert answers == ["Parcels can be returned within 30 days."]
    assert roles(openai_thread_client, thread.id) == ["user", "assistant"]
