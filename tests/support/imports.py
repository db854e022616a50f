"""What the modules of the two packages import."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.environment import ROOT

PACKAGES = ("cdktf_openai_thread", "provider_shim")


def modules() -> dict[str, Path]:
    """Return every module of the two packages by its dotted name."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {dotted(path): path for path in sorted(files)}


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything a module imports, wherever in the module it does so."""
    package = dotted(path) if path.stem == "__init__" else dotted(path).rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(), path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)
