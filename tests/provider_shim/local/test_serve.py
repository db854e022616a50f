"""The server: who gets in, what it bounds, what it does not serve."""

import base64
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from provider_shim.contract.provider import is_loopback
from provider_shim.local.requests import BODY_BYTES
from provider_shim.local.serve import ServeError, serve
from tests.support.embedded_server import started, stopped
from tests.support.openapi import validate_response

KEY = "sk-local-and-long-enough"


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = started(tmp_path_factory.mktemp("keyed") / "threads.db", KEY)
    yield url
    stopped(process)


def test_the_right_key_gets_in(keyed: str) -> None:
    with openai.OpenAI(base_url=keyed, api_key=KEY, max_retries=0) as sdk:
        assert sdk.conversations.create().id


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"authorization": f"Bearer {KEY}x"},
        {"authorization": "Bearer"},
        {"authorization": KEY},
        {"authorization": f"Basic {KEY}"},
        {"authorization": "Bearer ключ".encode()},
    ],
    ids=["none", "wrong", "empty", "no scheme", "not base64", "not ASCII"],
)
def test_a_wrong_key_is_refused_and_not_repeated(keyed: str, header: Any) -> None:
    answer = httpx2.post(f"{keyed}/conversations", json={}, headers=header)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_api_key"
    assert answer.headers["x-request-id"].startswith("req_")
    assert KEY not in answer.text
    validate_response("POST", "/conversations", 401, answer.json())


def test_a_browser_may_send_the_key_as_a_password(keyed: str) -> None:
    token = base64.b64encode(f"any:{KEY}".encode()).decode()

    answer = httpx2.post(f"{keyed}/conversations", json={}, headers={"authorization": f"Basic {token}"})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://example.com"}, {"host": "rebound.example.com"}, {"origin": "null"}],
    ids=["another site", "a name that was rebound", "a sandboxed page"],
)
def test_web_pages_are_kept_out_of_a_server_without_a_key(base_url: str, headers: dict[str, str]) -> None:
    answer = httpx2.post(f"{base_url}/conversations", json={}, headers=headers)

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "not_local"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "example.com", ""])  # noqa: S104 - is refused
def test_other_machines_are_let_in_with_a_key_only(tmp_path: Path, host: str) -> None:
    with pytest.raises(ServeError, match="a key is needed"):
        serve(tmp_path / "threads.db", host=host)
    assert not (tmp_path / "threads.db").exists()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]"])
def test_loopback_is_known_by_name_and_address(host: str) -> None:
    assert is_loopback(host)


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(ServeError, match=r"Can't listen on 127\.0\.0\.1 port"),
    ):
        serve(tmp_path / "threads.db", port=other.getsockname()[1])


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match="The key is empty"):
        serve(tmp_path / "threads.db", api_key="")


def test_a_body_larger_than_the_bound_is_refused(base_url: str) -> None:
    pieces = (b" " * 1_048_576 for _ in range(BODY_BYTES // 1_048_576 + 1))

    answer = httpx2.post(f"{base_url}/conversations", content=pieces)

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/threads/thread_1/runs"),
        ("POST", "/threads/runs"),
        ("POST", "/responses/compact"),
        ("POST", "/responses/input_tokens"),
        ("POST", "/assistants"),
    ],
)
def test_what_is_not_served_says_so(base_url: str, method: str, path: str) -> None:
    answer = httpx2.request(method, base_url + path, json={})

    assert answer.status_code == 501
    assert answer.json()["error"]["code"] == "not_served"
    assert f"{method} /v1{path} is not served by the embedded API" in answer.json()["error"]["message"]
    assert answer.headers["x-request-id"]
    assert answer.headers["x-should-retry"] == "false"


def test_a_method_that_a_path_does_not_have_is_refused(base_url: str) -> None:
    answer = httpx2.get(f"{base_url}/vector_stores/vs_1/search")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    said = json.loads(answer.content)["error"]["message"]
    assert said == "Not allowed to GET on /v1/vector_stores/vs_1/search."
