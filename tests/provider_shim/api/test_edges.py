"""Where a decision about an answer turns into the other one."""

import time
from datetime import UTC, datetime

import pytest

from provider_shim.api.absence import is_absent
from provider_shim.api.retry import Outcome, Repeat, backoff, decide, retry_after, seconds_of

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
ABSENT = "Conversation 'conv_1' not found"


@pytest.mark.parametrize(
    ("status", "again"), [(299, True), (300, False), (499, False), (500, True), (501, False)]
)
def test_a_status_decides_whether_a_read_is_tried_again(status: int, again: bool) -> None:
    decision = decide(Outcome(status), Repeat.ALWAYS, attempt=0, most=4, left=100.0)

    assert (decision.wait is not None) is again


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Sun, 22 Nov 2026 12:00:30 +0100", 0.0),
        ("Sun, 22 Nov 2026 12:00:30 -0100", 3630.0),
        ("Sun, 22 Nov 2026 12:00:30 -0000", 30.0),
    ],
)
def test_a_date_counts_in_its_time_zone_and_without_one_as_utc(date: str, seconds: float) -> None:
    assert retry_after({"retry-after": date}, NOW) == seconds


def test_a_date_without_a_zone_is_in_utc_wherever_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "America/New_York")
        time.tzset()
        seconds = seconds_of("Sun, 22 Nov 2026 12:00:30 -0000")
    time.tzset()

    assert seconds == NOW.timestamp() + 30


@pytest.mark.parametrize(
    "date",
    ["", "x", "Fri, 31 Dec 99999 23:59:59 GMT", "Fri, 99 Dec 2026 23:59:59 GMT", "1 Jan 1 0:0:0 +9999"],
)
def test_a_date_that_no_clock_has_is_none(date: str) -> None:
    assert seconds_of(date) is None


def test_a_date_is_seen_from_now() -> None:
    assert (retry_after({"retry-after": "Fri, 31 Dec 2999 23:59:59 GMT"}) or 0) > 1e9


@pytest.mark.parametrize(("attempt", "longest"), [(0, 0.5), (1, 1.0), (2, 2.0), (9, 8.0)])
def test_a_wait_doubles_up_to_the_longest_and_is_at_least_half_of_it(attempt: int, longest: float) -> None:
    waits = [backoff(attempt) for _ in range(200)]

    assert longest / 2 <= min(waits) <= max(waits) <= longest


@pytest.mark.parametrize(
    ("body", "absent"),
    [
        ({"detail": {"message": ABSENT}}, True),
        ({"detail": ABSENT}, True),
        ({"error": {"message": "Bad gateway"}, "detail": ABSENT}, False),
    ],
)
def test_a_detail_counts_where_there_is_no_error_beside_it(body: dict[str, object], absent: bool) -> None:
    assert is_absent(404, body, "/conversations/conv_1") is absent
