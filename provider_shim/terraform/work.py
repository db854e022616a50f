"""Runs a handler's coroutine so that what it has reached is never lost."""

import asyncio
import logging
import sys
import traceback
from collections.abc import Coroutine
from typing import Any

from provider_shim.terraform.diagnostics import Diagnostic, Failure, error

_log = logging.getLogger(__name__)

_PACKAGE = __name__.partition(".")[0]
_REPORT = "This is a bug in cdktf-openai-thread, please report it"
_SHOWN = 500
"""Characters of an exception's text that a user sees."""


class Running:
    """The handlers' coroutines under way. Each runs to its end, whoever waits for it.

    Terraform drops a call when it is interrupted twice or dies. The object may have been
    made by then, and the journal has to say so: the work goes on.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def finish(self, coroutine: Coroutine[Any, Any, Any], what: str) -> tuple[Any, list[Diagnostic]]:
        """Wait for a handler; give its result, or None and why there is none."""
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait({task})
        return outcome(task, what)

    def background(self, coroutine: Coroutine[Any, Any, Any], what: str) -> None:
        """Run a coroutine that nobody waits for."""
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)

        def ended(task: "asyncio.Task[Any]") -> None:
            self._tasks.discard(task)
            outcome(task, what)

        task.add_done_callback(ended)

    async def drained(self, seconds: float) -> None:
        """Wait until all has ended, for some seconds at most."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)


def outcome(task: "asyncio.Task[Any]", what: str) -> tuple[Any, list[Diagnostic]]:
    """Take a finished task apart: its result, or None and diagnostics."""
    if task.cancelled():
        return None, [bug(f"{what} was cancelled from within")]
    failure = task.exception()
    if failure is None:
        return task.result(), []
    if isinstance(failure, Failure):
        return None, list(failure.diagnostics)
    return None, [crash(failure, what)]


def crash(failure: BaseException, what: str) -> Diagnostic:
    """Tell of an exception that nobody expected. Its traceback is for the log alone."""
    _log.debug("%s failed", what, exc_info=failure)
    text = " ".join(str(failure).split())[:_SHOWN]
    named = f"{type(failure).__name__}: {text}" if text else type(failure).__name__
    return bug(f"{what} failed with {named}{_place(failure)}")


def bug(what: str) -> Diagnostic:
    """Ask the user to report what should not happen."""
    from provider_shim import __version__  # noqa: PLC0415 - most runs have no bug

    version = ".".join(map(str, sys.version_info[:3]))
    return error(
        _REPORT,
        f"{what}.\n\nPlease report it with this text, cdktf-openai-thread {__version__}, Python {version}. "
        "TF_LOG=debug shows more.",
    )


def _place(failure: BaseException) -> str:
    """The innermost line of ours: what a reader of the report looks up first."""
    for frame, line in reversed(list(traceback.walk_tb(failure.__traceback__))):
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] == _PACKAGE and module != __name__:
            return f" (in {module}.{frame.f_code.co_qualname}, line {line})"
    return ""
