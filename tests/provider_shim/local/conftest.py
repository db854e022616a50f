"""The embedded API as an application meets it: over HTTP, through the SDK, checked both ways."""

import json
from collections.abc import Iterator

import httpx2
import openai
import pytest

from tests.support.embedded_server import started, stopped
from tests.support.openapi import validate_request, validate_response


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = started(tmp_path_factory.mktemp("embedded") / "threads.db")
    yield url
    stopped(process)


@pytest.fixture(scope="session")
def client(base_url: str) -> Iterator[openai.OpenAI]:
    """The SDK; every answer is checked against OpenAI's document, and each request that succeeds."""
    hooks = {"response": [_checked]}
    with httpx2.Client(event_hooks=hooks) as http:
        yield openai.OpenAI(base_url=base_url, api_key="unused", max_retries=0, http_client=http)


def _checked(response: httpx2.Response) -> None:
    request = response.request
    response.read()
    path = request.url.path
    if response.status_code == 501:
        return
    if response.headers["content-type"] == "application/json":
        validate_response(request.method, path, response.status_code, response.json())
    multipart = request.headers.get("content-type", "").startswith("multipart/")
    if response.status_code == 200 and not multipart:
        validate_request(request.method, path, json.loads(request.content) if request.content else None)
