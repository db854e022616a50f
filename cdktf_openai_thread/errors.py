"""What is raised at synth, before anything is written."""

import sys
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Any

from provider_shim.contract.check import Problem
from provider_shim.contract.paths import as_text

_PACKAGE = str(Path(__file__).parent)
_SHOWN = 10
"""Problems that a message lists."""
_RAISED: "deque[ConfigurationError]" = deque(maxlen=100)
"""The last ones: jsii keeps of an exception no more than its text."""


class ConfigurationError(ValueError):
    """A construct was given something that no deploy could use.

    ``problems`` holds each one: ``path``, ``summary`` and ``detail``. Left uncaught, the
    user's line and the problems are printed, without a traceback.
    """

    def __init__(self, construct: str, problems: list[Problem]) -> None:
        """Name the construct, as ``Thread "stack/onboarding"``, and what is wrong with it."""
        self.construct = construct
        self.problems = tuple(problems)
        self.where = _line_of_the_user()
        shown = [each.detail for each in problems[:_SHOWN]]
        if len(problems) > _SHOWN:
            shown.append(f"and {len(problems) - _SHOWN} more of {len(problems)}: see problems of this error.")
        lines = "\n".join(f"  {each}" for each in shown)
        at = f" ({self.where})" if self.where else ""
        super().__init__(f"{construct}{at}\n{lines}")
        _RAISED.append(self)


def construct_of(within: Any) -> str:  # noqa: ANN401 - a construct, or a reference within one
    """Name a construct as an error does; of a reference the one that it belongs to."""
    while not hasattr(within, "node"):
        within = within._owner  # noqa: SLF001 - a reference is a part of its owner
    return f'{type(within).__name__} "{within.node.path}"'


def raised_within(text: str) -> ConfigurationError | None:
    """Return the error whose text this one is made of, the last one first."""
    return next((each for each in reversed(_RAISED) if str(each) in text), None)


def _line_of_the_user() -> str:
    frame = sys._getframe(1)  # noqa: SLF001 - the one way to a caller's line that costs nothing
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith((_PACKAGE, "<")) and "/jsii/" not in name:
            return f"{as_text(name)}:{frame.f_lineno}"
        if frame.f_back is None:
            break
        frame = frame.f_back
    return ""


def print_without_traceback() -> None:
    """Have Python print an error that nobody catches without its traceback, where it is one of these."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, ConfigurationError):
            sys.stderr.write(f"Error: {error}\n")
        else:
            before(kind, error, trace)

    sys.excepthook = hook
