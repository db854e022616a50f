"""The journal: what dies when, and what the next run knows of it. Runs are processes that are killed."""

import asyncio
import errno
import fcntl
import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from provider_shim.journal.file import Unusable, stamp_of
from provider_shim.journal.journal import LARGE, journals
from provider_shim.journal.matches import Account, Standing
from provider_shim.journal.place import STEM
from provider_shim.journal.records import Lookup, Records
from tests.support.killed_runs import (
    ORIGIN,
    PLANNED,
    killed_run,
    killed_while_it_was_sent,
    living_run,
    make,
    opened,
)


def events(path: Path) -> list[str]:
    return [json.loads(line)["event"] for line in path.read_text().splitlines()]


def left(path: Path) -> list[str | None]:
    """Return the ids, None for those that never came, that runs which have ended left."""
    journal = opened(path, engine="later")
    try:
        return [record.id for record in journal.unsettled()]
    finally:
        journal.close()


def test_what_is_seen_in_the_state_is_settled_and_the_file_removed(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "left")

    journal = opened(path)
    journal.stored("conv_other")
    journal.stored("conv_1")
    assert events(path) == ["run", "pending", "made", "run", "settled"]
    assert journal.unsettled() == []
    journal.close()
    assert list(tmp_path.iterdir()) == []


