"""What a response costs beside adding an item: the same server, the same run."""

import asyncio
import time
from pathlib import Path

import httpx2

from provider_shim.local.app import create_app

ROUNDS = 4
CALLS = 100


def test_a_response_takes_at_most_twice_as_long_as_an_item(tmp_path: Path) -> None:
    async def measured() -> float:
        app = create_app(tmp_path / "threads.db")
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://embedded/v1") as api:
            made = (await api.post("/conversations", json={})).json()["id"]
            item = {"items": [{"type": "message", "role": "user", "content": "Hello"}]}
            asked = {"model": "any", "conversation": made, "input": "Hello"}
            calls = ((f"/conversations/{made}/items", item), ("/responses", asked))
            taken: dict[str, float] = {}
            for _ in range(ROUNDS):
                for path, body in calls:
                    began = time.process_time()
                    for _ in range(CALLS):
                        assert (await api.post(path, json=body)).status_code == 200
                    took = time.process_time() - began
                    taken[path] = min(taken.get(path, took), took)
        app.state.store.close()
        items, responses = taken.values()
        return responses / items

    assert asyncio.run(measured()) <= 2
