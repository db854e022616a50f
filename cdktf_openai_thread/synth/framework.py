"""The framework that the app is written in: CDKTF or its successor CDK Terrain, decided once.

Every module of this package takes `tf` from here. To the type checker it is always cdktf: cdktn
has the same interface and more.
"""

import importlib
import sys
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Final

_FRAMEWORKS: Final = ("cdktf", "cdktn")
_BEFORE: Final = frozenset(_FRAMEWORKS) & {*sys.modules}
"""What the app had imported when it imported this package."""


def _framework() -> ModuleType:
    """Return the framework that the app imported first, or will import first, else one that is installed.

    Both can be installed side by side, and constructs of one do not work in an app of the other.
    """
    for name, loaded in [*sys.modules.items()]:  # in the order that they were imported in
        if name in _FRAMEWORKS and loaded is not None:
            return loaded
    # Sorted imports have this package before cdktn: ask what is still to come.
    for name in (*_imported_later(), *_FRAMEWORKS):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as missing:
            if missing.name != name:
                raise  # installed, and lacks something itself
    raise ImportError(
        "cdktf_openai_thread needs cdktf, or its successor cdktn, and found neither in "
        f"{sys.executable}. Install the one your app is written in: pip install cdktf, "
        "or pip install cdktn."
    )


def _imported_later() -> list[str]:
    """Return the frameworks that the modules being imported right now import, the app's own first."""
    found: list[str] = []
    ours = __name__.partition(".")[0]
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the one way to what is half imported
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if name.partition(".")[0] not in (ours, "importlib"):
            # The names that the code uses, in order: what it imports is among them.
            found[:0] = [each for each in map(_top, frame.f_code.co_names) if each in _FRAMEWORKS]
        frame = frame.f_back
    return found


def _top(name: str) -> str:
    return name.partition(".")[0]


def other_stack(stack: object) -> str | None:
    """Return what is wrong with a stack that is of the other framework; None if it is of this one."""
    if isinstance(stack, tf.TerraformStack):
        return None
    other = next(
        (_top(each.__module__) for each in type(stack).__mro__ if each.__name__ == "TerraformStack"), ""
    )
    early = f"{tf.__name__} was imported first" if _BEFORE else f"nothing had imported {other} before"
    return (
        f"scope is in a stack of {other}, and cdktf_openai_thread works with {tf.__name__}, because {early}. "
        f"Allowed: one framework in an app. Import {other} only, or before {tf.__name__}, in the module that "
        "the app starts with."
    )


if TYPE_CHECKING:
    import cdktf as tf
else:
    tf = _framework()

__all__ = ["other_stack", "tf"]
