"""Taking over what an interrupted run has made: one object is given to one resource, whatever happens."""

import asyncio
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from provider_shim.api.journal import LARGE, Journal, workspace
from provider_shim.api.lines import fingerprint
from provider_shim.terraform.diagnostics import Failure, error
from tests.provider_shim.api.test_journal import CONTENT, ORIGIN, PLANNED, killed_run, make


def left(path: Path) -> list[tuple[str | None, bool]]:
    journal = Journal(path, ORIGIN)
    try:
        return [(line.id, line.answered) for line in journal.unsettled()]
    finally:
        journal.close()


def test_what_a_run_that_ended_in_order_has_made_is_named_and_taken_over_by_nobody(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    first = Journal(path, ORIGIN)
    asyncio.run(make(first, "conv_1"))
    first.close(answered=True)

    second = Journal(path, ORIGIN)
    assert asyncio.run(make(second, "conv_2")) is None
    second.close()
    assert left(path) == [("conv_1", True), ("conv_2", False)]


def test_an_id_that_stands_in_two_lines_is_given_away_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")
    killed_run(tmp_path / "again.jsonl", "made")
    path.write_text(path.read_text() + (tmp_path / "again.jsonl").read_text())

    journal = Journal(path, ORIGIN)
    assert asyncio.run(make(journal, "conv_2")) == "conv_1"
    assert asyncio.run(make(journal, "conv_3")) is None
    journal.close()


def test_two_runs_that_have_read_the_same_journal_do_not_take_the_same(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")
    code = """
        import asyncio, sys
        from pathlib import Path
        from provider_shim.api.journal import Journal

        async def run():
            journal = Journal(Path(sys.argv[1]), "https://api.openai.com")
            journal.unsettled()
            print("read", flush=True)
            sys.stdin.readline()
            async with journal.making("openai_thread", sys.argv[2]) as entry:
                print(entry.adopted, flush=True)
                entry.made(entry.adopted or "conv_other")
            sys.stdin.read()

        asyncio.run(run())
    """
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), str(path), PLANNED],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = []
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "read\n"
    for run in runs:
        assert run.stdin is not None
        assert run.stdout is not None
        run.stdin.write("go\n")
        run.stdin.flush()
        said.append(run.stdout.readline().strip())
    for run in runs:
        run.communicate(timeout=30)

    assert sorted(said) == ["None", "conv_1"]


def test_what_could_not_be_taken_over_waits_for_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")

    async def fail(journal: Journal) -> None:
        async with journal.making("openai_thread", PLANNED) as entry:
            assert entry.adopted == "conv_1"
            raise Failure(error("The API can't be reached"))

    first = Journal(path, ORIGIN)
    with pytest.raises(Failure):
        asyncio.run(fail(first))
    first.close(answered=True)
    assert left(path) == [("conv_1", False)]
    second = Journal(path, ORIGIN)
    assert asyncio.run(make(second, "conv_2")) == "conv_1"
    second.close()


def test_rewriting_keeps_what_was_answered(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    first = Journal(path, ORIGIN)
    asyncio.run(make(first, "conv_1"))
    first.close(answered=True)
    path.write_text(path.read_text() + "{}\n" * (LARGE // 3 + 1))

    assert left(path) == [("conv_1", True)]
    assert path.stat().st_size < 1_000


def test_each_workspace_has_its_own_objects(tmp_path: Path) -> None:
    assert workspace(tmp_path, {}) == "default"
    (tmp_path / ".terraform").mkdir()
    (tmp_path / ".terraform" / "environment").write_text("prod")
    assert workspace(tmp_path, {}) == "prod"
    assert workspace(tmp_path, {"TF_WORKSPACE": "test"}) == "test"
    assert fingerprint("openai_thread", CONTENT, "prod") != PLANNED
    assert fingerprint("openai_thread", CONTENT, "default") == PLANNED
