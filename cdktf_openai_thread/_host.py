"""The framework that the app is written in: CDKTF or its successor CDK Terrain, decided once.

Every module of this package takes `tf` from here. To the type checker it is always cdktf: cdktn
has the same interface and more.
"""

import importlib
import sys
from types import CodeType, FrameType, ModuleType
from typing import TYPE_CHECKING, Final

_FRAMEWORKS: Final = ("cdktf", "cdktn")


def _host() -> ModuleType:
    """Return the framework that the app imports, else the first that is installed.

    Both can be installed side by side, and constructs of one do not work in an app of the other.
    """
    for name in _FRAMEWORKS:
        if (loaded := sys.modules.get(name)) is not None:
            return loaded
    # Sorted imports have this package before cdktn: ask what is still to come.
    wanted = [name for name in _imported_later() if name in _FRAMEWORKS]
    for name in (*wanted, *_FRAMEWORKS):
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
    """Return what the modules that are being imported right now import, the app's own first."""
    found: list[str] = []
    ours = __name__.partition(".")[0]
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the one way to what is half imported
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if name.partition(".")[0] not in (ours, "importlib"):
            found[:0] = _imports(frame.f_code)
        frame = frame.f_back
    return found


def _imports(code: CodeType) -> list[str]:
    from dis import get_instructions  # noqa: PLC0415 - only needed where no framework is loaded yet

    return [
        str(each.argval).partition(".")[0] for each in get_instructions(code) if each.opname == "IMPORT_NAME"
    ]


if TYPE_CHECKING:
    import cdktf as tf
else:
    tf = _host()

__all__ = ["tf"]
