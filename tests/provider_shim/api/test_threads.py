"""A thread on /threads: what is sent, and the dialects of real servers in the answers."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from provider_shim.api.answers import Answer
from provider_shim.api.metadata import MetadataChange, Updated
from provider_shim.api.problem import ApiProblem
from provider_shim.api.problems import Call, explain
from provider_shim.api.threads import Threads
from tests.support.faulty import Fault, Seen, client, faulty


def scripted(*answers: dict[str, Any]) -> Any:
    def decide(_: Seen, number: int) -> Fault:
        return Fault(status=200, body=json.dumps(answers[number]))

    return decide


def thread(**members: Any) -> dict[str, Any]:
    return {"id": "thread_1", "object": "thread", "created_at": 1_700_000_000.75, "metadata": {}, **members}


def sent(request: Seen) -> tuple[str, str, Any]:
    return request.method, request.path, json.loads(request.body) if request.body else None


def test_a_thread_keeps_tool_resources_and_every_call_names_the_version(tmp_path: Path) -> None:
    resources = {"code_interpreter": {"file_ids": ["file-1"]}, "file_search": None}

    async def run() -> None:
        decide = scripted(thread(tool_resources=resources), thread(tool_resources=resources))
        async with faulty(tmp_path / "api.db", decide) as server, client(server.url) as api:
            made = await Threads(api).create({"a": "b"}, resources)
            read = await Threads(api).read("thread_1")

            assert made == read
            assert made.created_at == 1_700_000_000
            assert made.tool_resources == resources
            assert sent(server.seen[0]) == (
                "POST",
                "/v1/threads",
                {"metadata": {"a": "b"}, "tool_resources": {"code_interpreter": {"file_ids": ["file-1"]}}},
            )
            assert {each.headers["openai-beta"] for each in server.seen} == {"assistants=v2"}

    asyncio.run(run())


def test_metadata_is_read_under_the_name_that_one_server_gives_it(tmp_path: Path) -> None:
    async def run() -> None:
        answer = {"id": "thread_1", "created_at": 1, "metadata_": {"a": "b"}}
        async with faulty(tmp_path / "api.db", scripted(answer)) as server, client(server.url) as api:
            record = await Threads(api).read("thread_1")
            assert record is not None
            assert record.metadata == {"a": "b"}

    asyncio.run(run())


def test_what_a_merging_server_keeps_is_sent_again_as_null_and_others_stay(tmp_path: Path) -> None:
    store = {"vector_store_ids": ["vs_1"]}
    before = thread(metadata={"a": "b", "old": "x", "theirs": "1"}, tool_resources={"file_search": store})
    after = thread(metadata={"a": "c", "old": "x", "theirs": "1"})

    async def run() -> None:
        answers = [before, after, thread(metadata={"a": "c", "theirs": "1"})]
        async with faulty(tmp_path / "api.db", scripted(*answers)) as server, client(server.url) as api:
            change = MetadataChange({"a": "c"}, frozenset({"old"}))
            updated = await Threads(api).update("thread_1", change, {"code_interpreter": {"file_ids": ["f"]}})

            assert updated == Updated({"a": "c", "theirs": "1"}, [], [])
            resources = {"code_interpreter": {"file_ids": ["f"]}, "file_search": store}
            assert [sent(each)[2] for each in server.seen] == [
                None,
                {"metadata": {"a": "c", "theirs": "1"}, "tool_resources": resources},
                {"metadata": {"a": "c", "theirs": "1", "old": None}, "tool_resources": resources},
            ]

    asyncio.run(run())


def test_messages_go_one_by_one_with_metadata_and_attachments(tmp_path: Path) -> None:
    messages: list[dict[str, Any]] = [
        {
            "role": "user",
            "content": "read this",
            "metadata": {"n": "1"},
            "attachments": [
                {"file_id": "file-1", "tools": ["file_search"]},
                {"file_id": "file-2", "tools": None},
            ],
        },
        {"role": "assistant", "content": "done", "metadata": None, "attachments": None},
    ]

    async def run() -> None:
        decide = scripted({"id": "msg_1"}, {"id": "msg_2"})
        async with faulty(tmp_path / "api.db", decide) as server, client(server.url) as api:
            batches = [ids async for ids in Threads(api).add_messages("thread_1", messages, None)]

            assert batches == [["msg_1"], ["msg_2"]]
            assert [sent(each)[2] for each in server.seen] == [
                {
                    "role": "user",
                    "content": "read this",
                    "metadata": {"n": "1"},
                    "attachments": [
                        {"file_id": "file-1", "tools": [{"type": "file_search"}]},
                        {"file_id": "file-2", "tools": []},
                    ],
                },
                {"role": "assistant", "content": "done"},
            ]

    asyncio.run(run())


def test_messages_are_read_over_all_pages(tmp_path: Path) -> None:
    text = [{"type": "text", "text": {"value": "one", "annotations": []}}]
    first = {"id": "msg_1", "role": "user", "content": text, "metadata": {"a": "b"}, "created_at": 5}
    attached = [{"file_id": "file-1", "tools": [{"type": "code_interpreter"}]}]
    second = {"id": "msg_2", "role": "assistant", "content": "two", "attachments": attached}

    async def run() -> None:
        pages = [
            {"data": [first], "has_more": True, "last_id": "msg_1"},
            {"data": [second], "has_more": False},
        ]
        async with faulty(tmp_path / "api.db", scripted(*pages)) as server, client(server.url) as api:
            found = [each async for each in Threads(api).messages("thread_1")]

            assert [(each.id, each.content, each.metadata, each.created_at) for each in found] == [
                ("msg_1", "one", {"a": "b"}, 5),
                ("msg_2", "two", {}, 0),
            ]
            assert found[1].attachments == [{"file_id": "file-1", "tools": ["code_interpreter"]}]
            assert [each.path.partition("?")[2] for each in server.seen] == [
                "limit=100&order=asc",
                "limit=100&order=asc&after=msg_1",
            ]

    asyncio.run(run())


def test_metadata_of_a_message_is_written_beside_that_of_others(tmp_path: Path) -> None:
    def shown(**metadata: str) -> dict[str, Any]:
        return {"id": "msg_1", "role": "user", "content": "one", "metadata": metadata}

    async def run() -> None:
        answers = [shown(old="x", theirs="1"), shown(a="b", old="x", theirs="1"), shown(a="b", theirs="1")]
        async with faulty(tmp_path / "api.db", scripted(*answers)) as server, client(server.url) as api:
            change = MetadataChange({"a": "b"}, frozenset({"old"}))
            updated = await Threads(api).update_message("thread_1", "msg_1", change)

            assert updated.metadata == {"a": "b", "theirs": "1"}
            assert [sent(each)[2] for each in server.seen] == [
                None,
                {"metadata": {"a": "b", "theirs": "1"}},
                {"metadata": {"a": "b", "theirs": "1", "old": None}},
            ]

    asyncio.run(run())


@pytest.mark.parametrize("status", [404, 410])
def test_openai_itself_has_switched_threads_off(status: int) -> None:
    call = Call("creating the thread", "POST", "/threads", "https://api.openai.com")
    told = explain(Answer(status, {"error": {"message": "Unknown request URL"}}), call)

    assert told.summary == "Creating the thread failed: the Assistants API was switched off on 2026-08-26"
    assert told.kind == "switched off"


def test_an_answer_about_another_thread_is_not_taken(tmp_path: Path) -> None:
    async def run() -> None:
        decide = scripted(thread(id="thread_2"))
        async with faulty(tmp_path / "api.db", decide) as server, client(server.url) as api:
            with pytest.raises(ApiProblem):
                await Threads(api).read("thread_1")

    asyncio.run(run())
