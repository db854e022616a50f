"""What `make check` takes for an exception without a reason."""

import pytest

from scripts.reasons import unexplained


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import a  # QA: PLC0415", [1]),
        ("import a  # QA", [1]),
        ("import a  # QA: PLC0415, N802 -", [1]),
        ("x = 1\n# ruff: QA: PTH109", [2]),
        ("import a  # QA: PLC0415 - a slow import", []),
        ("import a  # type: ignore[x]  # QA: PLC0415, N802 - as above", []),
        ("# Slow to import.\n# ruff: QA: PTH109", []),
        ("# ruff: QA: PTH109 - slow to import", []),
        ("nothing = 1  # of note", []),
    ],
)
def test_an_exception_needs_a_reason(text: str, expected: list[int]) -> None:
    assert list(unexplained(text.replace("QA", "noqa"))) == expected
