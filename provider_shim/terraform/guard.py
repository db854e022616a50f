"""Runs a handler so that whatever it raises becomes a diagnostic."""

import errno
import logging
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import TypeVar

from provider_shim.terraform.diagnostics import Diagnostic, Failure, error
from provider_shim.terraform.secrets import redacted

Result = TypeVar("Result")

_SPACE = "Free some space, then apply again."
_TODO = {
    errno.EMFILE: "Raise the number of files that a process may open (ulimit -n), then apply again.",
    errno.ENFILE: "The whole system has as many files open as it may. Close some programs, then apply again.",
    errno.ENOMEM: "Free some memory, then apply again.",
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EROFS: "Give it a file system that can be written, then apply again.",
    errno.EIO: "Check the disk.",
}

_log = logging.getLogger(__name__)

_PACKAGE = __name__.partition(".")[0]
_REPORT = "This is a bug in cdktf-openai-thread, please report it"
_SHOWN = 500
"""Characters of an exception's text that a user sees."""


def attempted(step: Callable[[], Result], what: str) -> tuple[Result | None, list[Diagnostic]]:
    """Call a handler that waits for nothing; return its result, or None and why there is none."""
    try:
        return step(), []
    except Failure as failure:
        return None, list(failure.diagnostics)
    except Exception as failure:  # noqa: BLE001 - Terraform gets an answer, whatever happened
        return None, [crash(failure, what)]


async def finished(
    step: Awaitable[Result], what: str, explain: Callable[[BaseException], list[Diagnostic] | None]
) -> tuple[Result | None, list[Diagnostic]]:
    """Wait for a handler; return its result, or None and why there is none.

    Args:
        step: The handler's coroutine.
        what: What it does, for a report of a bug.
        explain: Returns what to show of an exception that the provider knows; None of others.
    """
    try:
        return await step, []
    except Failure as failure:
        return None, list(failure.diagnostics)
    except BaseException as failure:  # noqa: BLE001 - a cancelled call, too, must answer with what was reached
        return None, _explained(failure, explain) or [crash(failure, what)]


def _explained(
    failure: BaseException, explain: Callable[[BaseException], list[Diagnostic] | None]
) -> list[Diagnostic] | None:
    """Return what the provider says of an exception; None where even that fails."""
    try:
        return explain(failure)
    except Exception:  # noqa: BLE001 - Terraform gets an answer, whatever happened
        _log.debug("no explanation", exc_info=True)
        return None


def crash(failure: BaseException, what: str) -> Diagnostic:
    """Report an exception that nobody expected. Its traceback is for the log alone."""
    _log.debug("%s failed", what, exc_info=failure)
    text = redacted(" ".join(str(failure).split()))[:_SHOWN]
    if (machine := _of_the_machine(failure)) is not None:
        return error("The machine is in the way", f"{what} failed: {text}. {machine}")
    named = f"{type(failure).__name__}: {text}" if text else type(failure).__name__
    return bug(f"{what} failed with {named}{_place(failure)}")


def _of_the_machine(failure: BaseException) -> str | None:
    """Return what to do where the machine, and no bug, is why something failed; None otherwise."""
    if isinstance(failure, MemoryError):
        return "Free some memory, or run terraform with a lower -parallelism, then apply again."
    return _TODO.get(failure.errno or 0) if isinstance(failure, OSError) else None


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
    """Return the innermost line of ours, which a reader of the report looks up first."""
    for frame, line in reversed(list(traceback.walk_tb(failure.__traceback__))):
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] == _PACKAGE and module != __name__:
            return f" (in {module}.{frame.f_code.co_qualname}, line {line})"
    return ""
