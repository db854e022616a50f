"""Lost answers and storms: each script once and small."""

from tests.faults.ground import Site
from tests.faults.losses import lost
from tests.faults.storms import storm


def test_nothing_is_there_twice_after_lost_answers(place: Site) -> None:
    found = lost(place, faults=12, each=3)

    assert set(found["duplicates"].values()) == {0}
    assert (found["resources"], found["distinct"], found["second_plan_empty"]) == (12, 12, True)


def test_a_storm_of_429_is_waited_out_without_hammering(place: Site) -> None:
    found = storm(place, 25)

    assert (found["made"], found["in_state"]) == (25, 25)
    assert 0 < found["refused"] < 25
