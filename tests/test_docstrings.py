"""Docstrings have one form, Google's: what reads them, an editor or mkdocs, is told of one."""

import ast
import re
from pathlib import Path

from scripts.reasons import FOLDERS
from tests.support.environment import ROOT

OF_SPHINX = re.compile(r"^\s*:(?:param|raises|returns?|rtype|type)\b[^:\n]*:", re.MULTILINE)
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def docstrings(path: Path) -> list[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return [ast.get_docstring(each) or "" for each in nodes if isinstance(each, DOCUMENTED)]


def test_no_docstring_has_another_form() -> None:
    files = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))
    found = [
        f"{path.relative_to(ROOT)}: {field[0].strip()}"
        for path in files
        if "cdktf.out" not in path.parts
        for field in OF_SPHINX.finditer("\n".join(docstrings(path)))
    ]

    assert found == []


def test_a_field_of_sphinx_is_found() -> None:
    assert OF_SPHINX.search("Do it.\n\n    :raises ValueError: if it can't be done.")
