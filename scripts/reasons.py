"""Find each `noqa` without a reason: an exception that nobody explains is nobody's.

    python -m scripts.reasons

The reason stands behind the codes, `# noqa: PLC0415 - a slow import`; that of a whole file in the comment
above it.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDERS: Final = (
    "benchmarks",
    "cdktf_openai_thread",
    "examples",
    "openai_thread_pytest",
    "provider_shim",
    "scripts",
    "tests",
)

_EXCEPTION: Final = re.compile(r"#(?P<file> ruff:)? noqa\b(?!.* - \w)(?!: [A-Z0-9, ]+`)")


def unexplained(text: str) -> Iterator[int]:
    """Yield the number of each line with an exception that has no reason."""
    for number, (before, line) in enumerate(pairwise(["", *text.splitlines()]), 1):
        found = _EXCEPTION.search(line)
        if found and not (found["file"] and before.startswith("# ")):
            yield number


def main() -> None:
    """Print where a reason is missing; exit with 1 if there is such a place."""
    files = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))
    places = [
        f"{path.relative_to(ROOT)}:{number}: noqa without a reason"
        for path in files
        if "cdktf.out" not in path.parts
        for number in unexplained(path.read_text(encoding="utf-8"))
    ]
    print("\n".join(places), end="\n" if places else "")
    raise SystemExit(bool(places))


if __name__ == "__main__":
    main()
