"""A thread on /conversations: against the embedded API, and through faults."""

import asyncio
from pathlib import Path
from typing import Literal

import pytest

from provider_shim.api import thread_store
from provider_shim.api.client import Client
from provider_shim.api.conversations import Conversations
from provider_shim.api.metadata import MetadataChange
from provider_shim.api.problem import ApiProblem, Uncertain
from provider_shim.api.settings import Settings
from tests.support.faulty import Fault, Seen, client, faulty, message

MESSAGES = [message(f"message {number}", ("user", "assistant")[number % 2]) for number in range(45)]


@pytest.fixture(autouse=True)
def _no_pause_between_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_store, "BETWEEN_LOOKS", 0)


def test_a_conversation_lives_from_create_to_proven_absence(tmp_path: Path) -> None:
    async def run() -> None:
        api = Client(Settings(base_url=f"sqlite:{tmp_path / 'api.db'}"))
        threads = Conversations(api)
        made = await threads.create(
            {"topic": "leave", "old": "x"}, {"file_search": {"vector_store_ids": ["vs_1"]}}
        )
        batches = [ids async for ids in threads.add_messages(made.id, MESSAGES, None)]
        ids = [each for batch in batches for each in batch]
        found = [each async for each in threads.messages(made.id)]

        assert [len(batch) for batch in batches] == [20, 20, 5]
        assert [(each.id, each.role, each.content) for each in found] == [
            (identifier, each["role"], each["content"])
            for identifier, each in zip(ids, MESSAGES, strict=True)
        ]
        assert made.metadata == {"topic": "leave", "old": "x"}
        assert made.created_at > 1_700_000_000
        change = MetadataChange({"topic": "pay"}, frozenset({"old"}))
        assert (await threads.update(made.id, change)).metadata == {"topic": "pay"}
        assert (await threads.others(made.id, ids[:40])).ids == tuple(reversed(ids[40:]))
        assert await threads.message(made.id, ids[3]) == found[3]
        assert await threads.delete_message(made.id, ids[3])
        assert not await threads.delete_message(made.id, ids[3])
        assert await threads.message(made.id, ids[3]) is None
        assert await threads.delete(made.id)
        assert not await threads.delete(made.id)
        assert await threads.read(made.id) is None
        assert await threads.message(made.id, ids[4]) is None
        await api.close()

    asyncio.run(run())


def test_all_roles_and_odd_texts_come_back_as_they_were(tmp_path: Path) -> None:
    texts = [
        "line\nbreak\r\n\ttab",
        "\N{SNOWMAN}\U0001f600\U0010fffd",
        "x" * 1_000_000,
        ' "quoted" \\ ${literal}',
    ]
    roles = ["user", "assistant", "system", "developer"]
    sent = [message(text, role) for role in roles for text in texts]

    async def run() -> None:
        api = Client(Settings(base_url=f"sqlite:{tmp_path / 'api.db'}"))
        threads = Conversations(api)
        made = await threads.create(None, None)
        _ = [ids async for ids in threads.add_messages(made.id, sent, None)]
        found = [(each.role, each.content) async for each in threads.messages(made.id)]
        await api.close()

        assert found == [(each["role"], each["content"]) for each in sent]

    asyncio.run(run())


@pytest.mark.parametrize("commit", [True, False], ids=["committed", "not committed"])
@pytest.mark.parametrize("then", ["answer", "reset", "hang"], ids=["500", "reset", "time-out"])
def test_messages_whose_answer_is_lost_are_there_exactly_once(
    tmp_path: Path,
    commit: bool,
    then: Literal["answer", "reset", "hang"],
) -> None:
    async def run() -> None:
        lost: set[int] = set()

        def decide(request: Seen, number: int) -> Fault | None:
            first_of_three = (
                request.method == "POST" and request.path.endswith("/items") and number not in lost
            )
            if first_of_three and len(lost) < 3 and server.posts("/items") % 2 == 1:
                lost.add(number)
                return Fault(commit=commit, then=then)
            return None

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url, timeout=1) as api:
            threads = Conversations(api)
            made = await threads.create({}, None)
            ids = [each async for batch in threads.add_messages(made.id, MESSAGES, None) for each in batch]
            found = [each async for each in threads.messages(made.id)]

            assert lost
            assert [each.content for each in found] == [each["content"] for each in MESSAGES]
            assert [each.id for each in found] == ids

    asyncio.run(run())


