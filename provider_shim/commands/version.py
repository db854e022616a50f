"""What runs: the package, its Python, and the OpenAI SDK that this Python imports."""

import platform
import sys

from provider_shim import __version__
from provider_shim.api import sdk_import


def version() -> str:
    """Return three lines; the last one ends with what is needed where that SDK can't be used."""
    python = f"Python {platform.python_version()}, {sys.executable}"
    return f"cdktf-openai-thread {__version__}\n{python}\nOpenAI SDK {_sdk()}"


def _sdk() -> str:
    try:
        sdk_import.load()
        import openai  # noqa: PLC0415 - may be missing, or be something else
    except Exception as problem:  # noqa: BLE001 - whatever an SDK that does not fit fails with
        return f"can't be imported: {type(problem).__name__}: {' '.join(str(problem).split())}"
    found = f"{getattr(openai, '__version__', 'without a version')}, {openai.__file__}"
    wrong = sdk_import.unsupported(openai)
    return f"{found}. {wrong}" if wrong else found
