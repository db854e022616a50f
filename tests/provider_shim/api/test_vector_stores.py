"""Vector stores: filled in batches, waited for, and each failed file named."""

import asyncio

import pytest

from provider_shim.api import lost, vector_stores
from provider_shim.api.vector_stores import NewStore, VectorStores
from provider_shim.terraform.diagnostics import Failure
from tests.provider_shim.api.storage import Storage
from tests.support.faulty import Fault, Seen, client, faulty


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost, "BETWEEN_LOOKS", 0)
    monkeypatch.setattr(vector_stores, "FIRST_POLL", 0.001)


def no_faults(_: Seen, __: int) -> None:
    return None


def test_a_store_lives_from_create_to_proven_absence() -> None:
    ids = [f"file-{number}" for number in range(2_500)]

    async def run() -> None:
        storage = Storage()
        async with faulty(storage.app, no_faults) as server, client(server.url) as api:
            stores = VectorStores(api)
            made = await stores.create(
                NewStore("docs", "all", {"a": "b", "old": "x"}, {"anchor": "last_active_at", "days": 3})
            )
            batches = [batch async for batch in stores.add_files(made.id, ids)]
            told: list[str] = []
            done = await stores.wait(made.id, ids, 30, told.append)

            assert storage.batches == [2_000, 500]
            assert [each for batch in batches for each in batch] == ids
            assert told == ["0/2500 files indexed", "2500/2500 files indexed"]
            assert done.file_counts["completed"] == 2_500
            assert (made.name, made.metadata, made.expires_after) == (
                "docs",
                {"a": "b", "old": "x"},
                {"anchor": "last_active_at", "days": 3},
            )
            changed = await stores.update(made.id, NewStore("new", None, {"a": "c"}), ["old"])
            assert (changed.name, changed.metadata, changed.expires_after) == ("new", {"a": "c"}, None)
            await stores.remove_file(made.id, ids[0])
            await stores.remove_file(made.id, ids[0])
            assert [each.id async for each in stores.files(made.id)] == ids[1:]
            await stores.delete(made.id)
            await stores.delete(made.id)
            assert await stores.read(made.id) is None

    asyncio.run(run())


def test_each_failed_file_is_named_with_its_reason() -> None:
    async def run() -> None:
        storage = Storage()
        async with faulty(storage.app, no_faults) as server, client(server.url) as api:
            stores = VectorStores(api)
            made = await stores.create(NewStore("docs"))
            _ = [each async for each in stores.add_files(made.id, ["bad-1", "file-2", "bad-3", "bad-9"])]
            with pytest.raises(Failure) as caught:
                await stores.wait(made.id, ["bad-1", "file-2", "bad-3"], 30)
            told = caught.value.diagnostics[0]

            assert told.summary == "2 of 3 files could not be indexed"
            assert "- bad-1: no text in it\n- bad-3: no text in it\n" in told.detail
            assert told.path == ("file_ids",)

    asyncio.run(run())


def test_waiting_is_bounded_and_says_how_far_it_came() -> None:
    async def run() -> None:
        storage = Storage(polls=1_000_000)
        async with faulty(storage.app, no_faults) as server, client(server.url) as api:
            stores = VectorStores(api)
            made = await stores.create(NewStore("docs"))
            _ = [each async for each in stores.add_files(made.id, ["file-1"])]
            with pytest.raises(Failure, match="not indexed in time") as caught:
                await stores.wait(made.id, ["file-1"], 0.05)
            assert "0/1 files indexed" in caught.value.diagnostics[0].detail

    asyncio.run(run())


@pytest.mark.parametrize("commit", [True, False], ids=["committed", "not committed"])
def test_a_store_and_its_files_whose_answers_are_lost_are_there_exactly_once(
    commit: bool,
) -> None:
    async def run() -> None:
        storage = Storage()
        lost_ones: set[str] = set()

        def decide(request: Seen, _: int) -> Fault | None:
            if request.method == "POST" and request.path not in lost_ones:
                lost_ones.add(request.path)
                return Fault(commit=commit)
            return None

        async with faulty(storage.app, decide) as server, client(server.url) as api:
            stores = VectorStores(api)
            made = await stores.create(NewStore("docs", metadata={"a": "b"}))
            _ = [each async for each in stores.add_files(made.id, ["file-1", "file-2"])]

            assert list(storage.stores) == [made.id]
            assert storage.batches == [2]
            assert len(lost_ones) == 2

    asyncio.run(run())
