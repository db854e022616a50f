"""The text of an uploaded file."""

import codecs
import re
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

READ_BYTES: Final = 64 * 1024 * 1024
"""Text is taken from files of up to this size; a larger one can't be searched."""

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SKIPPED: Final = {"script", "style", "template"}
_BLOCKS: Final = {"p", "br", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "section"}


class UnreadableError(Exception):
    """No text can be had from the file; `code` is the API's, the text says why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def extract(path: Path, filename: str) -> str:
    """Return the text of a plain text, HTML, Word or PDF file; raises `UnreadableError`."""
    size = path.stat().st_size
    if size > READ_BYTES:
        raise UnreadableError(
            "invalid_file", f"The file has {size} bytes; at most {READ_BYTES} can be indexed."
        )
    suffix = Path(filename).suffix.lower()
    text = _EXTRACTORS.get(suffix, _plain)(path)
    # NUL would end the text for SQLite's tokenizer.
    text = text.replace("\x00", " ")
    if not text.strip():
        raise UnreadableError("unsupported_file", "The file holds no text that could be searched.")
    return text


def _plain(path: Path) -> str:
    raw = path.read_bytes()
    marked = [encoding for mark, encoding in _BYTE_ORDER_MARKS if raw.startswith(mark)]
    encoding = marked[0] if marked else "utf-8"
    if not marked and b"\x00" in raw:
        raise UnreadableError(
            "unsupported_file", "The file is binary: it holds no text that could be searched."
        )
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableError(
            "unsupported_file", "The file is neither UTF-8 nor UTF-16 text, HTML, Word nor PDF."
        ) from None


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._skipping += tag in _SKIPPED
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._skipping = max(0, self._skipping - (tag in _SKIPPED))
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.parts.append(data)


def _html(path: Path) -> str:
    parser = _Html()
    parser.feed(_plain(path))
    parser.close()
    return re.sub(r"\s*\n\s*", "\n", "".join(parser.parts))


def _word(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as package:
            document = package.getinfo("word/document.xml")
            if document.file_size > READ_BYTES:
                raise UnreadableError(
                    "invalid_file", f"The document's text has more than {READ_BYTES} bytes."
                )
            with package.open(document) as part:
                # Bounded once more: the size in the archive's list may be a lie. Entities are no
                # danger: expat bounds what they expand to.
                root = ET.fromstring(part.read(READ_BYTES))  # noqa: S314 - read within bounds; expat fetches nothing
    except (zipfile.BadZipFile, KeyError, ET.ParseError, NotImplementedError, RuntimeError) as error:
        raise UnreadableError(
            "invalid_file", f"The file is not a readable Word document ({error})."
        ) from None
    paragraphs = root.iter(f"{_WORD}p")
    return "\n".join("".join(run.text or "" for run in one.iter(f"{_WORD}t")) for one in paragraphs)


def _pdf(path: Path) -> str:
    from pypdf import PdfReader  # noqa: PLC0415 - only where a PDF is indexed
    from pypdf.errors import PyPdfError  # noqa: PLC0415 - few files are PDF

    try:
        return "\n".join(page.extract_text() for page in PdfReader(path).pages)
    # A damaged PDF surfaces as whatever the parser stumbled over.
    except (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableError("invalid_file", f"The file is not a readable PDF ({error}).") from None


_EXTRACTORS: Final[dict[str, Callable[[Path], str]]] = {
    ".docx": _word,
    ".htm": _html,
    ".html": _html,
    ".pdf": _pdf,
}
