"""What dies, what is interrupted, and what is found again."""

import pytest

from tests.faults.adoption import WAYS, added, after_a_kill, after_a_save, in_another_workspace
from tests.faults.crash import Boundary, Victim
from tests.faults.ground import Site
from tests.faults.interrupts import impatient, interrupted
from tests.faults.kills import Outcome, appended, at


@pytest.mark.parametrize(
    ("boundary", "victim", "type_name", "expected"),
    [
        ("committed", "provider", "openai_thread", Outcome(objects=2, named=1, silent=0)),
        ("committed", "provider", "openai_file", Outcome(objects=1, named=0, silent=0)),
        ("sent", "terraform", "openai_vector_store", Outcome(objects=1, named=0, silent=0)),
        ("committed", "terraform", "openai_message", Outcome(objects=1, named=0, silent=0)),
        ("answer read", "terraform", "openai_thread", Outcome(objects=1, named=0, silent=0)),
    ],
)
def test_after_a_death_there_is_one_object_or_a_line_in_the_journal(
    place: Site, boundary: Boundary, victim: Victim, type_name: str, expected: Outcome
) -> None:
    assert at(place, boundary, victim, type_name) == expected


def test_messages_that_were_added_before_a_death_are_there_once(place: Site) -> None:
    assert appended(place, "committed", "provider") == Outcome(objects=24, named=0, silent=0)


def test_ctrl_c_in_a_slow_create_leaves_its_id_in_the_state(place: Site) -> None:
    found = interrupted(place, slow=5, after=0.1)  # longer than any other call is waited for

    assert (found.made, found.held) == (1, True)


def test_a_run_waits_for_the_provider_that_an_interrupted_run_has_left(place: Site) -> None:
    assert impatient(place, 2.0) == (1, True)


@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
def test_a_thread_equal_to_one_in_the_state_is_another_one(place: Site, options: list[str]) -> None:
    assert added(place, options)


def test_equal_threads_of_a_killed_run_are_taken_over_one_by_one(place: Site) -> None:
    assert after_a_kill(place, 3)


def test_what_the_state_holds_is_nobody_elses_after_a_kill(place: Site) -> None:
    assert after_a_save(place)


def test_what_a_killed_run_made_in_one_workspace_is_not_for_another(place: Site) -> None:
    assert in_another_workspace(place)
