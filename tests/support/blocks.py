"""The documents of the project and the code blocks in them."""

import re
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

from tests.support.environment import ROOT

DOCS = ROOT / "docs"
_FENCE = re.compile(
    r"^(?:<!-- test: (?P<comment>[^\n]+?) -->\n+)?(?P<indent> *)```(?P<language>\w+)(?P<options>[^\n]*)\n"
    r"(?P<text>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)


class Block(NamedTuple):
    """A fenced code block.

    ``note`` is what a comment before it, ``<!-- test: NOTE -->``, tells the tests.
    """

    document: Path
    line: int
    language: str
    title: str
    note: str
    text: str

    @property
    def name(self) -> str:
        """The document and the line, as `docs/index.md:7`."""
        return f"{self.document.relative_to(ROOT)}:{self.line}"

    @property
    def identifier(self) -> str:
        """The same as a name that Terraform takes."""
        return re.sub(r"\W", "_", self.name)

    @property
    def is_program(self) -> bool:
        """Whether it is a whole cdktf app."""
        return self.language == "python" and "App()" in self.text and "app.synth()" in self.text

    @property
    def is_client(self) -> bool:
        """Whether it talks to the API through the SDK."""
        return self.language == "python" and bool(re.search(r"^from openai import", self.text, re.MULTILINE))

    @property
    def is_fragment(self) -> bool:
        """Whether it is some lines of an app."""
        return self.language == "python" and not (self.is_program or self.is_client)


def documents() -> list[Path]:
    """Return README and its neighbours, then every page of the documentation."""
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def is_session(document: Path) -> bool:
    """Tell whether a page is run from its first block to its last; see sessions.py."""
    return document.read_text().startswith("---\nsession: true\n")


def framework(document: Path) -> str:
    """Tell what a page's programs are written in: cdktf, or what `framework:` in its front matter says."""
    head = document.read_text().partition("\n---\n")[0]
    found = re.search(r"^framework: (\w+)$", head, re.MULTILINE)
    return found[1] if found else "cdktf"


@cache
def blocks(document: Path) -> tuple[Block, ...]:
    """Return the code blocks of a document, in order."""
    text = document.read_text()
    return tuple(
        Block(
            document,
            text.count("\n", 0, found.start("indent")) + 1,
            found["language"],
            "".join(re.findall(r'title="([^"]+)"', found["options"])),
            found["comment"] or "",
            dedent(found["text"]),
        )
        for found in _FENCE.finditer(text)
    )


def every(language: str) -> list[Block]:
    """Return the blocks in this language, of all documents that are not run as a session."""
    return [
        block
        for document in documents()
        if not is_session(document)
        for block in blocks(document)
        if block.language == language
    ]


def following(block: Block, language: str) -> Block | None:
    """Return the very next block, if it is in this language."""
    after = [each for each in blocks(block.document) if each.line > block.line]
    return after[0] if after and after[0].language == language else None
