"""Copies of the examples, in a folder of a test's own."""

import shutil
from pathlib import Path
from typing import Any

from tests.support.environment import ROOT, in_framework


def copied(name: str, folder: Path) -> Path:
    """Copy an example without what runs of it have left; return where it is."""
    made = shutil.ignore_patterns(
        "cdktf.out",
        "__pycache__",
        "*.db*",
        "*.tfstate*",
        "outputs.json",
        "serve.log",
        "settings.json",
        ".openai-thread-*",
    )
    copy = Path(shutil.copytree(ROOT / "examples" / name, folder / f"an example, {name}", ignore=made))
    for program in copy.glob("*.py"):
        program.write_text(in_framework(program.read_text()))
    return copy


async def counted(client: Any) -> tuple[int, int]:
    """Return how many files and vector stores there are."""
    files = [each async for each in client.files.list()]
    stores = [each async for each in client.vector_stores.list()]
    return len(files), len(stores)
