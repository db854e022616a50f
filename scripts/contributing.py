"""Keep docs/contributing/README.md true: its drawing of the packages, and its links to functions.

    python -m scripts.contributing

The drawing's arrows are what the packages import. A link names a function or a class; its file is looked up:
the one that it has, or else wherever the name is. A link has no line, since each edit above it would move it.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from tests.support.imports import imports, modules

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "contributing" / "README.md"

_ARROW: Final = re.compile(r"^    \w+ --> \w+\n", re.MULTILINE)
_NODE: Final = re.compile(r"^ +(\w+)\[", re.MULTILINE)
_LINK: Final = re.compile(r"\[`([\w.]+)`\]\(\.\./\.\./([\w./]+\.py)(?:#L\d+)?\)")
_ALONE: Final = {"provider_shim.cli": "commands", "provider_shim.__main__": "main"}
"""Modules beside the packages, and the node of the drawing that they belong to."""


def renewed(text: str) -> str:
    """Return the page with the arrows and the files that are right now.

    Raises:
        LookupError: A package has no node in the drawing, or a link names nothing, or many things.
    """
    arrows = sorted(_arrows())
    lacking = {name for arrow in arrows for name in arrow} - set(_NODE.findall(text))
    if lacking:
        raise LookupError(f"{PAGE.name}: the drawing has no node for {', '.join(sorted(lacking))}")
    first = _ARROW.search(text)
    if first is None:
        raise LookupError(f"{PAGE.name}: the drawing has no arrow")
    before, after = text[: first.start()], _ARROW.sub("", text[first.start() :])
    drawn = before + "".join(f"    {one} --> {other}\n" for one, other in arrows) + after
    return _LINK.sub(lambda link: _linked(link[1], link[2]), drawn)


def _arrows() -> Iterator[tuple[str, str]]:
    found = {(_node(module), _node(name)) for module, path in modules().items() for name in imports(path)}
    return ((one, other) for one, other in found if one and other and one != other)


def _node(module: str) -> str:
    """Return the node of a module; none for what is not of the two packages."""
    if module.startswith("cdktf_openai_thread"):
        return "synth"
    for alone, node in _ALONE.items():
        if module.startswith(alone):
            return node
    steps = module.split(".")
    named = steps[0] == "provider_shim" and (ROOT / "provider_shim" / steps[min(1, len(steps) - 1)]).is_dir()
    return steps[1] if named and len(steps) > 1 else ""


def _linked(name: str, path: str) -> str:
    places = [each for each in _defined().get(name, []) if each[0] == path] or _defined().get(name, [])
    if len(places) != 1:
        where = ", ".join(f"{file}:{line}" for file, line in places) or "nowhere"
        raise LookupError(f"{PAGE.name}: {name} is defined {where}; a link needs one place")
    return f"[`{name}`](../../{places[0][0]})"


@cache
def _defined() -> dict[str, list[tuple[str, int]]]:
    """Return where each function and class is, by its name within its module."""
    found: dict[str, list[tuple[str, int]]] = {}
    for path in modules().values():
        for name, line in _definitions(ast.parse(path.read_text()).body, ""):
            found.setdefault(name, []).append((str(path.relative_to(ROOT)), line))
    return found


def _definitions(body: list[ast.stmt], within: str) -> Iterator[tuple[str, int]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield within + node.name, node.lineno
        if isinstance(node, ast.ClassDef):
            yield from _definitions(node.body, f"{within}{node.name}.")


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(renewed(PAGE.read_text()))


if __name__ == "__main__":
    main()
