"""What a message says: the texts in its JSON, for a search and for an excerpt."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Final

WORDS: Final = 8
"""Words that a search looks at, at most."""

# Members that say what a thing is, not what it says.
_STRUCTURE: Final = frozenset({"type", "role", "status", "id", "detail", "phase", "encrypted_content"})
_SPOKEN: Final = ("content", "text", "value", "refusal", "summary", "name", "arguments", "input", "output")


def words(query: str) -> list[str]:
    """Split a query into the words to look for, each once and without regard to case."""
    return list(dict.fromkeys(query.casefold().split()))[:WORDS]


def texts(value: object) -> Iterator[str]:
    """Yield every text that a person or a program wrote."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name not in _STRUCTURE:
                yield from texts(one)


def spoken(value: object) -> Iterator[str]:
    """Yield what a reader would call the text: no ids, no addresses."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from spoken(one)
    elif isinstance(value, dict):
        for name in _SPOKEN:
            yield from spoken(value.get(name))


def teach(db: sqlite3.Connection) -> None:
    """Teach SQL the functions ``says(json, word)`` and ``has(metadata, word)``."""
    db.create_function("says", 2, _says, deterministic=True)
    db.create_function("has", 2, _has, deterministic=True)


def holding(word: str, column: str, function: str) -> tuple[str, list[str]]:
    """Return the condition that a JSON column holds a word, and its arguments.

    SQLite's LIKE is quick and knows no case beyond ASCII. So it sifts where the word is ASCII, and
    what is left, which may match in the JSON's own words, is decided by `function`.
    """
    if not word.isascii():
        return f"{function}({column}, ?)", [word]
    escaped = json.dumps(word)[1:-1]
    for special in "\\%_":
        escaped = escaped.replace(special, f"\\{special}")
    return f"({column} LIKE ? ESCAPE '\\' AND {function}({column}, ?))", [f"%{escaped}%", word]


def _says(body: str, word: str) -> bool:
    return any(word in text.casefold() for text in texts(json.loads(body)))


def _has(metadata: str, word: str) -> bool:
    return any(word in f"{name}\n{value}".casefold() for name, value in json.loads(metadata).items())
