"""Vector stores: filled in batches, waited for, and each failed file named."""

import asyncio
from collections.abc import Sequence
from typing import Literal

import pytest

from provider_shim.api import lookup, vector_stores
from provider_shim.api.metadata import MetadataChange
from provider_shim.api.problem import ApiProblem
from provider_shim.api.vector_store_files import NewFile, VectorStoreFiles
from provider_shim.api.vector_stores import NewStore, VectorStores
from tests.support.faulty import Fault, Seen, client, faulty
from tests.support.storage import SERVERS_OWN, Storage


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "BETWEEN_LOOKS", 0)
    monkeypatch.setattr(vector_stores, "FIRST_POLL", 0.001)


def no_faults(_: Seen, __: int) -> None:
    return None


def new(ids: Sequence[str]) -> list[NewFile]:
    return [NewFile(each) for each in ids]


def test_a_store_lives_from_create_to_proven_absence() -> None:
    ids = [f"file-{number}" for number in range(1_200)]

    async def run() -> None:
        storage = Storage()
        async with faulty(storage.app, no_faults) as server, client(server.url) as api:
            stores = VectorStores(api)
            made = await stores.create(
                NewStore("docs", "all", {"a": "b", "old": "x"}, {"anchor": "last_active_at", "days": 3})
            )
            batches = [batch async for batch in stores.add_files(made.id, new(ids))]
            told: list[str] = []
            done = await stores.wait(made.id, ids, 30, told.append)

            assert storage.batches == [500, 500, 200]
            assert [each for batch in batches for each in batch] == ids
            assert told == ["0/1200 files indexed", "1200/1200 files indexed"]
            assert done.file_counts["completed"] == 1_200
            assert (made.name, made.metadata, made.expires_after) == (
                "docs",
                {"a": "b", "old": "x"},
                {"anchor": "last_active_at", "days": 3},
            )
            change = MetadataChange({"a": "c"}, frozenset({"old"}))
            settings = {"name": "new", "expires_after": None}
            changed, updated = await stores.update(made.id, settings, change)
            assert (changed.name, changed.metadata, changed.expires_after) == ("new", {"a": "c"}, None)
            assert (updated.metadata, list(updated.vanished), list(updated.stayed)) == ({"a": "c"}, [], [])
            await VectorStoreFiles(api).remove(made.id, ids[0])
            await VectorStoreFiles(api).remove(made.id, ids[0])
            assert [each.id async for each in stores.files(made.id)] == ids[1:]
            assert await stores.delete(made.id)
            assert not await stores.delete(made.id)
            assert await stores.read(made.id) is None

    asyncio.run(run())


def test_each_failed_file_is_named_with_its_reason() -> None:
    async def run() -> None:
        storage = Storage()
        async with faulty(storage.app, no_faults) as server, client(server.url) as api:
            storage.files["bad-1"] = {"id": "bad-1", "filename": "first.md"}
            stores = VectorStores(api)
            made = await stores.create(NewStore("docs"))
            _ = [each async for each in stores.add_files(made.id, new(["bad-1", "file-2", "bad-3", "bad-9"]))]
            with pytest.raises(ApiProblem) as caught:
                await stores.wait(made.id, ["bad-1", "file-2", "bad-3"], 30)
            told = caught.value

            assert told.summary == "2 of 3 files could not be indexed"
            assert "- bad-1 (first.md): no text in it\n- bad-3: no text in it" in told.detail
            assert told.path == ("file_ids",)

    asyncio.run(run())


def test_waiting_is_bounded_and_says_how_far_it_came() -> None:
    async def run() -> None:
        storage = Storage(polls=1_000_000)
        async with faulty(storage.app, no_faults) as server, client(server.url) as api:
            stores = VectorStores(api)
            made = await stores.create(NewStore("docs"))
            _ = [each async for each in stores.add_files(made.id, new(["file-1"]))]
            with pytest.raises(ApiProblem, match="not indexed in time") as caught:
                await stores.wait(made.id, ["file-1"], 0.05)
            assert "0/1 files indexed" in caught.value.detail

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
            _ = [each async for each in stores.add_files(made.id, new(["file-1", "file-2"]))]

            assert list(storage.stores) == [made.id]
            assert storage.batches == [2]
            assert len(lost_ones) == 2

    asyncio.run(run())


async def filled(stores: VectorStores, *ids: str) -> str:
    """Make a store with files that are indexed."""
    made = await stores.create(NewStore("docs"))
    _ = [each async for each in stores.add_files(made.id, new(ids))]
    await stores.wait(made.id, [each for each in ids if "theirs" not in each], 30, total=len(ids))
    return made.id


