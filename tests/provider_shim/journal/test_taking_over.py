"""Taking over what an interrupted run has made: one object is given to one resource, whatever happens."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from provider_shim.journal.journal import Journal
from provider_shim.journal.matches import Account, Standing
from provider_shim.journal.records import Lookup, digest
from tests.support.killed_runs import (
    CONTENT,
    PLANNED,
    killed_run,
    killed_while_it_was_sent,
    living_run,
    make,
    opened,
)

LOOKUP = Lookup("digest")


def named(journal: Journal, state: tuple[str, ...] | None = ()) -> list[str | None]:
    """Return the ids of what a create of the same content has to name."""
    judged = journal.judged("openai_thread", PLANNED, state)
    journal.close()
    return [record.id for record, what in judged if what is Standing.NAMED]


@pytest.mark.parametrize("when", ["made", "left"])
def test_an_object_in_no_state_is_taken_over_by_one_resource(tmp_path: Path, when: str) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, when)

    journal = opened(path)
    assert make(journal, "conv_2") == "conv_1"
    assert make(journal, "conv_3") is None  # a second resource with the same content
    journal.close()


def test_of_two_that_are_free_one_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made", "conv_1")
    killed_run(path, "made", "conv_2")
    journal = opened(path)
    pending = journal.begin("openai_thread", PLANNED, None, ())
    before = pending.id, pending.problem
    pending.made("conv_1")
    rest = journal.begin("openai_thread", PLANNED, None, ())
    journal.close()

    assert [each.id for each in pending.earlier] == ["conv_1"]
    assert before == (None, None)
    assert rest.adopted == "conv_2"
    assert '"names"' not in path.read_text()


def test_what_the_state_holds_is_settled_and_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")

    journal = opened(path)
    assert make(journal, "conv_2", state=("conv_1",)) is None
    journal.close()
    later = opened(path, engine="later")
    assert [record.id for record in later.unsettled()] == ["conv_2"]
    later.close()


def test_what_can_not_be_proven_is_named_and_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")

    journal = opened(path)
    assert make(journal, "conv_2", state=None) is None
    journal.close()
    assert named(opened(path, engine="later"), None) == ["conv_1", "conv_2"]


def test_what_an_import_has_read_is_named_and_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")
    journal = opened(path, engine="import")
    journal.imported("conv_1")
    journal.close()

    assert named(opened(path)) == ["conv_1"]
    assert make(opened(path), "conv_2") is None


@pytest.mark.parametrize(
    ("theirs", "ours", "taken", "told"),
    [
        (Account("key"), Account("key"), True, []),
        (Account("key"), Account("rotated"), False, ["conv_1"]),
        (Account("key", ("org", "a")), Account("rotated"), False, ["conv_1"]),
        (Account("key", ("org", "a")), Account("rotated", ["org", "a"]), True, []),
        (Account("key", ("org", "a")), Account("rotated", ["org", "b"]), False, []),
    ],
    ids=["same key", "another key", "not told yet", "a rotated key", "another project"],
)
def test_only_the_same_account_takes_over(
    tmp_path: Path, theirs: Account, ours: Account, told: list[str], *, taken: bool
) -> None:
    path = tmp_path / "journal.jsonl"
    first = opened(path, engine="earlier", account=theirs)
    make(first, "conv_1")
    first.close()

    assert named(opened(path, account=ours)) == told
    journal = opened(path, account=ours)
    assert (make(journal, "conv_2") == "conv_1") == taken
    journal.close()


def test_other_content_another_type_api_or_stack_is_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")

    for journal in (opened(path, origin="https://other.example"), opened(path, stack="another")):
        assert make(journal, "conv_2") is None
        journal.close()
    journal = opened(path)
    assert make(journal, "conv_3", digest("openai_thread", {})) is None
    assert make(journal, "conv_4", digest("openai_message", CONTENT)) is None
    journal.close()


def test_what_the_run_under_way_has_made_is_not_for_its_other_providers(tmp_path: Path) -> None:
    """Terraform ends the provider of an alias as soon as its own resources are done."""
    path = tmp_path / "journal.jsonl"
    first = opened(path, engine="run")
    make(first, "conv_1")
    first.close()

    sibling = opened(path, engine="run")
    assert make(sibling, "conv_2") is None
    assert named(sibling, None) == []


def test_what_a_run_that_is_alive_has_made_is_left_to_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with living_run(path, "wait"):
        journal = opened(path)
        assert journal.unsettled() == []
        assert make(journal, "conv_2") is None

    assert [record.id for record in journal.unsettled()] == ["conv_1"]  # it has ended now
    journal.close()


def test_an_interrupted_run_is_waited_for_and_one_whose_engine_is_there_is_not(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    assert not opened(path).waits_for("openai_thread", PLANNED, lambda _engine: False)
    with living_run(path, "slow"):
        journal, elsewhere = opened(path), opened(path, account=Account("another project"))
        sibling = opened(path, engine="earlier")
        during = [
            journal.waits_for("openai_thread", PLANNED, lambda _engine: False),
            journal.waits_for("openai_thread", PLANNED, lambda engine: engine == "earlier"),
            journal.waits_for("openai_thread", "another digest", lambda _engine: False),
            sibling.waits_for("openai_thread", PLANNED, lambda _engine: False),
            elsewhere.waits_for("openai_thread", PLANNED, lambda _engine: False),
        ]
    after = journal.waits_for("openai_thread", PLANNED, lambda _engine: False)

    assert during == [True, False, False, False, True]  # whose it is, it may still be told
    assert not after


def test_an_id_that_stands_in_two_records_is_given_away_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")
    killed_run(tmp_path / "again.jsonl", "made")
    path.write_text(path.read_text() + (tmp_path / "again.jsonl").read_text())

    journal = opened(path)
    assert make(journal, "conv_2") == "conv_1"
    assert make(journal, "conv_3") is None
    journal.close()


def test_an_id_that_stands_in_two_records_is_not_given_away_while_a_run_that_has_it_is_under_way(
    tmp_path: Path,
) -> None:
    killed_run(tmp_path / "again.jsonl", "made")
    again = (tmp_path / "again.jsonl").read_text()
    alive, ended = tmp_path / "alive.jsonl", tmp_path / "ended.jsonl"
    with living_run(alive, "wait"):
        with alive.open("a") as file:
            file.write(again)
        journal = opened(alive)
        assert make(journal, "conv_2") is None
        journal.close()
    killed_run(ended, "made")
    sibling = opened(ended)  # its process ends, and its engine's run goes on
    make(sibling, "conv_2")
    sibling.close()
    with ended.open("a") as file:
        file.write(again)
    journal = opened(ended)
    assert make(journal, "conv_3") is None
    journal.close()


def test_what_is_not_for_a_run_keeps_it_from_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    other = opened(path, engine="earlier", stack="another")
    make(other, "conv_other")
    other.close()
    for identifier in ("conv_1", "conv_1", "conv_2"):
        killed_run(tmp_path / "next.jsonl", "made", identifier)
        path.write_text(path.read_text() + (tmp_path / "next.jsonl").read_text())
        (tmp_path / "next.jsonl").unlink()
    journal = opened(path)

    assert [make(journal, "conv_3") for _ in range(3)] == ["conv_1", "conv_2", None]
    journal.close()


def test_two_runs_that_have_read_the_same_journal_do_not_take_the_same(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")
    code = """
        import sys
        from pathlib import Path
        from tests.support.killed_runs import make, opened

        journal = opened(Path(sys.argv[1]), engine=sys.argv[3])
        journal.unsettled()
        print("read", flush=True)
        sys.stdin.readline()
        print(make(journal, "conv_other", sys.argv[2]), flush=True)
        sys.stdin.read()
    """
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), str(path), PLANNED, engine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for engine in ("one", "two")
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
    first = opened(path, engine="first")
    pending = first.begin("openai_thread", PLANNED, None, ())
    pending.refused()  # the API can't be reached
    first.close()

    assert pending.adopted == "conv_1"
    second = opened(path)
    assert make(second, "conv_2") == "conv_1"
    second.close()


def test_a_gone_object_that_was_taken_over_is_replaced_and_settled(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")
    journal = opened(path)
    pending = journal.begin("openai_thread", PLANNED, None, ())
    pending.made("conv_2")
    journal.close()
    later = opened(path, engine="later")

    assert pending.adopted == "conv_1"
    assert [record.id for record in later.unsettled()] == ["conv_2"]
    later.close()


def test_all_that_was_asked_for_without_an_answer_is_looked_for_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    asked = [killed_while_it_was_sent(path), killed_while_it_was_sent(path)]
    journal = opened(path)
    first = journal.begin("openai_thread", PLANNED, LOOKUP, None)
    first.made("conv_1")
    second = journal.begin("openai_thread", PLANNED, LOOKUP, None)
    journal.close()

    assert [each.key for each in first.unanswered] == asked
    assert second.unanswered == ()


def test_what_was_looked_for_in_vain_is_looked_for_again_by_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    asked = killed_while_it_was_sent(path)
    first = opened(path, engine="first")
    first.begin("openai_thread", PLANNED, LOOKUP, ()).refused()  # two could be it
    first.close()
    second = opened(path)
    pending = second.begin("openai_thread", PLANNED, LOOKUP, ())
    second.close()

    assert [each.key for each in pending.unanswered] == [asked]


def test_what_can_not_be_looked_for_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "sent")
    killed_while_it_was_sent(path)
    journal, stranger = opened(path), opened(path, account=Account("another key"))
    pending = journal.begin("openai_thread", PLANNED, None, ())
    elsewhere = stranger.begin("openai_thread", PLANNED, LOOKUP, ())
    journal.close()
    stranger.close()

    assert (pending.unanswered, len(pending.named)) == ((), 2)
    assert (elsewhere.unanswered, len(elsewhere.named)) == ((), 2)


def test_what_is_named_is_named_once_in_a_run(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "sent")
    counts = []
    for engine in ("plan and apply", "plan and apply", "later"):
        journal = opened(path, engine=engine)
        counts.append(len(journal.name(journal.unsettled())))
        journal.close()

    assert counts == [1, 0, 1]
