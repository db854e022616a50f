"""The file search of a response: what the vector stores of its tools hold about the question."""

import sqlite3
from typing import Any, Final

from provider_shim.local.errors import invalid, not_found
from provider_shim.local.responses.pieces import Item
from provider_shim.local.responses.turn import Items, Passage, last_message
from provider_shim.local.search import search
from provider_shim.local.shapes import at
from provider_shim.local.vector_stores import expired, touch

RESULTS: Final = 20
"""Passages that one search finds, where the tool does not say how many."""


def searches(body: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """Return the file searches that a request asks for, with their places among its tools."""
    wanted = body.get("tool_choice")
    if wanted == "none" or (isinstance(wanted, dict) and wanted["type"] in {"function", "custom", "mcp"}):
        return []
    return [
        (index, tool) for index, tool in enumerate(body.get("tools") or []) if tool["type"] == "file_search"
    ]


def found(
    db: sqlite3.Connection, asked: list[tuple[int, dict[str, Any]]], given: Items, earlier: Items
) -> tuple[list[Item], list[Passage]]:
    """Search for what the user said last; return the items that say so, and the passages.

    After a tool's output nothing is searched: it was, before the tool was called.
    """
    for index, tool in asked:
        _refuse_unknown(db, index, tool)
    if not asked or (given and given[-1]["type"].endswith("_output")):
        return [], []
    query = last_message(given) or last_message(earlier)
    items, passages = [], []
    for _, tool in asked:
        results = _results(db, tool, query)
        items.append(
            Item("file_search_call", {"status": "completed", "queries": [query], "results": results})
        )
        passages += [Passage(one["file_id"], one["filename"], one["text"]) for one in results]
    return items, passages


def _results(db: sqlite3.Connection, tool: dict[str, Any], query: str) -> list[dict[str, Any]]:
    most = tool.get("max_num_results", RESULTS)
    body: dict[str, Any] = {"query": query, "max_num_results": most}
    if tool.get("filters") is not None:
        body["filters"] = tool["filters"]
    if "ranking_options" in tool:
        body["ranking_options"] = tool["ranking_options"]
    results = []
    for store_id in tool["vector_store_ids"]:
        store = db.execute("SELECT * FROM vector_stores WHERE id = ?", (store_id,)).fetchone()
        touch(db, store["seq"])
        results += search(db, store["seq"], body)["data"]
    results.sort(key=lambda one: -one["score"])
    return [
        {
            "file_id": one["file_id"],
            "filename": one["filename"],
            "score": one["score"],
            "attributes": one["attributes"],
            "text": one["content"][0]["text"],
        }
        for one in results[:most]
    ]


def _refuse_unknown(db: sqlite3.Connection, index: int, tool: dict[str, Any]) -> None:
    path = at(at("tools", index), "vector_store_ids")
    if not tool["vector_store_ids"]:
        raise invalid(f"Invalid '{path}': expected at least one vector store.", path, "invalid_value")
    for number, store_id in enumerate(tool["vector_store_ids"]):
        row = db.execute("SELECT * FROM vector_stores WHERE id = ?", (store_id,)).fetchone()
        if row is None:
            raise not_found(f"Vector store with id '{store_id}' not found.", at(path, number))
        if expired(row):
            raise invalid(f"Vector store '{store_id}' has expired.", at(path, number), "vector_store_expired")