@pytest.mark.parametrize("kind", ["merges", "replaces", "adds"])
def test_pairs_of_others_survive_on_servers_that_merge_and_on_servers_that_replace(
    kind: Literal["merges", "replaces", "adds"],
) -> None:
    async def run() -> None:
        storage = Storage(kind=kind)
        async with faulty(storage.app, no_faults) as server, client(server.url) as api:
            stores = VectorStores(api)
            made = await stores.create(NewStore("docs", metadata={"a": "1", "old": "x"}))
            added = SERVERS_OWN if kind == "adds" else {}
            storage.stores[made.id]["metadata"]["customer"] = "4711"
            change = MetadataChange({"a": "2"}, frozenset({"old"}))

            _, updated = await stores.update(made.id, {}, change)
            _, done = await stores.update(made.id, {}, change)

            assert made.metadata == {"a": "1", "old": "x", **added}
            assert updated.metadata == {"a": "2", "customer": "4711", **added}
            assert not [*updated.vanished, *updated.stayed]
            assert storage.stores[made.id]["metadata"] == updated.metadata == done.metadata
            assert len(storage.updates) == (2 if kind == "merges" else 1)
            assert storage.stores[made.id]["name"] == "docs"

    asyncio.run(run())


def test_the_counts_of_a_store_that_lag_behind_prove_nothing() -> None:
    async def run() -> None:
        storage = Storage(polls=3, lag=2)
        async with faulty(storage.app, no_faults) as server, client(server.url) as api:
            stores = VectorStores(api)
            identifier = await filled(stores, "file-1")
            _ = [each async for each in stores.add_files(identifier, new(["file-2", "bad-1"]))]
            with pytest.raises(ApiProblem, match="1 of 3 files could not be indexed"):
                await stores.wait(identifier, ["file-1", "file-2", "bad-1"], 30, total=3)

            assert storage.stores[identifier]["reads"] > 3

    asyncio.run(run())


def test_a_file_that_is_not_listed_yet_is_waited_for() -> None:
    blind = [Fault(status=200, body='{"data": [], "has_more": false}')] * 2

    def decide(request: Seen, _: int) -> Fault | None:
        return blind.pop() if blind and "/files?" in request.path else None

    async def run() -> None:
        storage = Storage(polls=0, lag=9)
        async with faulty(storage.app, decide) as server, client(server.url) as api:
            stores = VectorStores(api)
            made = await stores.create(NewStore("docs"))
            _ = [each async for each in stores.add_files(made.id, new(["file-1"]))]
            await stores.wait(made.id, ["file-1"], 30, total=1)

            assert not blind
            assert storage.stores[made.id]["reads"] == 3

    asyncio.run(run())


def test_what_others_are_indexing_is_not_waited_for() -> None:
    async def run() -> None:
        storage = Storage(polls=2)
        async with faulty(storage.app, no_faults) as server, client(server.url) as api:
            stores = VectorStores(api)
            identifier = await filled(stores, "file-1", "bad-theirs", "file-2")
            storage.stores[identifier]["files"]["busy-theirs"] = None
            reads = storage.stores[identifier]["reads"]
            await stores.wait(identifier, ["file-1", "file-2"], 30, total=2)

            assert storage.stores[identifier]["reads"] == reads + 1

    asyncio.run(run())


def test_files_of_others_are_found_on_the_first_page_that_has_some() -> None:
    ours = [f"file-{number}" for number in range(250)]

    async def run() -> None:
        storage = Storage(polls=0)
        async with faulty(storage.app, no_faults) as server, client(server.url) as api:
            stores = VectorStores(api)
            identifier = await filled(stores, *ours)
            none = await stores.others(identifier, ours)
            storage.stores[identifier]["files"]["bad-theirs"] = None
            failed = await stores.others(identifier, ours)
            storage.stores[identifier]["files"] |= dict.fromkeys(["theirs-1", "theirs-2"])
            calls = len(server.seen)
            some = await stores.others(identifier, ours)
            asked = len(server.seen) - calls
            everything = await stores.others(identifier, [])
            await stores.delete(identifier)
            gone = await stores.others(identifier, ours)

            assert not none
            assert not failed
            assert (set(some.ids), some.more, asked) == ({"theirs-1", "theirs-2"}, True, 1)
            assert str(everything) == "at least 99"
            assert not gone

    asyncio.run(run())
