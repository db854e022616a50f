"""Taking over what an interrupted run has made: one object is given to one resource, whatever happens."""

import asyncio
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from provider_shim.api.journal import LARGE, Journal, workspace
from provider_shim.api.lines import Left, Sought, fingerprint
from provider_shim.api.places import STEM
from provider_shim.api.problem import Uncertain
from provider_shim.terraform.diagnostics import Failure, error
from tests.support.killed_runs import CONTENT, ORIGIN, PLANNED, RUN, killed_run, make


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


SOUGHT = Sought("digest")


async def look(journal: Journal, identifier: str | None, sought: Sought | None = SOUGHT) -> list[str]:
    """Create what can be looked for; give the keys of the lines that were not answered."""
    async with journal.making("openai_thread", PLANNED, sought) as entry:
        if identifier is None:
            raise Failure(error("Two could be it"))
        entry.made(identifier)
        return [each.key for each in entry.lost]


def killed_while_it_was_sent(path: Path) -> None:
    """Leave one more line of a run that died, of what can be looked for."""
    before = path.read_text() if path.exists() else ""
    path.unlink(missing_ok=True)
    killed_run(path, "sent")
    event = {**json.loads(path.read_text()), "alike": "digest"}
    path.write_text(before + json.dumps(event) + "\n")


def test_all_that_was_asked_for_without_an_answer_is_looked_for_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_while_it_was_sent(path)
    killed_while_it_was_sent(path)

    journal = Journal(path, ORIGIN)
    asked = [line.key for line in journal.unsettled()]
    assert len(asked) == 2
    assert asyncio.run(look(journal, "conv_1")) == asked
    assert asyncio.run(look(journal, "conv_2")) == []
    journal.close()
    assert left(path) == [("conv_1", False), ("conv_2", False)]


def test_what_was_looked_for_in_vain_is_looked_for_again_by_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_while_it_was_sent(path)

    first = Journal(path, ORIGIN)
    with pytest.raises(Failure):
        asyncio.run(look(first, None))
    first.close(answered=True)
    assert left(path) == [(None, False)]
    second = Journal(path, ORIGIN)
    assert len(asyncio.run(look(second, "conv_1"))) == 1
    second.close()


def test_what_can_not_be_looked_for_stays_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_while_it_was_sent(path)

    journal = Journal(path, ORIGIN)
    assert asyncio.run(look(journal, "conv_1", None)) == []
    journal.close()
    assert left(path) == [(None, False), ("conv_1", False)]


def test_what_the_state_holds_is_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")

    journal = Journal(path, ORIGIN, lambda: {"conv_1"})
    assert asyncio.run(make(journal, "conv_2")) is None
    journal.close()


def test_rewriting_keeps_what_is_somebodys_as_long_as_something_is_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_while_it_was_sent(path)
    first = Journal(path, ORIGIN)
    asyncio.run(look(first, "conv_1", None))
    first.settle("conv_1")
    first.close()
    path.write_text(path.read_text() + "{}\n" * (LARGE // 3 + 1))

    second = Journal(path, ORIGIN)
    second.unsettled()
    assert path.stat().st_size < 1_000
    assert second.knows("conv_1")
    assert not second.knows("conv_2")
    second.close()


def test_another_run_that_is_alive_and_makes_the_same_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    code = RUN.replace("os.kill(os.getpid(), signal.SIGKILL)", "sys.stdin.read()", 1)
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(path), PLANNED, "sent", "conv_1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdout.readline()
        journal = Journal(path, ORIGIN)
        during = journal.is_making("openai_thread", PLANNED)
        elsewhere = journal.is_making("openai_thread", "another fingerprint")
        other.stdin.close()
        other.wait(30)

    assert (during, elsewhere, journal.is_making("openai_thread", PLANNED)) == (True, False, False)
    assert asyncio.run(make(journal, "conv_2")) == "conv_1"
    journal.close()


def test_what_others_have_asked_for_without_an_answer_is_told(tmp_path: Path) -> None:
    here, beside = (tmp_path / f"{STEM}.{stack}.jsonl" for stack in ("here", "beside"))
    killed_while_it_was_sent(here)
    killed_while_it_was_sent(beside)

    async def told(journal: Journal) -> list[str]:
        async with journal.making("openai_thread", PLANNED, SOUGHT) as entry:
            assert journal.rivals("another digest") == []
            found = [each.key for each in journal.rivals("digest")]
            entry.made("conv_1")
            return found

    def key(path: Path) -> str:
        return str(json.loads(path.read_text().splitlines()[0])["key"])

    expected = [key(here), key(beside)]
    journal = Journal(here, ORIGIN)
    elsewhere = Journal(here, "https://example.com")

    assert asyncio.run(told(journal)) == expected
    assert elsewhere.rivals("digest") == []
    elsewhere.close()
    journal.close()


def test_what_a_stack_beside_has_made_is_somebodys(tmp_path: Path) -> None:
    killed_run(tmp_path / f"{STEM}.beside.jsonl", "made")
    journal = Journal(tmp_path / f"{STEM}.here.jsonl", ORIGIN)

    assert journal.knows("conv_1")
    assert not journal.knows("conv_2")
    assert not journal.path.exists()


def test_what_another_run_notes_meanwhile_is_known(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, ORIGIN)
    asyncio.run(make(journal, "conv_1"))
    event = {"event": "made", "key": "k", "id": "conv_2"}
    with path.open("a") as file:
        file.write(json.dumps(event) + "\n")

    assert journal.knows("conv_2")
    journal.close()


def test_what_was_there_before_is_noted_and_survives_a_rewriting(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    sought = Sought("digest", since=17, before=("file-1",), seen=20, keys=("a",))

    async def left_open() -> None:
        journal = Journal(path, ORIGIN)
        with pytest.raises(Uncertain):
            async with journal.making("openai_file", PLANNED, sought):
                raise Uncertain("uncertain", "No answer")
        journal.close()

    asyncio.run(left_open())
    first = Left(path.read_text().splitlines())
    again = Left(json.dumps(each) for each in first.events())
    [noted] = [each.sought for each in again.values()]

    assert again == first
    assert (noted.alike, noted.since, noted.before, noted.seen, noted.keys) == (
        "digest",
        17,
        ["file-1"],
        20,
        ["a"],
    )
