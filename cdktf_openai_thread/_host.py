"""The framework that the app is written in: CDKTF or its successor CDK Terrain, decided once.

Every module of this package takes `tf` from here. To the type checker it is always cdktf: cdktn
has the same interface and more.
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Final

_FRAMEWORKS: Final = ("cdktf", "cdktn")


def _host() -> ModuleType:
    """Return the framework that is loaded already, else the first that is installed.

    Both can be installed side by side, and constructs of one do not work in an app of the other.
    """
    for name in _FRAMEWORKS:
        if name in sys.modules:
            return sys.modules[name]
    for name in _FRAMEWORKS:
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


if TYPE_CHECKING:
    import cdktf as tf
else:
    tf = _host()

__all__ = ["tf"]
