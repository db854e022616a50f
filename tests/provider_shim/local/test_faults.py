"""The server for tests of applications: it fails as it is told, and then no more."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import openai
import pytest

from provider_shim.local.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "threads.db") as served:
        yield served


def client(server: Server, retries: int = 0) -> openai.OpenAI:
    return openai.OpenAI(base_url=server.base_url, api_key="none", max_retries=retries)


def test_the_next_request_is_refused_and_the_one_after_it_is_not(server: Server) -> None:
    server.fail_next(429, retry_after=2)

    with client(server) as sdk:
        with pytest.raises(openai.RateLimitError) as refused:
            sdk.conversations.create()
        sdk.conversations.create()

    assert refused.value.response.headers["retry-after"] == "2"
    assert refused.value.code == "rate_limit_exceeded"
    assert [(each.method, each.path, each.status) for each in server.requests] == [
        ("POST", "/conversations", 429),
        ("POST", "/conversations", 200),
    ]


def test_the_sdk_gets_over_a_short_limit(server: Server) -> None:
    server.fail_next(429, retry_after=0, times=2)

    with client(server, retries=2) as sdk:
        assert sdk.conversations.create().id


def test_a_dropped_connection_is_one_for_the_client(server: Server) -> None:
    server.drop_next(times=2)

    with client(server) as sdk:
        for _ in range(2):
            with pytest.raises(openai.APIConnectionError):
                sdk.conversations.create()
        sdk.conversations.create()

    assert [each.status for each in server.requests] == [None, None, 200]


@pytest.mark.parametrize("carried_out", [False, True])
def test_what_was_asked_is_done_or_not_before_the_answer_is_lost(server: Server, carried_out: bool) -> None:
    with client(server) as sdk:
        made = sdk.conversations.create()
        server.drop_next(method="DELETE", carried_out=carried_out)
        with pytest.raises(openai.APIConnectionError):
            sdk.conversations.delete(made.id)
        found = httpx2.get(f"{server.base_url}/conversations/{made.id}").status_code

    assert found == (404 if carried_out else 200)


def test_only_the_requests_that_are_meant_fail(server: Server) -> None:
    server.fail_next(503, path="/conversations/*/items", message="Down for a moment.")

    with client(server) as sdk:
        made = sdk.conversations.create()
        with pytest.raises(openai.InternalServerError, match=r"Down for a moment\."):
            sdk.conversations.items.list(made.id)


def test_a_slow_server_is_quick_again_when_it_is_healed(server: Server) -> None:
    server.latency = 0.3
    server.fail_next(500)
    began = time.monotonic()
    with client(server) as sdk, pytest.raises(openai.InternalServerError):
        sdk.conversations.create()
    slow = time.monotonic() - began
    server.fail_next(500)
    server.heal()
    with client(server) as sdk:
        sdk.conversations.create()

    assert slow > 0.3
    assert server.latency == 0


def test_a_script_can_be_changed_while_it_is_served(server: Server) -> None:
    with client(server) as sdk:
        echoed = sdk.responses.create(input="Hi").output_text
        server.script([{"when": {"message": "hi"}, "text": "Hello!"}])
        scripted = sdk.responses.create(input="Hi").output_text
    with client(server) as sdk:
        server.drop_next(path="/responses")
        with pytest.raises(openai.APIConnectionError):
            sdk.responses.create(input="Hi", stream=True)

    assert (echoed, scripted) == ("You said: Hi", "Hello!")


def test_a_status_that_is_no_error_is_refused(server: Server) -> None:
    with pytest.raises(ValueError, match="Allowed: 400 to 599"):
        server.fail_next(200)
