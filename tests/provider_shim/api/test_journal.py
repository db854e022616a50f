"""The journal: what dies when, and what the next run knows of it. Runs are processes that are killed."""

import asyncio
import json
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provider_shim.api.journal import LARGE, Journal, journals, place
from provider_shim.api.lines import Left, Line, fingerprint, warnings
from provider_shim.api.problem import Uncertain
from provider_shim.terraform.diagnostics import Failure, error
from tests.support.killed_runs import CONTENT, ORIGIN, PLANNED, RUN, killed_run, make


def events(path: Path) -> list[str]:
    return [json.loads(line)["event"] for line in path.read_text().splitlines()]


@pytest.mark.parametrize("when", ["made", "left"])
def test_an_object_whose_id_came_back_is_taken_over_by_the_next_run(tmp_path: Path, when: str) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, when)

    journal = Journal(path, ORIGIN)
    assert [line.id for line in journal.unsettled()] == ["conv_1"]
    assert asyncio.run(make(journal, "conv_2")) == "conv_1"
    assert asyncio.run(make(journal, "conv_3")) is None  # a second resource with the same content
    journal.close()


def test_an_object_whose_id_never_came_back_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "sent")

    journal = Journal(path, ORIGIN)
    left = journal.unsettled()
    assert asyncio.run(make(journal, "conv_2")) is None
    assert [(line.type_name, line.id, line.origin) for line in left] == [("openai_thread", None, ORIGIN)]
    assert "https://api.openai.com" in warnings(left, path, None)[0].detail
    assert "--forget" in warnings(left, path, None)[0].detail
    journal.close()


def test_what_terraform_holds_is_settled_and_the_file_removed(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "left")

    journal = Journal(path, ORIGIN)
    journal.settle("conv_other")
    journal.settle("conv_1")
    assert events(path) == ["making", "made", "settled"]
    assert journal.unsettled() == []
    assert asyncio.run(make(journal, "conv_2")) is None
    journal.settle("conv_2")
    journal.close()
    assert list(tmp_path.iterdir()) == []


def test_other_content_another_type_or_another_origin_is_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")

    elsewhere = Journal(path, "https://other.example")
    assert asyncio.run(make(elsewhere, "conv_2")) is None
    elsewhere.close()
    journal = Journal(path, ORIGIN)
    assert asyncio.run(make(journal, "conv_3", fingerprint("openai_thread", {}))) is None
    assert asyncio.run(make(journal, "conv_4", fingerprint("openai_message", CONTENT))) is None
    journal.close()


def test_what_a_run_that_is_alive_has_made_is_left_to_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(RUN), str(path), PLANNED, "wait", "conv_1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert [other.stdout.readline(), other.stdout.readline()] == [b"making\n", b"done\n"]
        journal = Journal(path, ORIGIN)
        assert journal.unsettled() == []
        assert asyncio.run(make(journal, "conv_2")) is None
        other.stdin.close()
        other.wait(30)

    assert [line.id for line in journal.unsettled()] == ["conv_1"]  # it has ended now
    journal.close()
    later = Journal(path, ORIGIN)
    assert [line.id for line in later.unsettled()] == ["conv_1", "conv_2"]
    later.close()


def test_a_gone_object_that_was_taken_over_is_replaced_and_settled(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")

    async def remake(journal: Journal) -> None:
        async with journal.making("openai_thread", PLANNED) as entry:
            assert entry.adopted == "conv_1"
            entry.made("conv_2")

    journal = Journal(path, ORIGIN)
    asyncio.run(remake(journal))
    journal.close()
    later = Journal(path, ORIGIN)
    assert [line.id for line in later.unsettled()] == ["conv_2"]
    later.close()


@pytest.mark.parametrize(
    ("problem", "left"),
    [
        (Failure(error("refused")), 0),
        (Uncertain("uncertain", "no answer"), 1),
        (KeyError("a bug"), 1),
        (asyncio.CancelledError(), 1),
    ],
    ids=["refused", "unknown", "a bug", "cancelled"],
)
def test_only_what_was_certainly_not_made_is_forgotten(
    tmp_path: Path, problem: BaseException, left: int
) -> None:
    path = tmp_path / "journal.jsonl"

    async def fail(journal: Journal) -> None:
        async with journal.making("openai_thread", PLANNED):
            raise problem

    journal = Journal(path, ORIGIN)
    with pytest.raises(type(problem)):
        asyncio.run(fail(journal))
    journal.close()
    later = Journal(path, ORIGIN)
    assert len(later.unsettled()) == left
    later.close()


def test_no_text_and_no_key_is_written_and_nobody_else_may_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")

    assert "secret" not in path.read_text()
    assert "leave" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_that_was_cut_off_is_passed_over_and_does_not_spoil_the_next(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")
    with path.open("a") as torn:
        torn.write('{"event":"making","key":"x","ru')

    journal = Journal(path, ORIGIN)
    journal.settle("conv_1")
    assert Left(path.read_text().splitlines()) == {}
    journal.close()


def test_a_large_journal_is_rewritten_with_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "sent")
    line = path.read_text()
    settled = line.replace(json.loads(line)["key"], "x") + '{"event":"settled","key":"x"}\n'
    path.write_text(line + settled * (LARGE // len(settled) + 1))
    before = path.stat()

    journal = Journal(path, ORIGIN)
    assert [each.key for each in journal.unsettled()] == [json.loads(line)["key"]]
    journal.close()
    assert path.stat().st_size < 1_000 < LARGE < before.st_size
    assert path.stat().st_ino == before.st_ino
    assert list(tmp_path.iterdir()) == [path]


def test_a_rewriting_that_died_in_the_middle_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "sent")
    (tmp_path / "journal.kept").write_text(path.read_text() + '{"event":"end"}\n')
    path.write_text("")

    journal = Journal(path, ORIGIN)
    assert len(journal.unsettled()) == 1
    assert list(tmp_path.iterdir()) == [path]
    journal.close()


def test_the_journal_lies_beside_the_stacks_state(tmp_path: Path) -> None:
    stack = tmp_path / "cdktf.out" / "stacks" / "prod"
    stack.mkdir(parents=True)

    assert place(tmp_path) == tmp_path / ".openai-thread-journal.jsonl"
    assert place(stack) == stack / ".openai-thread-journal.jsonl"  # stacks of something else
    (tmp_path / "cdktf.out" / "manifest.json").write_text("{}")
    assert place(stack) == tmp_path / ".openai-thread-journal.prod.jsonl"
    place(stack).touch()
    assert journals(tmp_path) == journals(stack) == [place(stack)]


def test_a_folder_that_can_not_be_written_is_said_before_anything_is_made(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "missing" / "journal.jsonl", ORIGIN)

    with pytest.raises(Failure, match="can't be written"):
        asyncio.run(make(journal, "conv_1"))


def test_many_runs_at_once_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    code = """
        import asyncio, sys
        from pathlib import Path
        from provider_shim.api.journal import Journal

        async def run():
            journal = Journal(Path(sys.argv[1]), "https://api.openai.com")
            for number in range(25):
                async with journal.making("openai_thread", f"{sys.argv[2]}-{number}") as entry:
                    entry.made(f"conv_{sys.argv[2]}_{number}")

        asyncio.run(run())
    """
    runs = [
        subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), str(path), str(number)])
        for number in range(4)
    ]
    assert [run.wait(60) for run in runs] == [0] * 4

    journal = Journal(path, ORIGIN)
    assert {line.id for line in journal.unsettled()} == {f"conv_{r}_{n}" for r in range(4) for n in range(25)}
    journal.close()


