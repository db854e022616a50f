"""What a handler raises becomes a diagnostic: a bug of ours, or what the machine lacks."""

import asyncio
import errno
import os

import pytest

from provider_shim.terraform.diagnostics import Diagnostic
from provider_shim.terraform.guard import crash, finished


@pytest.mark.parametrize(
    ("failure", "todo"),
    [
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE)), "ulimit -n"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/state"), "Free some space"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), "can be written"),
        (MemoryError(), "Free some memory"),
    ],
)
def test_what_the_machine_lacks_is_no_bug(failure: Exception, todo: str) -> None:
    said = crash(failure, "Creating a box")

    assert said.summary == "The machine is in the way"
    assert todo in said.detail


def test_anything_else_is_a_bug_with_its_kind() -> None:
    said = crash(FileNotFoundError(errno.ENOENT, "No such file", "x"), "Creating a box")

    assert said.summary.startswith("This is a bug in cdktf-openai-thread")
    assert "FileNotFoundError" in said.detail


def test_an_explanation_that_fails_itself_still_ends_in_an_answer() -> None:
    async def step() -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    def explain(_: BaseException) -> list[Diagnostic]:
        raise OSError(errno.EMFILE, "not even a module can be imported")

    result, said = asyncio.run(finished(step(), "Creating a box", explain))

    assert result is None
    assert [each.summary for each in said] == ["The machine is in the way"]
