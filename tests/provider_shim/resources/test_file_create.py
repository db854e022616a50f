"""An upload through the resource: what is kept of it, and what is not."""

import asyncio
import errno
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from provider_shim.api.problem import Uncertain
from provider_shim.api.settings import Settings
from provider_shim.contract.file import FILE
from provider_shim.journal.place import STEM
from provider_shim.journal.records import Record, digest, pending_event
from provider_shim.resources.connection import Connection
from provider_shim.resources.file import FileHandler
from provider_shim.terraform import plan
from provider_shim.terraform.diagnostics import Failure
from provider_shim.terraform.handler import Work
from tests.support.faulty import Fault, Seen, faulty
from tests.support.storage import Storage


@pytest.mark.parametrize("becomes", ["olleh", "hello, world"], ids=["same size", "another size"])
def test_a_file_that_changes_before_it_is_sent_is_deleted_again(
    becomes: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "handbook.md").write_text("hello")

    async def run() -> None:
        storage = Storage()

        def decide(_request: Seen, number: int) -> None:
            # The first call looks what is there: the content has been read by then, and is sent next.
            if number == 0:
                (tmp_path / "handbook.md").write_text(becomes)

        async with faulty(storage.app, decide) as server:
            connection, work = await planned_on(server.url, file="handbook.md")
            with pytest.raises(Failure, match="The file changed after it was planned") as caught:
                await FileHandler(connection).create(work)
            await connection.close()

            assert caught.value.diagnostics[0].path == ("file",)
            assert [each.method for each in server.seen] == ["GET", "POST", "DELETE"]
            assert (storage.files, work.state) == ({}, None)
            assert list(storage.content.values()) == [becomes.encode()]

    asyncio.run(run())

    assert not list(tmp_path.glob(".openai-thread-journal*"))


def test_what_a_stack_beside_may_have_uploaded_is_named_and_not_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cdktf.out" / "stacks" / "here"
    folder.mkdir(parents=True)
    (tmp_path / "cdktf.out" / "manifest.json").touch()
    monkeypatch.chdir(folder)

    async def run() -> None:
        storage = Storage()

        def decide(request: Seen, _number: int) -> Fault | None:
            if request.method != "POST":
                return None
            # Both stacks are deployed at once: the other's upload gets through, and no answer has come yet.
            asked = ("openai_file", "other", int(time.time()), server.url.removesuffix("/v1"))
            line = Record("theirs", 1, *asked, digest=digest("note.txt", 4, "assistants"), since=-1)
            journal = tmp_path / f"{STEM}.beside.jsonl"
            journal.write_text(json.dumps(pending_event(line)) + "\n")
            return Fault(commit=True)

        async with faulty(storage.app, decide) as server:
            connection, work = await planned_on(server.url, content="same", filename="note.txt")
            with pytest.raises(Uncertain) as caught:
                await FileHandler(connection).create(work)
            await connection.close()

            assert "This may be it, or somebody else's: file-1." in caught.value.detail

    asyncio.run(run())


def test_an_id_that_the_journal_could_not_note_is_in_the_state_and_in_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    journal, fsync = tmp_path / f"{STEM}.jsonl", os.fsync

    def failing(file: int) -> None:
        if '"made"' in journal.read_text():
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(file)

    async def run() -> Work[Any]:
        async with faulty(Storage().app, lambda _request, _number: None) as server:
            connection, work = await planned_on(server.url, content="same", filename="note.txt")
            with monkeypatch.context() as broken:
                broken.setattr(os, "fsync", failing)
                await FileHandler(connection).create(work)
            await connection.close()
            return work

    work = asyncio.run(run())

    assert work.state is not None
    assert work.state["id"] == "file-1"
    [told] = work.diagnostics
    assert (told.severity, told.summary) == ("error", "The journal could not note an id")
    assert "file-1 was made" in told.detail


def test_a_failure_before_the_call_makes_nothing_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def failing(_file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    async def run() -> list[str]:
        async with faulty(Storage().app, lambda _request, _number: None) as server:
            connection, work = await planned_on(server.url, content="same", filename="note.txt")
            with monkeypatch.context() as broken:
                broken.setattr(os, "fsync", failing)
                with pytest.raises(Failure, match="The journal can't be written"):
                    await FileHandler(connection).create(work)
            await connection.close()
            assert work.state is None
            return [each.method for each in server.seen]

    assert "POST" not in asyncio.run(run())


async def planned_on(url: str, **given: str) -> tuple[Connection, Work[Any]]:
    """Return a connection to an API, and a create that is planned."""
    connection = Connection()
    connection.open(Settings(base_url=url, api_key="sk-test"))
    config = {**dict.fromkeys(FILE.attributes), **given}
    change = plan.change(FILE, None, config)
    await FileHandler(connection).plan(change)
    return connection, Work(None, asyncio.Event(), planned=change.planned, config=config)
