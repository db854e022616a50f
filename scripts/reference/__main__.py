"""Write docs/reference/: `make reference`.

What the contract knows is derived from it. What it can't know, an example and how to import, is in
pages/NAME.md, whose placeholders `{{ … }}` are filled in.
"""

from pathlib import Path

from scripts.reference.api_errors import api_errors
from scripts.reference.commands import command_line
from scripts.reference.page import contracts, page

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
TEMPLATES = Path(__file__).with_name("pages")


def written() -> dict[Path, str]:
    """Return what each generated file should hold."""
    pages = {REFERENCE / f"{name}.md": page(TEMPLATES / f"{name}.md") for name in contracts()}
    return {
        **pages,
        REFERENCE / "api-errors.md": api_errors(),
        REFERENCE / "command-line.md": command_line(),
    }


def main() -> None:
    """Write the files."""
    REFERENCE.mkdir(exist_ok=True)
    for path, text in written().items():
        path.write_text(text)


if __name__ == "__main__":
    main()
