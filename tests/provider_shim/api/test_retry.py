"""Pure decisions: what is repeated, and how long one waits."""

from datetime import UTC, datetime

import pytest

from provider_shim.api.retry import (
    LONGEST_PAUSE,
    LONGEST_WAIT,
    Decision,
    Outcome,
    Repeat,
    backoff,
    decide,
    is_uncertain,
    may_repeat,
    retry_after,
    should_retry,
)

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "Thu, 01 Jan 2099 00:00:00 GMT"}, 2_275_560_000.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after-ms": "inf"}, None),
        ({"retry-after-ms": "nan"}, None),
        ({"retry-after-ms": "-inf"}, None),
        ({"retry-after-ms": "soon"}, None),
    ],
)
def test_a_server_says_when_in_seconds_or_as_a_date(headers: dict[str, str], expected: float | None) -> None:
    assert retry_after(headers, NOW) == expected


@pytest.mark.parametrize(
    ("status", "code", "again", "create_again"),
    [
        (400, None, False, False),
        (400, "conversation_locked", True, True),
        (401, None, False, False),
        (403, None, False, False),
        (404, None, False, False),
        (408, None, True, False),
        (409, None, True, False),
        (429, "rate_limit_exceeded", True, True),
        (429, "insufficient_quota", False, False),
        (500, None, True, False),
        (501, None, False, False),
        (503, None, True, False),
    ],
)
def test_a_create_is_repeated_only_if_it_certainly_did_not_happen(
    status: int,
    code: str | None,
    again: bool,
    create_again: bool,
) -> None:
    assert may_repeat(status, code, Repeat.ALWAYS) == again
    assert may_repeat(status, code, Repeat.NEVER_TWICE) == create_again
    assert is_uncertain(status, Repeat.NEVER_TWICE) == (again and not create_again)
    assert not is_uncertain(status, Repeat.ALWAYS)


def test_waits_grow_up_to_a_limit_and_differ() -> None:
    waits = [[backoff(attempt) for attempt in range(12)] for _ in range(50)]

    assert all(0.25 <= each[0] <= 0.5 for each in waits)
    assert all(each[11] <= LONGEST_WAIT for each in waits)
    assert len({each[5] for each in waits}) > 1


ALWAYS, NEVER_TWICE = Repeat.ALWAYS, Repeat.NEVER_TWICE
UNCERTAIN = Decision(None, uncertain=True, back_off=None)
REFUSED = Decision(None, uncertain=False, back_off=None)
AGAIN = Decision(7, uncertain=False, back_off=None)
LONGEST = Decision(LONGEST_PAUSE, uncertain=False, back_off=LONGEST_WAIT)


@pytest.mark.parametrize(
    ("outcome", "repeat", "expected"),
    [
        (Outcome(503, asked=7), ALWAYS, AGAIN),
        (Outcome(503, asked=7), NEVER_TWICE, UNCERTAIN),
        (Outcome(501, asked=7), ALWAYS, REFUSED),
        (Outcome(501, asked=7), NEVER_TWICE, REFUSED),
        (Outcome(301), NEVER_TWICE, UNCERTAIN),
        (Outcome(318), Repeat.ALWAYS, REFUSED),
        (Outcome(429, asked=7), NEVER_TWICE, Decision(7, uncertain=False, back_off=7)),
        (
            Outcome(429, asked=86_400),
            ALWAYS,
            LONGEST,
        ),
        (Outcome(429, "insufficient_quota", asked=7), ALWAYS, REFUSED),
        (
            Outcome(400, "conversation_locked", asked=7),
            NEVER_TWICE,
            AGAIN,
        ),
        (Outcome(200, asked=7), ALWAYS, AGAIN),
        (Outcome(200, asked=7), NEVER_TWICE, UNCERTAIN),
        (Outcome(503, asked=7, again=False), ALWAYS, REFUSED),
        (Outcome(400, asked=7, again=True), ALWAYS, AGAIN),
        (Outcome(503, asked=7, again=True), NEVER_TWICE, UNCERTAIN),
        (Outcome(asked=7, sent=False), NEVER_TWICE, AGAIN),
        (Outcome(asked=7), NEVER_TWICE, UNCERTAIN),
        (Outcome(asked=7), ALWAYS, AGAIN),
        (Outcome(sent=False, hopeless=True), ALWAYS, REFUSED),
    ],
)
def test_one_decision_says_whether_and_when_a_call_is_tried_again(
    outcome: Outcome, repeat: Repeat, expected: Decision
) -> None:
    assert decide(outcome, repeat, attempt=0, most=1, left=1_000) == expected


@pytest.mark.parametrize("asked", [86_400.0, 2_275_560_000.0])
def test_no_pause_that_is_asked_for_is_longer_than_the_longest(asked: float) -> None:
    outcome = Outcome(429, asked=asked)

    assert decide(outcome, Repeat.ALWAYS, 0, 4, 300.0) == Decision(60.0, uncertain=False, back_off=8.0)
    assert decide(outcome, Repeat.ALWAYS, 0, 4, 59.0).wait is None


def test_a_call_ends_with_its_tries_and_with_its_time() -> None:
    broken = Outcome(503, asked=7)

    assert decide(broken, ALWAYS, attempt=1, most=2, left=7.1).wait == 7
    assert decide(broken, ALWAYS, attempt=2, most=2, left=7.1).wait is None
    assert decide(broken, ALWAYS, attempt=1, most=2, left=7).wait is None


def test_a_server_says_whether_a_further_try_is_any_use() -> None:
    said = [should_retry({"x-should-retry": each}) for each in ("true", "False", "", "perhaps")]

    assert said == [True, False, None, None]
    assert should_retry({}) is None
