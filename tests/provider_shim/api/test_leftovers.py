"""What is done about an object that a run has left, by the type that its record names."""

import asyncio

import pytest

from provider_shim.api.leftovers import leftover_of
from provider_shim.journal.records import Record
from tests.support.faulty import Seen, client, faulty
from tests.support.storage import Storage

READ = {
    "openai_file": "/files/x_1",
    "openai_message": "/conversations/conv_1/items/x_1",
    "openai_thread": "/conversations/x_1",
    "openai_thread_set": "/conversations/x_1",
    "openai_vector_store": "/vector_stores/x_1",
    "openai_vector_store_file": "/vector_stores/vs_1/files/file-1",
}
STRANGE = ["openai_leftover", "openai_problem", "openai_record", "openai_../x", "openai_", "", "x.y"]
CASES = READ | dict.fromkeys(STRANGE, "/conversations/x_1")


class Owners:
    def holds(self, identifier: str) -> bool:
        return identifier == "held"

    def unanswered(self, looked_for: str) -> list[Record]:
        return [Record(looked_for, 1, "openai_file", "f", 0, "http://x")]


@pytest.mark.parametrize(("type_name", "path"), CASES.items())
def test_the_object_of_a_record_is_read_as_its_type_is_and_what_is_no_type_as_a_thread(
    type_name: str, path: str
) -> None:
    asked: list[str] = []

    def note(seen: Seen, _: int) -> None:
        asked.append(seen.path)

    async def run() -> None:
        identifier = "vs_1/file-1" if type_name == "openai_vector_store_file" else "conv_1"
        record = Record("k", 1, type_name, "f", 0, "http://x", id=identifier, thread="conv_1")
        async with faulty(Storage().app, note) as server, client(server.url) as api:
            await asyncio.gather(leftover_of(record, api, Owners()).read("x_1"), return_exceptions=True)

    asyncio.run(run())

    assert [each.removeprefix("/v1") for each in asked[:1]] == [path]
