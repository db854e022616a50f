"""Makes the project's description of README.md: what a package index shows.

A relative link leads nowhere there, and a relative picture is broken: of the former the text stays, the
latter are left out.
"""

import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

FENCE = re.compile(r"^(```.*?^```$)", re.MULTILINE | re.DOTALL)
PICTURE = re.compile(r"(\[)?!\[[^\]]*\]\((?!https?:)[^)]*\)(?(1)\]\([^)]*\))\n?")
HTML_PICTURE = re.compile(r"^<picture>.*?^</picture>\n", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]+)\]\((?![a-z]+:|#)[^)]*\)")


class Description(MetadataHookInterface):
    """Read by the build; pyproject.toml names it."""

    def update(self, metadata: dict[str, object]) -> None:
        """Put the description into the project's metadata."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": description(text)}


def description(readme: str) -> str:
    """Return README's text without relative links and pictures. What is in a fence stays as it is."""
    return "".join(
        part if part.startswith("```") else LINK.sub(r"\1", PICTURE.sub("", HTML_PICTURE.sub("", part)))
        for part in FENCE.split(readme)
    )