def test_what_its_own_run_brings_is_not_settled_with_that(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal, sibling = opened(path), opened(path)
    make(journal, "conv_1")
    journal.stored("conv_1")
    journal.close()
    sibling.stored("conv_1")
    sibling.close()

    assert left(path) == ["conv_1"]


def test_what_an_import_brings_is_not_settled_before_a_later_run(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")
    for engine in ("import", "import", "later"):
        journal = opened(path, engine=engine)
        if engine == "import":
            journal.imported("conv_1")
        journal.stored("conv_1")
        journal.close()
        if engine == "import":
            assert left(path) == ["conv_1"]

    assert not path.exists()


def test_an_id_of_another_api_or_account_is_not_settled(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")
    for journal in (
        opened(path, origin="https://other.example"),
        opened(path, account=opened(path).account()._replace(secret="another key")),
    ):
        journal.stored("conv_1")
        journal.close()

    assert left(path) == ["conv_1"]


def test_what_was_refused_is_forgotten_and_what_may_have_been_made_is_not(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = opened(path)
    journal.begin("openai_thread", PLANNED, None, None).refused()
    journal.close()
    first = path.exists()
    journal = opened(path)
    journal.begin("openai_thread", PLANNED, None, None)
    journal.close()

    assert not first
    assert left(path) == [None]


def test_what_was_kept_on_purpose_stays_until_it_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = opened(path)
    journal.retain("openai_thread", "conv_1", "retained")
    journal.close()
    kept = left(path)
    again = opened(path)
    again.gone("conv_1")
    again.close()

    assert kept == ["conv_1"]
    assert left(path) == []


def test_what_was_kept_tells_why_and_whose_run_kept_it_and_is_nobodys_to_take_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = opened(path)
    journal.retain("openai_thread", "conv_1", "retained")
    [record] = journal.anew().values()
    number = journal.run.run
    journal.close()
    later = opened(path, engine="later")

    assert (record.type_name, record.id, record.why) == ("openai_thread", "conv_1", "retained")
    assert (record.by, record.run, record.content, record.origin) == (number, number, "", ORIGIN)
    assert len(record.key) == 16
    assert abs(record.at - time.time()) < 60
    assert later.judged("openai_thread", "", ()) == []
    later.close()


def test_what_could_not_be_taken_over_is_again_the_run_s_that_asked(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")
    journal = opened(path)
    [before] = journal.unsettled()
    pending = journal.begin("openai_thread", PLANNED, None, ())
    [taken] = [each for each in journal.anew().values() if each.id]
    pending.refused()
    [after] = Records(path.read_text().splitlines()).values()
    journal.close()

    assert taken.run == journal.run.run
    assert after == before


def test_an_import_by_an_engine_that_is_not_known_is_this_processes(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")
    journal = opened(path, engine="")
    journal.imported("conv_1")
    [record] = journal.anew().values()
    journal.close()

    assert record.imported == str(journal.run.run)


def test_no_text_and_no_key_is_written_and_nobody_else_may_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "made")
    text = path.read_text()

    assert "secret" not in text
    assert "leave" not in text
    assert '"key"' not in text.replace('"key":', "")  # the account's secret of these runs
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_is_as_short_as_json_can_be(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = opened(path)
    make(journal, "conv_1")
    journal.close()
    lines = path.read_text().splitlines()

    assert lines == [json.dumps(json.loads(line), separators=(",", ":")) for line in lines]


def test_a_large_journal_is_rewritten_with_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "sent")
    run, pending = path.read_text().splitlines()
    settled = pending.replace(json.loads(pending)["key"], "x") + '\n{"event":"settled","key":"x"}\n'
    path.write_text(f"{run}\n{pending}\n" + settled * (LARGE // len(settled) + 1))
    before = path.stat()

    assert left(path) == [None]
    assert path.stat().st_size < 1_500 < LARGE < before.st_size
    journal = opened(path)
    [(record, _)] = journal.judged("openai_thread", PLANNED, ())
    assert journal.anew().run_of(record).engine == "earlier"
    journal.close()


def test_what_another_version_noted_is_kept_when_all_else_is_settled_and_when_it_is_rewritten(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.jsonl"
    later = '{"event":"promised","key":"k","id":"conv_later"}'
    path.write_text(f"{later}\n")

    assert left(path) == []
    assert later in path.read_text().splitlines()
    killed_run(path, "left")
    settled = '{"event":"settled","key":"x"}\n'
    with path.open("a") as file:
        file.write(settled * (LARGE // len(settled) + 1))
    journal = opened(path)
    journal.stored("conv_1")
    journal.close()
    assert path.stat().st_size < LARGE
    assert later in path.read_text().splitlines()


def test_ten_thousand_records_cost_a_start_no_rewriting_and_a_create_little(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "sent")
    run, pending = path.read_text().splitlines()
    event = json.loads(pending)
    made = (
        json.dumps({**event, "key": f"k{n}", "content": f"c{n}", "id": f"conv_{n}"}) for n in range(10_000)
    )
    path.write_text("\n".join([run, *made]) + "\n")
    before = stamp_of(path.stat())
    journal = opened(path)
    journal.anew()
    began = time.process_time()
    judged = [journal.judged("openai_thread", f"c{number}", ()) for number in range(100)]
    cpu = time.process_time() - began

    assert stamp_of(path.stat()) == before
    assert [[(each.id, what) for each, what in found] for found in judged] == [
        [(f"conv_{number}", Standing.FREE)] for number in range(100)
    ]
    assert cpu < 1.0  # seconds: a tenth of a second is usual
    journal.close()


def test_rewriting_keeps_what_is_somebodys_as_long_as_something_is_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    killed_run(path, "sent")
    journal = opened(path)
    make(journal, "conv_1")
    journal.close()
    later = opened(path, engine="later")
    later.stored("conv_1")
    later.close()
    path.write_text(path.read_text() + "{}\n" * (LARGE // 3 + 1))

    again = opened(path)
    assert again.knows("conv_1")
    assert not again.knows("conv_2")
    assert path.stat().st_size < 1_500
    again.close()


def test_a_run_that_is_alive_while_others_rewrite_still_has_its_description(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with living_run(path, "slow"):
        with path.open("a") as file:
            file.write("{}\n" * (LARGE // 3 + 1))
        assert left(path) == []
    [run, *_] = (json.loads(line) for line in path.read_text().splitlines())

    assert run["engine"] == "earlier"
    assert left(path) == [None]


def test_many_runs_at_once_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    code = """
        import sys
        from pathlib import Path
        from tests.support.killed_runs import make, opened

        journal = opened(Path(sys.argv[1]), engine=sys.argv[2])
        for number in range(25):
            make(journal, f"conv_{sys.argv[2]}_{number}", f"{sys.argv[2]}-{number}")
    """
    runs = [
        subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), str(path), str(number)])
        for number in range(4)
    ]
    assert [run.wait(60) for run in runs] == [0] * 4

    assert set(left(path)) == {f"conv_{r}_{n}" for r in range(4) for n in range(25)}


def test_the_file_stays_as_long_as_a_run_has_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with living_run(path, "wait"):
        journal = opened(path)
        journal.stored("conv_1")
        journal.close()
        there = path.exists()

    assert there
    assert left(path) == []
    assert not path.exists()


def test_runs_that_remove_the_file_lose_no_line_of_those_that_wait_for_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    code = """
        import sys
        from pathlib import Path
        from tests.support.killed_runs import make, opened

        for number in range(60):
            journal = opened(Path(sys.argv[1]), engine=sys.argv[2])
            make(journal, f"conv_{sys.argv[2]}_{number}", sys.argv[2] + str(number))
            journal.gone(f"conv_{sys.argv[2]}_{number}")
            journal.close()
        make(opened(Path(sys.argv[1]), engine=sys.argv[2]), f"conv_{sys.argv[2]}", sys.argv[2])
    """
    runs = [
        subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), str(path), str(number)])
        for number in range(4)
    ]
    assert [run.wait(60) for run in runs] == [0] * 4

    assert set(left(path)) == {f"conv_{number}" for number in range(4)}


def test_an_id_that_the_journal_could_not_take_is_kept_by_who_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = opened(tmp_path / "journal.jsonl")
    pending = journal.begin("openai_thread", PLANNED, None, None)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", _failing)
        with pytest.raises(Unusable):
            asyncio.run(journal.on_disk())
    pending.made("conv_1")
    journal.close()

    assert pending.id == "conv_1"
    assert isinstance(pending.problem, Unusable)


def _failing(_file: int) -> None:
    raise OSError(5, "Input/output error")


def test_what_others_have_asked_for_without_an_answer_is_told(tmp_path: Path) -> None:
    here, beside = (tmp_path / f"{STEM}.{stack}.jsonl" for stack in ("here", "beside"))
    expected = [killed_while_it_was_sent(here), killed_while_it_was_sent(beside)]
    journal, elsewhere = opened(here), opened(here, origin="https://example.com")
    journal.begin("openai_thread", PLANNED, Lookup("digest"), ())
    unanswered = journal.unanswered("digest")
    nobody = elsewhere.unanswered("digest") + journal.unanswered("another digest")
    elsewhere.close()
    journal.close()

    assert [each.key for each in unanswered] == expected
    assert nobody == []


def test_what_a_stack_beside_has_made_is_somebodys(tmp_path: Path) -> None:
    killed_run(tmp_path / f"{STEM}.beside.jsonl", "made")
    journal = opened(tmp_path / f"{STEM}.here.jsonl")

    assert journal.knows("conv_1")
    assert not journal.knows("conv_2")
    assert not journal.path.exists()


def test_a_stack_beside_is_read_again_when_it_has_changed_and_whatever_is_in_it(tmp_path: Path) -> None:
    first, here, last = (tmp_path / f"{STEM}.{stack}.jsonl" for stack in ("a", "here", "z"))
    journal = opened(here)
    make(journal, "conv_own")
    killed_run(first, "made", "conv_first")
    killed_run(last, "made", "conv_last")
    last.write_bytes(b"\xff\n" + last.read_bytes())

    assert journal.knows("conv_first")
    assert journal.knows("conv_last")
    with first.open("a") as file:
        file.write(json.dumps({"event": "made", "key": "k", "id": "conv_later"}) + "\n")
    assert journal.knows("conv_later")
    once, again = (list(journal._everybodys())[1:] for _ in range(2))
    assert all(one is other for one, other in zip(once, again, strict=True))  # read once as long as it is so
    journal.close()


def test_what_another_run_notes_meanwhile_is_known(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = opened(path)
    make(journal, "conv_1")
    with path.open("a") as file:
        file.write(json.dumps({"event": "made", "key": "k", "id": "conv_2"}) + "\n")

    assert journal.knows("conv_2")
    journal.close()


def test_what_a_run_has_noted_itself_is_not_read_again(tmp_path: Path) -> None:
    journal = opened(tmp_path / "journal.jsonl")
    make(journal, "conv_1")
    before = journal.anew()
    make(journal, "conv_2")

    assert journal.anew() is before  # a reading makes it anew: with ten thousand records, at each create
    journal.close()


def test_a_start_reads_the_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, pread = tmp_path / "journal.jsonl", os.pread
    killed_run(path, "made")
    sizes: list[int] = []

    def watched(file: int, size: int, offset: int) -> bytes:
        sizes.append(size)
        return pread(file, size, offset)

    journal = opened(path)
    with monkeypatch.context() as seen:
        seen.setattr(os, "pread", watched)
        assert journal.unsettled()

    assert sizes == [path.stat().st_size]
    journal.close()


def test_a_file_that_can_no_longer_be_locked_is_let_go_of_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    path = tmp_path / "journal.jsonl"
    journal = opened(path)
    make(journal, "conv_1")
    with monkeypatch.context() as broken:
        broken.setattr(fcntl, "lockf", no_locks)
        journal.close()

    assert left(path) == ["conv_1"]


def test_all_that_a_record_says_survives_a_rewriting(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    lookup = Lookup("digest", since=17, before=("file-1",), seen=20, keys=("a",))
    journal = opened(path, account=opened(path).account()._replace(names=("org", "proj")))
    make(journal, "file-2", lookup=lookup)
    journal.imported("file-2")
    journal.name(journal.anew().values())
    journal.close()
    first = Records(path.read_text().splitlines())
    again = Records(json.dumps(each) for each in first.events())
    [record] = again.values()

    assert again == first
    assert again.runs == first.runs
    assert record.lookup == Lookup("digest", since=17, before=["file-1"], seen=20, keys=["a"])
    assert (record.id, record.names, record.imported, record.named, record.origin) == (
        "file-2",
        ["org", "proj"],
        "now",
        "now",
        ORIGIN,
    )


def test_what_is_handed_over_is_this_run_s_as_if_it_had_made_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = opened(path, account=Account("key", ("org", "proj")))
    journal.hand_over("openai_thread", {"conv_1": PLANNED, "conv_2": "other"})
    first, second = journal.anew().values()
    number = journal.run.run
    journal.close()
    later = opened(path, engine="later", account=Account("rotated", ("org", "proj")))

    assert (first.type_name, first.content, first.id, first.by, first.run, first.origin) == (
        "openai_thread",
        PLANNED,
        "conv_1",
        number,
        number,
        ORIGIN,
    )
    assert (second.content, second.id) == ("other", "conv_2")
    assert list(first.names or ()) == ["org", "proj"]
    assert make(later, "conv_3") == "conv_1"
    later.close()


def test_what_is_handed_over_names_no_account_where_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = opened(path)
    journal.hand_over("openai_thread", {"conv_1": PLANNED})
    [record] = journal.anew().values()
    journal.close()

    assert record.names is None
    assert '"names"' not in path.read_text()


def test_an_object_s_other_holders_are_told(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = opened(path)
    for _ in range(2):
        journal.retain("openai_thread", "conv_1", "retained")
    journal.retain("openai_thread", "conv_2", "retained")
    first, second, other = journal.anew().values()

    assert journal.holders("conv_1", first) == [second]
    assert journal.holders("conv_1", other) == [first, second]
    assert journal.holders("conv_3", first) == []
    journal.close()


def test_the_journals_of_a_folder_are_those_in_it_and_the_one_that_a_run_there_has(tmp_path: Path) -> None:
    stack = tmp_path / "cdktf.out" / "stacks" / "team"
    stack.mkdir(parents=True)
    (tmp_path / "cdktf.out" / "manifest.json").write_text("{}")
    named = [tmp_path / f"{STEM}{each}.jsonl" for each in ("", ".other", ".team")]

    assert journals(stack) == []
    assert journals(tmp_path) == []
    for each in (*named, tmp_path / "else.jsonl", stack / "else.jsonl"):
        each.write_text("")
    assert journals(tmp_path) == named
    assert journals(stack) == [tmp_path / f"{STEM}.team.jsonl"]
    (stack / f"{STEM}.own.jsonl").write_text("")
    assert journals(stack) == [tmp_path / f"{STEM}.team.jsonl", stack / f"{STEM}.own.jsonl"]
