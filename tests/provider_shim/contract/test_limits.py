"""A limit is a number in one place: texts take it from the constant."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from provider_shim.contract import limits
from tests.support.environment import ROOT

SMALLEST = 16
"""Smaller numbers stand for many things."""
FOLDERS = ("provider_shim", "cdktf_openai_thread", "openai_thread_pytest")
GENERATED = "bindings"


CHANCE = {
    ("provider_shim/commands/bundle.py", "CHUNK_TOKENS"),
    ("provider_shim/commands/doctor/framework.py", "CODE_INTERPRETER_FILES"),
    ("provider_shim/contract/file.py", "METADATA_KEY"),
    ("provider_shim/local/page/words.py", "BATCH_FILES"),
    ("provider_shim/local/vector_stores.py", "SEARCH_RESULTS"),
    ("provider_shim/resources/content.py", "METADATA_KEY"),
}
"""The same number, of something else: digits of a SHA-256, an example of a count, milliseconds,
megabytes on a disk, a version of Node.js."""


def spellings() -> dict[str, str]:
    """Each number and date of a limit as a text would have it, and the name of its constant."""
    found: dict[str, str] = {}
    for name, value in vars(limits).items():
        if name.isupper():
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, int) and each >= SMALLEST:
                    found[f"{each:,}"] = name
    return found | {limits.SWITCHED_OFF: "SWITCHED_OFF"}


def texts(module: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(module.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def repeated(text: str) -> list[str]:
    return [
        name
        for number, name in spellings().items()
        if re.search(rf"(?<![\w.,:/-]){re.escape(number)}(?![\w:/-]|[.,]\d)", text)
    ]


MODULES = [
    path
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*.py"))
    if GENERATED not in path.parts and path.name != "limits.py"
]


def test_no_text_of_the_product_repeats_a_limit() -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in MODULES
        for _, text in texts(path)
        for name in repeated(text)
    }

    assert found == CHANCE


@pytest.mark.parametrize("text", ["at most 16, keys", "3,600 to", "off on 2026-08-26.", "has (512 MB)"])
def test_a_repeated_limit_is_found(text: str) -> None:
    assert repeated(text)
