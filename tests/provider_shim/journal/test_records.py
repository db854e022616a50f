"""What the lines of a journal say, and what is left of them."""

import hashlib
import json

import pytest

from provider_shim.journal.matches import Account, Asker, account_of
from provider_shim.journal.records import Record, Records, Run, digest, pending_event, plain, run_event, when

ASKED = ("openai_thread", "content", 17, "https://api.openai.com")


def record(key: str = "k", run: int = 1, **more: object) -> Record:
    return Record(key, run, *ASKED, **{"by": run, **more})  # type: ignore[arg-type]


def lines(*events: object) -> list[str]:
    return [each if isinstance(each, str) else json.dumps(each) for each in events]


def test_a_digest_is_of_compact_json_with_sorted_keys_and_what_is_not_known_counts_as_null() -> None:
    # Journals of earlier versions hold it: it must not change.
    expected = hashlib.sha256(b'["openai_thread",{"a":"1","b":null},"\\ud800"]').hexdigest()

    assert digest("openai_thread", {"b": object(), "a": "1"}, "\ud800") == expected


def test_what_servers_tidy_makes_no_difference() -> None:
    assert plain(" a\r\n b\tcafe\u0301  ") == "a b caf\u00e9"


def test_a_time_is_told_as_people_read_it() -> None:
    assert when(1_790_000_000) == "2026-09-21 14:13:20 UTC"


def test_a_line_that_is_no_event_is_passed_over_and_those_behind_it_are_read() -> None:
    found = Records(lines("{", "7", "{}", '{"event":"pending"}', '{"event":"new"}', pending_event(record())))

    assert list(found) == ["k"]
    assert found.later == ['{"event":"new"}']
    assert Records().later == []


def test_what_is_settled_twice_is_settled() -> None:
    found = Records(lines(pending_event(record())))
    for _ in range(2):
        found.take_in({"event": "settled", "key": "k"})

    assert not found


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": ["k"]},
        {"run": "1"},
        {"run": 1 << 40},
        {"run": -2},
        {"by": None},
        {"at": 1e30},
        {"at": 10**30},
        {"origin": 5},
        {"id": {}},
        {"names": "org"},
        {"before": [1]},
    ],
)
def test_a_line_with_what_no_version_writes_is_no_event(wrong: dict[str, object]) -> None:
    whole = pending_event(record())
    found = Records(lines({**whole, **wrong}, "[" * 100_000, '"event"', {**whole, "key": "next"}))

    assert list(found) == ["next"]


@pytest.mark.parametrize("number", [-1, (1 << 40) - 1])
def test_the_least_and_the_largest_number_that_a_version_writes_are_read(number: int) -> None:
    assert Records(lines(pending_event(record(since=number))))["k"].since == number


def test_a_member_that_a_later_version_adds_is_no_hindrance() -> None:
    assert list(Records(lines({**pending_event(record()), "later": {"a": None}}))) == ["k"]


def test_what_a_journal_holds_is_left_by_the_fewest_events() -> None:
    before = Records(
        lines(
            run_event(Run(1, "one")),
            run_event(Run(2, "two")),
            run_event(Run(3, "three")),
            pending_event(record("lost", 1)),
            pending_event(record("made", 3)),
            {"event": "made", "key": "made", "id": "conv_2"},
            {"event": "taken", "key": "made", "run": 2},
            pending_event(record("gone", 1)),
            {"event": "made", "key": "gone", "id": "conv_1"},
            {"event": "settled", "key": "gone"},
        )
    )
    events = before.events()
    after = Records(lines(*events))

    assert [each["event"] for each in events] == ["run", "run", "run", "pending", "pending", "ids"]
    assert events[-1] == {"event": "ids", "ids": ["conv_1", "conv_2"]}
    assert after == before
    assert after.runs == before.runs
    assert set(after.ids) == {"conv_1", "conv_2"}
    assert [each.key for each in after.of(["conv_2", "conv_1", "conv_2"])] == ["made"]
    assert after["made"].run == 2
    assert after["made"].by == 3


def test_ids_of_others_are_left_out_where_nothing_is_looked_for() -> None:
    before = Records(lines(run_event(Run(1)), pending_event(record(id="conv_1"))))

    assert [each["event"] for each in before.events()] == ["run", "pending"]


def test_ids_that_are_known_with_their_records_stay_so() -> None:
    found = Records(lines(pending_event(record(id="conv_1")), {"event": "ids", "ids": ["conv_1", "conv_2"]}))

    assert found.ids == {"conv_1": ["k"], "conv_2": []}


def test_the_engines_of_a_record_are_those_of_who_asked_and_who_answers() -> None:
    found = Records(lines(run_event(Run(1, "one")), run_event(Run(2, "two")), run_event(Run(3))))

    assert found.engines_of(record(run=2, by=1)) == {"one", "two"}
    assert found.engines_of(record(run=3, by=1)) == {"one"}
    assert found.engines_of(record(run=9, by=9)) == set()
    assert found.run_of(record(run=2, by=1)) == Run(1, "one")
    assert found.run_of(record(run=9, by=9)) == Run(9)


def test_of_the_same_content_are_only_records_of_that_type_that_are_left() -> None:
    found = Records(
        lines(
            pending_event(record("a")),
            pending_event(record("b")),
            pending_event(Record("c", 1, "openai_file", *ASKED[1:])),
            {"event": "settled", "key": "a"},
        )
    )

    assert [each.key for each in found.same(*ASKED[:2])] == ["b"]
    assert found.same("openai_thread", "other") == []


def test_what_is_looked_for_is_of_this_digest_and_this_api_and_without_an_id() -> None:
    found = Records(
        lines(
            *(
                pending_event(each)
                for each in (
                    record("it", digest="d"),
                    record("made", digest="d", id="file-1"),
                    record("other", digest="e"),
                    Record("elsewhere", 1, *ASKED[:3], "https://other.example", digest="d"),
                )
            )
        )
    )

    assert [each.key for each in found.unanswered("d", ASKED[3])] == ["it"]


@pytest.mark.parametrize(
    ("sealed", "names", "now", "expected"),
    [
        ("same key", None, ("org", "proj"), "same"),
        ("same key", ["org", "other"], ("org", "proj"), "same"),
        ("another key", ["org", "proj"], ("org", "proj"), "same"),
        ("another key", ["org", "other"], ("org", "proj"), "other"),
        ("another key", None, ("org", "proj"), "unknown"),
        ("another key", ["org", "proj"], (), "unknown"),
        ("", None, (), "unknown"),
    ],
)
def test_the_hash_decides_and_where_it_differs_the_names_do(
    sealed: str, names: list[str] | None, now: tuple[str, ...], expected: str
) -> None:
    account = Account(sealed).sealed("salt") if sealed else ""
    asker = Asker(Run(2), Account("same key", now), ASKED[3])

    assert account_of(record(names=names), Run(1, account=account), asker) == expected
    elsewhere = Asker(Run(2), Account("same key", now), "https://other.example")
    assert account_of(record(names=names), Run(1, account=account), elsewhere) == "other"


def test_a_sealed_account_gives_nothing_of_the_key_away_and_has_its_salt() -> None:
    first, second = (Account("sk-secret").sealed(salt) for salt in ("a1", "b2"))

    assert first.partition(".")[0] == "a1"
    assert first.partition(".")[2] != second.partition(".")[2]
    assert len(first.partition(".")[2]) == 32
    assert "secret" not in first
