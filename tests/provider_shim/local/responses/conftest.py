"""A response as an application asks for it: in process, with the model that the test chooses."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from provider_shim.local.app import create_app
from tests.support.openapi import validate_response

Use = Callable[[openai.AsyncOpenAI], Awaitable[Any]]


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Any]:
    """Return a function that runs `use` with the SDK on the embedded API, and returns what it returns."""

    def run(use: Use, model: str | Path = "echo") -> Any:
        async def main() -> Any:
            app = create_app(tmp_path / "threads.db", model=model)
            transport = httpx2.ASGITransport(app=app)
            hooks = {"response": [_checked]}
            try:
                async with httpx2.AsyncClient(transport=transport, event_hooks=hooks) as http:
                    sdk = openai.AsyncOpenAI(
                        base_url="http://embedded/v1", api_key="none", max_retries=0, http_client=http
                    )
                    return await use(sdk)
            finally:
                await app.state.responses.stop()
                await app.state.indexer.stop()
                app.state.store.close()

        return asyncio.run(main())

    return run


async def _checked(response: httpx2.Response) -> None:
    await response.aread()
    if response.status_code == 501:
        return
    request = response.request
    if response.headers["content-type"] == "application/json":
        validate_response(request.method, request.url.path, response.status_code, response.json())