def test_an_equal_message_of_before_is_not_taken_for_the_lost_one(tmp_path: Path) -> None:
    async def run() -> None:
        def decide(request: Seen, _: int) -> Fault | None:
            return (
                Fault()
                if request.path.endswith("/items")
                and server.posts("/items") == 2
                and request.method == "POST"
                else None
            )

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url) as api:
            threads = Conversations(api)
            made = await threads.create({}, None)
            first = [ids async for ids in threads.add_messages(made.id, [message("hello")], None)]
            newest = await threads.newest(made.id)
            second = [ids async for ids in threads.add_messages(made.id, [message("hello")], newest)]

            assert [each.id async for each in threads.messages(made.id)] == first[0] + second[0]
            assert first != second

    asyncio.run(run())


@pytest.mark.parametrize(
    "fault",
    [
        Fault(commit=True),
        Fault(commit=True, then="reset"),
        Fault(commit=True, then="hang"),
        Fault(status=200, body="{"),
    ],
    ids=["500", "reset", "time-out", "damaged answer"],
)
def test_a_create_whose_answer_is_lost_is_not_repeated_and_named(tmp_path: Path, fault: Fault) -> None:
    async def run() -> None:
        async with faulty(tmp_path / "api.db", lambda *_: fault) as server:
            async with client(server.url, timeout=2) as api:
                with pytest.raises(ApiProblem) as caught:
                    await Conversations(api).create({"a": "b"}, None)
            told = caught.value

            assert server.posts("/conversations") == 1
            assert told.summary == "A conversation may have been made, its id is not known"
            assert "can't list conversations" in told.detail
            assert told.kind == "unlisted"
            assert told.uncertain

    asyncio.run(run())


def test_messages_that_can_not_be_looked_up_are_told_as_many(tmp_path: Path) -> None:
    async def run() -> None:
        def decide(request: Seen, _: int) -> Fault | None:
            if "/items" not in request.path:
                return None
            return Fault(then="reset") if request.method == "POST" else Fault(status=403)

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url) as api:
            threads = Conversations(api)
            made = await threads.create({}, None)
            with pytest.raises(Uncertain) as caught:
                assert [ids async for ids in threads.add_messages(made.id, [message("hello")], None)]
        assert caught.value.summary == "Messages may have been made, their ids are not known"

    asyncio.run(run())


def test_a_busy_conversation_is_waited_for(tmp_path: Path) -> None:
    locked = Fault(status=400, body='{"error": {"message": "busy", "code": "conversation_locked"}}')

    async def run() -> None:
        def decide(request: Seen, _: int) -> Fault | None:
            return (
                locked
                if request.path.endswith("/items")
                and server.posts("/items") == 1
                and request.method == "POST"
                else None
            )

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url) as api:
            made = await Conversations(api).create({}, None)
            _ = [ids async for ids in Conversations(api).add_messages(made.id, MESSAGES[:2], None)]

            assert server.posts("/items") == 2
            assert len((await Conversations(api).others(made.id, [])).ids) == 2

    asyncio.run(run())


def test_a_refused_message_is_named_by_its_place_in_the_configuration(tmp_path: Path) -> None:
    refusal = Fault(status=400, body='{"error": {"message": "bad", "param": "items[3].content"}}')

    async def run() -> None:
        def decide(request: Seen, _: int) -> Fault | None:
            return refusal if request.method == "POST" and server.posts("/items") == 2 else None

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url) as api:
            made = await Conversations(api).create({}, None)
            adding = Conversations(api).add_messages(made.id, MESSAGES, None)
            reached = await anext(adding)
            with pytest.raises(ApiProblem) as caught:
                await anext(adding)

            assert len(reached) == 20
            assert caught.value.path == ("messages", 23, "content")

    asyncio.run(run())
