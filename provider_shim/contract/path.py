"""Where in a configuration something is: ``messages[0].role``."""

from typing import Final

Step = str | int
Path = tuple["Step | Key", ...]


class Key(str):
    """A key of a map, as opposed to the name of an attribute."""

    __slots__ = ()


_LONGEST: Final = 100
"""Characters of a key that a text shows."""
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "${": "$${", "%{": "%%{"}
"""As HCL has them in a quoted text."""


def spelled(path: Path) -> str:
    """The path as Terraform writes it: ``messages[0].metadata["topic"]``."""
    text = ""
    for step in path:
        if isinstance(step, Key):
            text += f'["{_escaped(step)}"]'
        elif isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def _escaped(key: str) -> str:
    text = key if len(key) <= _LONGEST else f"{key[:_LONGEST]}…"
    for raw, escape in _ESCAPES.items():
        text = text.replace(raw, escape)
    return text
