"""Full-text search in a vector store, in place of OpenAI's search by meaning."""

import json
import re
import sqlite3
from collections.abc import Callable
from typing import Any, Final

from provider_shim.contract.limits import SEARCH_RESULTS
from provider_shim.local.errors import invalid
from provider_shim.local.shapes import (
    array,
    at,
    boolean,
    choice,
    either,
    integer,
    named,
    number,
    record,
    string,
)

WORDS: Final = 64
"""Words of a query that are looked for; the rest of a longer one is ignored."""
FILTER_DEPTH: Final = 16

_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda kept, given: bool(kept == given),
    "ne": lambda kept, given: bool(kept != given),
    "gt": lambda kept, given: bool(kept > given),
    "gte": lambda kept, given: bool(kept >= given),
    "lt": lambda kept, given: bool(kept < given),
    "lte": lambda kept, given: bool(kept <= given),
    "in": lambda kept, given: kept in given,
    "nin": lambda kept, given: kept not in given,
}
_LISTS: Final = ("in", "nin")
_NEGATIVE: Final = ("ne", "nin")


def _comparable(value: object, where: str) -> object:
    members = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | bool | int | float) for one in members):
        raise invalid(
            f"Invalid type for '{where}': expected a string, a number, a boolean or an array of"
            f" those, but got {named(value)} instead.",
            where,
            "invalid_type",
        )
    return value


_comparison = record({"type": choice(*_COMPARISONS), "key": string(), "value": _comparable})
_compound = record({"type": choice("and", "or"), "filters": array(lambda one, _where: one)})


def filters(value: object, where: str) -> dict[str, Any]:
    """Check a comparison, or a compound of them."""
    return _filter(value, where)


def _filter(value: object, where: str, depth: int = 0) -> dict[str, Any]:
    if depth > FILTER_DEPTH:
        raise invalid(f"Invalid '{where}': nested more than {FILTER_DEPTH} deep.", where, "invalid_value")
    if isinstance(value, dict) and value.get("type") in ("and", "or"):
        checked: dict[str, Any] = _compound(value, where)
        path = at(where, "filters")
        inner = [_filter(one, at(path, index), depth + 1) for index, one in enumerate(checked["filters"])]
        return {**checked, "filters": inner}
    comparison: dict[str, Any] = _comparison(value, where)
    if (comparison["type"] in _LISTS) != isinstance(comparison["value"], list):
        path = at(where, "value")
        expected = "an array" if comparison["type"] in _LISTS else "one value"
        raise invalid(
            f"Invalid type for '{path}': '{comparison['type']}' expects {expected}.", path, "invalid_type"
        )
    return comparison


search_request: Final = record(
    {"query": either(text=string(), parts=array(string()))},
    {
        "rewrite_query": boolean,
        "max_num_results": integer(*SEARCH_RESULTS),
        "filters": filters,
        "ranking_options": record(
            {},
            {
                "ranker": choice("none", "auto", "default-2024-11-15"),
                "score_threshold": number(0, 1),
            },
        ),
    },
)


def search(db: sqlite3.Connection, store: int, body: dict[str, Any]) -> dict[str, Any]:
    """Return the page of results for a checked request.

    The score is the share of the query's words that a piece holds, lowered down to half where BM25
    ranks it behind the best one.
    """
    queries = [body["query"]] if isinstance(body["query"], str) else body["query"]
    words = _words(" ".join(queries))
    allowed = _allowed(db, store, body.get("filters"))
    least = body.get("ranking_options", {}).get("score_threshold", 0)
    most = body.get("max_num_results", 10)
    found = [one for one in _ranked(db, allowed, words) if one["score"] >= least] if words else []
    return {
        "object": "vector_store.search_results.page",
        "search_query": queries,
        "data": found[:most],
        "has_more": len(found) > most,
        "next_page": None,
    }


def matches(wanted: dict[str, Any], kept: dict[str, Any]) -> bool:
    """Return whether a file's attributes pass a filter; types that can't be compared do not."""
    if wanted["type"] in {"and", "or"}:
        every = all if wanted["type"] == "and" else any
        return every(matches(one, kept) for one in wanted["filters"])
    if wanted["key"] not in kept:
        return wanted["type"] in _NEGATIVE
    try:
        return _COMPARISONS[wanted["type"]](kept[wanted["key"]], wanted["value"])
    except TypeError:
        return False


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"\w+", text.casefold())))[:WORDS]


def _allowed(db: sqlite3.Connection, store: int, wanted: dict[str, Any] | None) -> str:
    """Return the files that a search may look into, as a JSON array for json_each."""
    rows = db.execute(
        "SELECT seq, attributes FROM vector_store_files WHERE vector_store = ? AND status = 'completed'",
        (store,),
    )
    kept = [row["seq"] for row in rows if wanted is None or matches(wanted, json.loads(row["attributes"]))]
    return json.dumps(kept)


def _ranked(db: sqlite3.Connection, allowed: str, words: list[str]) -> list[dict[str, Any]]:
    rows = db.execute(
        "SELECT c.seq, c.text, v.file_id, v.attributes, f.filename, -bm25(chunk_words) AS weight"
        " FROM chunk_words JOIN chunks c ON c.seq = chunk_words.rowid"
        " JOIN vector_store_files v ON v.seq = c.vector_store_file JOIN files f ON f.id = v.file_id"
        " WHERE chunk_words MATCH ? AND v.seq IN (SELECT value FROM json_each(?))"
        " ORDER BY weight DESC LIMIT ?",
        (" OR ".join(f'"{word}"' for word in words), allowed, SEARCH_RESULTS[1] * 4),
    ).fetchall()
    if not rows:
        return []
    candidates = json.dumps([row["seq"] for row in rows])
    held = dict.fromkeys((row["seq"] for row in rows), 0)
    for word in words:
        for row in db.execute(
            "SELECT rowid FROM chunk_words WHERE chunk_words MATCH ?"
            " AND rowid IN (SELECT value FROM json_each(?))",
            (f'"{word}"', candidates),
        ):
            held[row["rowid"]] += 1
    best = rows[0]["weight"]
    results = [
        {
            "file_id": row["file_id"],
            "filename": row["filename"],
            "score": round(held[row["seq"]] / len(words) * (0.5 + 0.5 * row["weight"] / best), 4),
            "attributes": json.loads(row["attributes"]),
            "content": [{"type": "text", "text": row["text"]}],
        }
        for row in rows
    ]
    return sorted(results, key=lambda one: -one["score"])
