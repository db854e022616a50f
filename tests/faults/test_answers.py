"""Random answers, for a few seconds: `make faults SCRIPT=answers` takes an hour."""

from pathlib import Path

from tests.faults.answers import explored
from tests.support.memory import MOST_MIB


def test_random_answers_leave_no_wrong_state_and_lose_nothing(tmp_path: Path) -> None:
    done = explored(tmp_path, seconds=6, begin=1)

    assert done["found"] == []
    assert done["tracebacks"] == 0
    assert done["wrong_answers"] > 10
    assert done["peak_mib"] < MOST_MIB
