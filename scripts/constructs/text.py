"""Python as a person would have it: docstrings that fit, imports that are used, formatted."""

import re
import subprocess
import sys
from pathlib import Path
from textwrap import wrap

_WIDTH = 104
_BIN = Path(__file__).resolve().parents[2] / ".venv" / "bin"
_FIXES = (
    "--isolated",
    "--select=F401,I001",
    "--fix",
    "--quiet",
    '--config=lint.isort.known-first-party=["cdktf_openai_thread", "provider_shim"]',
)


def summary(description: str, name: str, indent: int) -> str:
    """Return the first line of a docstring: the first sentence, or as much of it as fits."""
    first = re.split(r"(?<=[.]) (?=[A-Z`])", description, maxsplit=1)[0]
    for candidate in (first, first.partition(": ")[0], first.partition(", ")[0]):
        line = candidate.rstrip(".") + "."
        if len(line) + indent + 6 <= _WIDTH + 6:
            return line
    return f"The attribute `{name}`."


def docstring(description: str, name: str, indent: int) -> str:
    """Return a docstring: what is said of an attribute, wrapped."""
    description = description.replace("\\", "\\\\")
    first = summary(description, name, indent)
    if first.rstrip(".") == description.rstrip("."):
        return f'{" " * indent}"""{first}"""'
    rest = description.removeprefix(first).strip() if description.startswith(first) else description
    return "\n".join([f'{" " * indent}"""{first}', "", *paragraph(rest, indent), f'{" " * indent}"""'])


def paragraph(text: str, indent: int, hanging: int = 0) -> list[str]:
    """Return lines of a docstring's text."""
    margin = " " * indent
    return wrap(
        text,
        _WIDTH,
        initial_indent=margin,
        subsequent_indent=margin + " " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def formatted(path: Path, text: str) -> str:
    """Return a module without the imports that it does not use, as `ruff format` has it."""
    fixed = _ruff("check", path, text, *_FIXES)
    return _ruff("format", path, fixed, "--isolated", "--line-length", "110")


def _ruff(command: str, path: Path, text: str, *options: str) -> str:
    # Also where another environment runs the tests, which has the packages of this one and not its commands.
    ruff = next(each for each in (Path(sys.executable).with_name("ruff"), _BIN / "ruff") if each.exists())
    done = subprocess.run(
        [ruff, command, *options, "--stdin-filename", path.name, "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{path}: {done.stdout}{done.stderr}")
    return done.stdout