def test_creates_at_the_same_time_share_an_fsync_and_none_begins_before_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, ORIGIN)
    synced: list[str] = []
    fsync = os.fsync

    def watched(file: int) -> None:
        before = path.read_text()
        fsync(file)
        synced.append(before)

    async def create(number: int) -> None:
        async with journal.making("openai_thread", f"planned-{number}") as entry:
            assert f'"planned-{number}"' in synced[-1]
            entry.made(f"conv_{number}")
        assert f'"conv_{number}"' in synced[-1]

    async def create_all() -> None:
        await asyncio.gather(*map(create, range(20)))

    monkeypatch.setattr(os, "fsync", watched)
    asyncio.run(create_all())

    assert len(synced) < 20
    journal.close()


def test_the_file_stays_as_long_as_a_run_has_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(RUN), str(path), PLANNED, "wait", "conv_1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert [other.stdout.readline(), other.stdout.readline()] == [b"making\n", b"done\n"]
        journal = Journal(path, ORIGIN)
        journal.settle("conv_1")
        journal.close()
        there = path.read_text()
        other.stdin.close()
        other.wait(30)
    last = Journal(path, ORIGIN)
    last.unsettled()
    last.close()

    assert there == ""
    assert not path.exists()


def test_runs_that_remove_the_file_lose_no_line_of_those_that_wait_for_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    code = """
        import asyncio, sys
        from pathlib import Path
        from provider_shim.api.journal import Journal

        async def run():
            for number in range(60):
                journal = Journal(Path(sys.argv[1]), "https://api.openai.com")
                identifier = f"conv_{sys.argv[2]}_{number}"
                async with journal.making("openai_thread", identifier) as entry:
                    entry.made(identifier)
                journal.settle(identifier)
                journal.close()
            journal = Journal(Path(sys.argv[1]), "https://api.openai.com")
            async with journal.making("openai_thread", sys.argv[2]) as entry:
                entry.made(f"conv_{sys.argv[2]}")

        asyncio.run(run())
    """
    runs = [
        subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), str(path), str(number)])
        for number in range(4)
    ]
    assert [run.wait(60) for run in runs] == [0] * 4

    journal = Journal(path, ORIGIN)
    assert {line.id for line in journal.unsettled()} == {f"conv_{number}" for number in range(4)}
    journal.close()


@pytest.mark.parametrize(
    ("line", "held", "title"),
    [
        ({}, None, "An openai_file may have been made, its id is not known"),
        ({"id": "file-1"}, set(), "An openai_file of an interrupted run is in no state"),
        ({"id": "file-1"}, {"file-1"}, None),
        ({"id": "file-1"}, None, None),  # a state that can't be looked into
        ({"id": "file-1", "answered": True}, set(), None),
        (
            {"type_name": "openai_thread", "thread": "conv_1"},
            set(),
            "Messages may have been added to conv_1 that no state holds",
        ),
    ],
)
def test_a_plan_warns_of_what_no_state_is_known_to_hold(
    tmp_path: Path, line: dict[str, Any], held: set[str] | None, title: str | None
) -> None:
    known = Line("k", 1, "openai_file", PLANNED, 0, ORIGIN, alike="digest")
    said = warnings([replace(known, **line)], tmp_path / "journal.jsonl", held)

    assert [each.summary for each in said] == ([title] if title else [])
    assert all("openai-thread orphans" in each.detail for each in said)
