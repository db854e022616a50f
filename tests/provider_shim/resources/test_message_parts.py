"""Parts of messages, and texts that stay out of the state: refused, planned, sent, read."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from provider_shim.api.client import Client
from provider_shim.api.conversations import Conversations
from provider_shim.api.items import digested, digested_without_text, message_record
from provider_shim.api.settings import Settings
from provider_shim.api.threads import Threads
from provider_shim.contract.check import check
from provider_shim.contract.limits import PART_DATA
from provider_shim.contract.message import MESSAGE
from provider_shim.contract.path import spelled
from provider_shim.contract.thread import THREAD
from provider_shim.resources import messages as rules
from provider_shim.resources.persistence import refusals
from provider_shim.terraform.handler import Work
from provider_shim.terraform.values import UNKNOWN, is_unknown
from tests.provider_shim.resources.planned import Deployed, config
from tests.support.openapi import validate_request

Part = dict[str, Any]
TEXT: Part = {"type": "text", "text": "Look"}
IMAGE: Part = {"type": "image", "image_url": "https://example.com/a.png"}
FILE: Part = {"type": "file", "file_id": "file-1", "filename": "a.pdf"}


@pytest.fixture(autouse=True)
def _folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def said(*parts: Any, role: str = "user", **more: Any) -> dict[str, Any]:
    return {"role": role, "parts": list(parts), **more}


def thread(*messages: dict[str, Any]) -> dict[str, Any]:
    return config({"messages": list(messages)})


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing said": ({"role": "user"}, "messages[0].content"),
    "said twice": ({"role": "user", "content": "a", "parts": [TEXT]}, "messages[0].parts"),
    "said twice, once unseen": (
        {"role": "user", "content": "a", "content_wo": "b", "content_wo_version": 1},
        "messages[0].content_wo",
    ),
    "no version": ({"role": "user", "content_wo": "b"}, "messages[0].content_wo_version"),
    "a version of nothing": (
        {"role": "user", "content": "b", "content_wo_version": 1},
        "messages[0].content_wo_version",
    ),
    "no parts": (said(), "messages[0].parts"),
    "a text without one": (said({"type": "text"}), "messages[0].parts[0].text"),
    "an image from two places": (said(TEXT, {**IMAGE, "file_id": "file-1"}), "messages[0].parts[1].file_id"),
    "an image from nowhere": (said({"type": "image", "detail": "low"}), "messages[0].parts[0].image_url"),
    "a text with a file": (said({**TEXT, "file_id": "file-1"}), "messages[0].parts[0].file_id"),
    "a path as image": (said({"type": "image", "image_url": "a.png"}), "messages[0].parts[0].image_url"),
    "another scheme": (said({"type": "file", "file_url": "ftp://a/b"}), "messages[0].parts[0].file_url"),
    "an unknown type": (said({"type": "video"}), "messages[0].parts[0].type"),
    "a file in its original detail": (said({**FILE, "detail": "original"}), "messages[0].parts[0].detail"),
    "a file that is too large": (
        said({"type": "file", "file_data": "x" * (PART_DATA + 1)}),
        "messages[0].parts[0].file_data",
    ),
    "a phase of a user": (said(TEXT, phase="commentary"), "messages[0].phase"),
}


@pytest.mark.parametrize(("message", "path"), WRONG.values(), ids=list(WRONG))
def test_what_no_message_can_be_is_refused_with_its_path(message: dict[str, Any], path: str) -> None:
    found = list(check(THREAD, thread(message), is_unknown))

    assert [spelled(each.path) for each in found] == [path]
    assert path in found[0].detail
    assert len(found[0].detail) < 500
    alone = list(check(MESSAGE, config({"thread_id": "conv_1", **message}, MESSAGE), is_unknown))
    assert [spelled(each.path) for each in alone] == [path.removeprefix("messages[0].")]


def test_what_is_not_known_yet_is_not_refused() -> None:
    unknown = [
        {"role": "user", "content": UNKNOWN},
        {"role": "user", "content": UNKNOWN, "parts": [TEXT]},
        {"role": UNKNOWN, "parts": UNKNOWN, "phase": "commentary"},
        said({"type": UNKNOWN, "text": "a"}, {"type": "image", "file_id": UNKNOWN}, UNKNOWN),
        {"role": "user", "content_wo": UNKNOWN, "content_wo_version": 1},
    ]

    assert list(check(THREAD, thread(*unknown), is_unknown)) == []


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a refusal": ("conversations", said({"type": "refusal", "text": "No"}, role="assistant"), "parts[0]"),
    "an image of the assistant": ("conversations", said(TEXT, IMAGE, role="assistant"), "parts[1]"),
    "texts of the assistant": ("conversations", said(TEXT, TEXT, role="assistant"), "parts"),
    "a file on /threads": ("threads", said(TEXT, FILE), "parts[1]"),
    "an original on /threads": ("threads", said({**IMAGE, "detail": "original"}), "parts[0].detail"),
}


@pytest.mark.parametrize(("api", "message", "path"), REFUSED.values(), ids=list(REFUSED))
def test_what_an_api_does_not_take_is_refused_unless_the_thread_has_it(
    api: str, message: dict[str, Any], path: str
) -> None:
    planned = thread({"role": "user", "content": "before"}, message)

    assert [spelled(each.path) for each in refusals(planned, api)] == [f"messages[1].{path}"]
    assert refusals(planned, api, planned["messages"]) == []
    assert len(refusals(planned, api, planned["messages"][:1])) == 1


SAME: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {
    "a text as a part": ({"role": "user", "content": "Look"}, said(TEXT), None),
    "the default detail": (said(TEXT, IMAGE), said(TEXT, {**IMAGE, "detail": "auto"}), None),
    "another detail": (said(IMAGE), said({**IMAGE, "detail": "low"}), "parts"),
    "another image": (said(IMAGE), said({"type": "image", "file_id": "file-2"}), "parts"),
    "one that is not known": (said(FILE), said({"type": "file", "file_id": UNKNOWN}), "parts"),
    "a part more": (said(TEXT), said(TEXT, IMAGE), "parts"),
    "another version": (
        {"role": "user", "content_wo_version": 1},
        {"role": "user", "content_wo_version": 2},
        "content_wo_version",
    ),
    "the same version": (
        {"role": "user", "content_wo_version": 1},
        {"role": "user", "content_wo_version": 1},
        None,
    ),
    "no more unseen": (
        {"role": "user", "content_wo_version": 1},
        {"role": "user", "content": "a"},
        "content",
    ),
    "another phase": (
        {"role": "assistant", "content": "a"},
        {"role": "assistant", "content": "a", "phase": "commentary"},
        "phase",
    ),
}


@pytest.mark.parametrize(("before", "after", "path"), SAME.values(), ids=list(SAME))
def test_another_form_of_the_same_is_in_place_and_all_else_replaces(
    before: dict[str, Any], after: dict[str, Any], path: str | None
) -> None:
    step = rules.step(thread(before)["messages"], thread(after)["messages"], "conversations")

    assert step.replace == (path and ("messages", 0, path))


def test_the_phase_stays_in_the_state_on_threads_and_changes_in_place() -> None:
    before, after = ({"role": "assistant", "content": "a", "phase": each} for each in ("commentary", None))

    assert rules.step(thread(before)["messages"], thread(after)["messages"], "threads").changed == (0,)
    assert "phase" not in rules.sent(thread(before)["messages"][0], "threads")


ANSWERED: dict[str, tuple[str, list[Any], list[Part], list[tuple[int, str]]]] = {
    "input": (
        "user",
        [
            {"type": "input_text", "text": "a"},
            {"type": "input_image", "file_id": None, "image_url": "https://a/b.png", "detail": "low"},
            {"type": "input_file", "file_id": "file-1", "filename": "a.pdf", "file_data": "data:,"},
        ],
        [
            {"type": "text", "text": "a"},
            {"type": "image", "image_url": "https://a/b.png", "detail": "low"},
            {"type": "file", "file_id": "file-1", "filename": "a.pdf"},
        ],
        [],
    ),
    "threads": (
        "user",
        [
            {"type": "text", "text": {"value": "a", "annotations": []}},
            {"type": "image_file", "image_file": {"file_id": "file-1", "detail": "auto"}},
            {"type": "image_url", "image_url": {"url": "https://a/b.png", "detail": "high"}},
        ],
        [
            {"type": "text", "text": "a"},
            {"type": "image", "file_id": "file-1"},
            {"type": "image", "image_url": "https://a/b.png", "detail": "high"},
        ],
        [],
    ),
    "refused": (
        "assistant",
        [{"type": "refusal", "refusal": "No"}],
        [{"type": "refusal", "text": "No"}],
        [],
    ),
    "nothing that can be carried": (
        "user",
        [
            {"type": "computer_screenshot", "image_url": "https://a/b.png"},
            {"type": "input_image", "image_url": "data:" + "x" * PART_DATA},
            7,
            {"type": ["x"]},
            {"type": "image_url", "image_url": [1]},
            {"type": "text", "text": [1, 2]},
            {"type": "input_file", "file_id": 7, "detail": {}},
        ],
        [],
        [
            (0, "computer_screenshot"),
            (1, "input_image"),
            (2, "unknown"),
            (3, "unknown"),
            (4, "image_url"),
            (5, "text"),
            (6, "input_file"),
        ],
    ),
}


@pytest.mark.parametrize(("role", "content", "parts", "lost"), ANSWERED.values(), ids=list(ANSWERED))
def test_parts_are_read_as_they_are_and_what_can_not_be_carried_is_named(
    role: str, content: list[Any], parts: list[Part], lost: list[tuple[int, str]]
) -> None:
    record = message_record({"id": "msg_1", "role": role, "content": content, "phase": 7})
    held = rules.to_state(record)

    assert (record.parts, record.unsupported, record.settings) == (parts, lost, {})
    assert record.content == "".join(each["text"] for each in parts if each["type"] == "text")
    assert [{k: v for k, v in each.items() if v is not None} for each in held["parts"] or []] == parts
    warned = rules.note_unsupported([record], lambda index: ("messages", index))
    assert bool(warned) == bool(lost)
    if lost:
        assert "messages[0].parts[0] (computer_screenshot in msg_1)" in warned[0].detail
    # Whatever is read is something that may be configured.
    if parts:
        given = {"role": role, "parts": held["parts"]}
        assert list(check(THREAD, thread(given), is_unknown)) == []


def test_a_message_of_text_and_files_is_imported_as_before(tmp_path: Path) -> None:
    async def run() -> dict[str, Any]:
        deployed = await Deployed.on(tmp_path / "api.db")
        given = {
            "messages": [
                {"role": "user", "content": "a", "attachments": [{"file_id": "file-1"}]},
                said(TEXT, IMAGE, {**FILE, "detail": "low"}),
                {"role": "assistant", "content": "b", "phase": "final_answer"},
                said({"type": "file", "file_url": "https://a/b.pdf"}, role="system"),
            ]
        }
        await deployed.apply(given)
        assert deployed.state is not None
        made = dict(deployed.state)
        deployed.state, deployed.private = await imported(deployed, made["id"])
        again = await deployed.plan(given)
        await deployed.provider.close()
        assert again.replace == []
        assert again.planned == deployed.state
        assert deployed.state == made
        return made

    made = asyncio.run(run())

    assert made["messages"][0]["parts"] is None


async def imported(deployed: Deployed, identifier: str) -> tuple[Any, Any]:
    work: Work[Any] = Work(None, asyncio.Event())
    await deployed.handler.import_state(work, identifier)
    assert work.diagnostics == []
    return work.state, work.private


SECRET = "the-quick-brown-fox-secret"


def test_a_write_only_text_is_sent_and_nothing_of_it_is_noted(tmp_path: Path) -> None:
    def version(number: int, text: str) -> dict[str, Any]:
        return {"messages": [{"role": "user", "content_wo": text, "content_wo_version": number}]}

    (tmp_path / "journal").mkdir()

    async def run() -> list[str]:
        deployed = await Deployed.on(tmp_path / "api.db", journal=str(tmp_path / "journal"))
        await deployed.apply(version(1, SECRET))
        await deployed.read()
        assert deployed.state is not None
        assert SECRET not in json.dumps([deployed.state, deployed.private])
        other = await deployed.plan(version(1, "another text"))
        assert other.planned == deployed.state
        newer = await deployed.plan(version(2, SECRET))
        assert newer.replace == [("messages", 0, "content_wo_version")]
        both = version(1, SECRET)
        both["messages"] += [{"role": "assistant", "content_wo": "later " + SECRET, "content_wo_version": 1}]
        await deployed.apply(both)
        api = deployed.provider._connection.threads("conversations")
        texts = [each.content async for each in api.messages(deployed.state["id"])]
        await deployed.provider.close()
        return texts

    texts = asyncio.run(run())

    assert texts == [SECRET, "later " + SECRET]
    noted = b"".join(each.read_bytes() for each in (tmp_path / "journal").rglob("*") if each.is_file())
    assert noted
    assert SECRET.encode() not in noted


def test_no_digest_in_the_journal_is_made_of_a_write_only_text() -> None:
    one, other = (
        rules.sent(
            thread({"role": "user", "content_wo_version": 1})["messages"][0],
            "conversations",
            {"content_wo": each},
        )
        for each in ("one", "other")
    )

    assert digested(one) != digested(other)
    assert digested_without_text(one) == digested_without_text(other)
    assert rules.noted(one) == rules.noted(other)


SENT: dict[str, list[dict[str, Any]]] = {
    "conversations": [
        said(TEXT, IMAGE, {"type": "image", "file_id": "file-2", "detail": "original"}),
        said(FILE, {"type": "file", "file_url": "https://a/b.pdf", "detail": "low"}, role="developer"),
        said(
            {"type": "file", "file_data": "data:,a", "filename": "a.txt"}, attachments=[{"file_id": "file-3"}]
        ),
        said(TEXT, role="assistant", phase="final_answer"),
        {"role": "assistant", "content": "a", "phase": "commentary"},
    ],
    "threads": [
        said(TEXT, IMAGE, {"type": "image", "file_id": "file-2", "detail": "high"}),
        said(TEXT, TEXT, IMAGE, role="assistant", metadata={"a": "b"}),
        said(IMAGE, attachments=[{"file_id": "file-3", "tools": ["file_search"]}]),
    ],
}


@pytest.mark.parametrize("api", list(SENT))
def test_every_part_is_sent_as_the_document_says_and_comes_back_and_is_imported(
    tmp_path: Path, api: str
) -> None:
    given = {"messages": SENT[api]}

    async def run() -> None:
        deployed = await Deployed.on(tmp_path / "api.db", api=api)
        await deployed.apply(given)
        assert deployed.state is not None
        made = dict(deployed.state)
        assert await deployed.read() == []
        assert deployed.state == made
        again = await deployed.plan(given)
        assert (again.replace, again.planned) == ([], made)
        assert again.diagnostics == []
        deployed.state, deployed.private = await imported(deployed, made["id"])
        after = await deployed.plan(given)
        assert after.replace == []
        await deployed.provider.close()

    store = {"conversations": Conversations, "threads": Threads}[api](
        Client(Settings(base_url="sqlite:x.db"))
    )
    path = {"conversations": "/conversations/conv_1/items", "threads": "/threads/thread_1/messages"}[api]
    for message in thread(*SENT[api])["messages"]:
        assert refusals({"messages": [message]}, api) == []
        validate_request("POST", path, store._posted([rules.sent(message, api)]))

    asyncio.run(run())


def test_a_phase_that_an_import_brought_is_released_and_one_of_ours_makes_a_new_thread(
    tmp_path: Path,
) -> None:
    given = {"messages": [{"role": "assistant", "content": "a", "phase": "commentary"}]}
    without = {"messages": [{"role": "assistant", "content": "a"}]}

    async def run() -> None:
        deployed = await Deployed.on(tmp_path / "api.db")
        await deployed.apply(given)
        assert deployed.state is not None
        ours = await deployed.plan(without)
        assert ours.replace == [("messages", 0, "phase")]
        ids = deployed.state["message_ids"]
        deployed.state, deployed.private = await imported(deployed, deployed.state["id"])
        said = await deployed.apply(without)
        assert ["messages[0].phase" in each.detail for each in said] == [True]
        assert deployed.state is not None
        assert deployed.state["message_ids"] == ids
        await deployed.read()
        again = await deployed.plan(without)
        assert (again.replace, again.planned, again.diagnostics) == ([], deployed.state, [])
        await deployed.provider.close()

    asyncio.run(run())
