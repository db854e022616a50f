"""One message, or any other item of a conversation, as HTML."""

import json
import sqlite3
from collections.abc import Callable
from typing import Any, Final

from provider_shim.local.files import UNEXPIRED
from provider_shim.local.page.html import Child, Html, element
from provider_shim.local.page.words import age, badge, counted, made_by, pairs, size

LONGEST: Final = 20_000
"""Characters of one text that are shown among other messages; by itself a message is shown whole."""

Files = Callable[[str], Child]
"""From a file's id to a link."""


def linked_files(db: sqlite3.Connection) -> Files:
    """Make links to the files that the database has; the id of another one stays text."""

    def link(file_id: str) -> Child:
        row = db.execute(
            f"SELECT filename, bytes FROM files WHERE id = ? AND {UNEXPIRED}",  # noqa: S608 - a constant
            (file_id,),
        ).fetchone()
        if row is None:
            return [element("code", file_id), " (not in this database)"]
        name = element("bdi", row["filename"])
        return [element("a", name, href=f"/files/{file_id}"), " ", element("small", size(row["bytes"]))]

    return link


def answered_by(db: sqlite3.Connection) -> Callable[[str], Child]:
    """Name the response that an item was answered in, and its model; nothing for what nobody answered."""

    def name(item_id: str) -> Child:
        row = db.execute(
            "SELECT r.id, json_extract(r.body, '$.model') AS model FROM response_items i"
            " JOIN responses r ON r.seq = i.response WHERE i.id = ? AND i.side = 'output'",
            (item_id,),
        ).fetchone()
        if row is None:
            return None
        return [
            badge("response", "plain"),
            " ",
            element("bdi", row["model"]),
            " ",
            element("code", row["id"]),
        ]

    return name


def shown_message(
    row: sqlite3.Row,
    thread_id: str,
    files: Files,
    *,
    longest: int | None,
    answered: Callable[[str], Child] = lambda _item_id: None,
) -> Html:
    """Show one row of a thread; of texts longer than `longest`, the beginning."""
    item = json.loads(row["body"])
    kind = item.get("type", "message")
    speaker = item["role"] if kind == "message" else kind.replace("_", " ")
    address = f"/threads/{thread_id}/messages/{row['id']}"
    writer = _Writer(files, longest, address)
    parts = _ITEMS.get(kind, _Writer.anything)(writer, item)
    heading = element("h2", element("a", speaker, href=address))
    response = answered(row["id"])
    head = element(
        "header",
        heading,
        made_by(row["origin"], "added later"),
        age(row["created_at"]),
        element("small", response) if response else None,
    )
    metadata = pairs(row["metadata"]) if "metadata" in row.keys() else None  # noqa: SIM118 - a row has no `in`
    look = item["role"] if kind == "message" else "tool"
    return element("article", head, parts, metadata, class_=f"message {look}", id=row["id"])


class _Writer:
    """Writes the parts of one item."""

    def __init__(self, files: Files, longest: int | None, address: str) -> None:
        self._files = files
        self._longest = longest
        self._address = address

    def message(self, item: dict[str, Any]) -> Child:
        attached = [self._attachment(one) for one in item.get("attachments") or []]
        return [
            [self._part(part) for part in item["content"]],
            element("ul", attached, class_="attachments", aria_label="Attachments") if attached else None,
        ]

    def call(self, item: dict[str, Any]) -> Child:
        given = item["arguments"] if "arguments" in item else item["input"]
        return [element("p", element("code", item["name"])), self._code(_pretty(given))]

    def output(self, item: dict[str, Any]) -> Child:
        output = item["output"]
        if isinstance(output, str):
            return self._code(_pretty(output))
        return [self._part(part) for part in output]

    def file_search(self, item: dict[str, Any]) -> Child:
        queries = [element("q", query, dir="auto") for query in item["queries"]]
        found = [
            element(
                "li",
                self._files(one.get("file_id", "")),
                " ",
                element("span", f"{one.get('score', 0):.2f}", class_="size", title="Score, from 0 to 1"),
                self._text(one.get("text", "")),
            )
            for one in item.get("results") or ()
        ]
        if not found:
            return element("p", queries, " found nothing")
        return [element("p", queries), element("ol", found, class_="attachments", aria_label="Found")]

    def reasoning(self, item: dict[str, Any]) -> Child:
        return [self._text(part["text"]) for part in [*item["summary"], *item.get("content", ())]]

    def anything(self, item: dict[str, Any]) -> Child:
        return self._code(json.dumps(item, indent=2, ensure_ascii=False))

    def _part(self, part: dict[str, Any]) -> Child:
        match part["type"]:
            case "text":
                # In a thread's message, not among the outputs of a tool.
                text = part["text"]
                return [self._text(text["value"]), self._notes(text.get("annotations"))]
            case "input_text" | "output_text":
                return [self._text(part["text"]), self._notes(part.get("annotations"))]
            case "refusal":
                return [element("p", badge("refused", "failed")), self._text(part["refusal"])]
            case "input_image" | "image_url" | "image_file":
                inner = part.get(part["type"], part)
                url = inner.get("url") if "url" in inner else inner.get("image_url")
                return self._attached("Image", inner.get("file_id"), url)
            case "input_file":
                name = part.get("filename") or "File"
                return self._attached(
                    name, part.get("file_id"), part.get("file_url") or part.get("file_data")
                )
            case _:
                return self.anything(part)

    def _text(self, text: str) -> Child:
        if self._longest is None or len(text) <= self._longest:
            return element("div", text, class_="text", dir="auto")
        more = element("a", f"Show all {len(text):,} characters", href=self._address)
        return [
            element("div", text[: self._longest], "…", class_="text", dir="auto"),
            element("p", more, class_="more"),
        ]

    def _code(self, text: str) -> Child:
        if self._longest is not None and len(text) > self._longest:
            return self._text(text)
        return element("pre", element("code", text), tabindex=0)

    def _attachment(self, attachment: dict[str, Any]) -> Html:
        tools = [badge(tool["type"].replace("_", " "), "plain") for tool in attachment.get("tools") or ()]
        return element("li", self._files(attachment["file_id"]), tools)

    def _attached(self, name: str, file_id: str | None, url: str | None) -> Child:
        if file_id:
            shown: Child = self._files(file_id)
        elif url is None:
            shown = element("bdi", name)
        elif url.partition(":")[0] in ("http", "https"):
            # Not loaded, and no link: whoever wrote it would learn who reads it.
            shown = [element("bdi", name), " ", element("code", url, dir="ltr")]
        else:
            shown = [element("bdi", name), f", {counted(len(url), 'character')} in the message itself"]
        return element("p", shown, class_="attachment")

    def _notes(self, annotations: list[dict[str, Any]] | None) -> Child:
        cited = [self._note(one) for one in annotations or ()]
        return element("ul", cited, class_="attachments", aria_label="Citations") if cited else None

    def _note(self, annotation: dict[str, Any]) -> Html:
        if "url" in annotation:
            title = element("bdi", annotation.get("title", ""))
            return element("li", title, " ", element("code", annotation["url"], dir="ltr"))
        return element("li", self._files(annotation.get("file_id", "")))


def _pretty(text: str) -> str:
    """Indent what is JSON, and leave anything else as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


_ITEMS: Final[dict[str, Callable[[_Writer, dict[str, Any]], Child]]] = {
    "message": _Writer.message,
    "function_call": _Writer.call,
    "function_call_output": _Writer.output,
    "custom_tool_call": _Writer.call,
    "custom_tool_call_output": _Writer.output,
    "file_search_call": _Writer.file_search,
    "reasoning": _Writer.reasoning,
}
