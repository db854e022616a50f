"""What a response costs beside adding an item: the functions that are called, always as many."""

import asyncio
import sys
from pathlib import Path

import httpx2

from provider_shim.local.app import create_app


def test_a_response_calls_at_most_twice_as_many_functions_as_an_item(tmp_path: Path) -> None:
    events: list[str] = []

    async def measured() -> dict[str, int]:
        app = create_app(tmp_path / "threads.db")
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://embedded/v1") as api:
            made = (await api.post("/conversations", json={})).json()["id"]
            item = {"items": [{"type": "message", "role": "user", "content": "Hello"}]}
            asked = {"model": "any", "conversation": made, "input": "Hello"}
            counted: dict[str, int] = {}
            for path, body in ((f"/conversations/{made}/items", item), ("/responses", asked)):
                for _ in range(2):  # the first call also loads what it needs
                    events.clear()
                    sys.setprofile(lambda _frame, event, _of: events.append(event))
                    answer = await api.post(path, json=body)
                    sys.setprofile(None)
                    assert answer.status_code == 200
                counted[path] = events.count("call") + events.count("c_call")
        app.state.store.close()
        return counted

    items, responses = asyncio.run(measured()).values()
    assert items > 1000
    assert responses <= 2 * items
