"""The embedded API as an application meets it: over HTTP, through the SDK, checked both ways."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import openai
import pytest

from tests.openapi import validate_request, validate_response

SERVE = """
import sys
from provider_shim.local.serve import serve
serve(
    sys.argv[1],
    port=0,
    api_key=sys.argv[2] or None,
    model=sys.argv[3],
    ready=lambda ready: print(ready.url, flush=True),
)
"""


def started(database: Path, key: str = "", model: str = "echo") -> tuple["subprocess.Popen[str]", str]:
    """Serve the database in a process of its own; return it and its base URL."""
    command = [sys.executable, "-c", SERVE, str(database), key, model]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def stopped(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.communicate(timeout=20)


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
