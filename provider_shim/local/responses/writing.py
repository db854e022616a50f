"""From a model's pieces to the items of a response, and to the events of its stream."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from provider_shim.local.chunking import CHARACTERS_PER_TOKEN
from provider_shim.local.hosted import HOSTED_KINDS
from provider_shim.local.items import shown_item
from provider_shim.local.responses.pieces import (
    Begun,
    Cited,
    CutOff,
    FunctionCall,
    Item,
    Piece,
    Refusal,
    Text,
    Used,
)
from provider_shim.local.store import new_id, now

Event = dict[str, Any]

DELTAS: Final = 256
"""Events that one piece of a text becomes, at most."""

_WORD: Final = re.compile(r"\s*\S+\s*|\s+")
_SEARCHES: Final = {"file_search_call": "file_search_call", "web_search_call": "web_search_call"}


class Writing:
    """Writes one response. Without a stream no event is made."""

    def __init__(self, response: dict[str, Any], include: Iterable[str], *, stream: bool) -> None:
        self.response = response
        self.output: list[dict[str, Any]] = []
        """The items that were answered, whole ones."""
        self._include = frozenset(include)
        self._stream = stream
        self._sequence = 0
        self._open: dict[str, Any] | None = None
        self._used: Used | None = None
        self._cut_off: str | None = None

    def begin(self) -> list[Event]:
        """Announce the response."""
        return self._events(
            {"type": "response.created", "response": self.shown()},
            {"type": "response.in_progress", "response": self.shown()},
        )

    def add(self, piece: Piece) -> list[Event]:
        """Take the next piece."""
        match piece:
            case Text(delta) | Refusal(delta):
                return self._say(delta, "refusal" if isinstance(piece, Refusal) else "output_text")
            case FunctionCall():
                return self._call(piece)
            case Cited(annotation):
                return self._cite(annotation)
            case Item(kind, body):
                item = {"type": kind, **body, "id": new_id(_prefix(kind))}
                closed = self._close()
                self.output.append(item)
                return closed + self._events(*self._whole(item, len(self.output) - 1))
            case Used():
                self._used = piece
            case CutOff(reason):
                self._cut_off = reason
            case Begun():
                pass
        return []

    def end(self, input_characters: int) -> list[Event]:
        """Close what is open and complete the response, which is whole then."""
        events = self._close()
        spoken = sum(len(str(item)) for item in self.output)
        used = self._used or Used(_tokens(input_characters), _tokens(spoken))
        outcome = "incomplete" if self._cut_off else "completed"
        self.response.update(
            status=outcome,
            completed_at=None if self._cut_off else now(),
            incomplete_details={"reason": self._cut_off} if self._cut_off else None,
            output=self.output,
            usage={
                "input_tokens": used.input,
                "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                "output_tokens": used.output,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": used.input + used.output,
            },
        )
        return events

    def ended(self) -> list[Event]:
        """Say how the response ended, once it is kept."""
        return self._events({"type": f"response.{self.response['status']}", "response": self.shown()})

    def fail(self, code: str, message: str) -> list[Event]:
        """End the response with an error."""
        self.response.update(status="failed", error={"code": code, "message": message}, output=self.output)
        return self.ended()

    def replay(self) -> list[Event]:
        """Write the events of a response that is whole already."""
        items = self.response["output"]
        ended = self.response["status"] in {"completed", "incomplete", "failed"}
        before = {**self.shown(), "status": "in_progress", "output": [], "completed_at": None}
        events = self._events(
            {"type": "response.created", "response": before},
            {"type": "response.in_progress", "response": before},
        )
        for index, item in enumerate(items):
            events += self._events(*self._whole(item, index))
        return events + (self.ended() if ended else [])

    def shown(self) -> dict[str, Any]:
        """Return the response as it is answered."""
        return {
            **self.response,
            "output": [shown_item(item, self._include) for item in self.response["output"]],
        }

    def _events(self, *events: Event) -> list[Event]:
        if not self._stream:
            return []
        for event in events:
            event["sequence_number"] = self._sequence
            self._sequence += 1
        return list(events)

    def _say(self, delta: str, kind: str) -> list[Event]:
        events: list[Event] = []
        current = self._open
        if current is None or current["type"] != "message" or current["content"][-1]["type"] != kind:
            events = self._close()
            current = self._open = {
                "type": "message",
                "id": new_id("msg_"),
                "role": "assistant",
                "status": "in_progress",
                "content": [_part(kind)],
            }
            if self._stream:
                events += self._events(
                    {
                        "type": "response.output_item.added",
                        **self._place(),
                        "item": {**current, "content": []},
                    },
                    {"type": "response.content_part.added", **self._part_place(), "part": _part(kind)},
                )
        name = "refusal" if kind == "refusal" else "text"
        current["content"][-1][name] += delta
        if self._stream:
            for words in _parted(delta):
                events += self._events(_delta(kind, {**self._part_place(), "delta": words}))
        return events

    def _cite(self, annotation: dict[str, Any]) -> list[Event]:
        if self._open is None or self._open["type"] != "message" or "text" not in self._open["content"][-1]:
            return []
        annotations = self._open["content"][-1]["annotations"]
        annotations.append(annotation)
        return self._events(
            {
                "type": "response.output_text.annotation.added",
                **self._part_place(),
                "annotation_index": len(annotations) - 1,
                "annotation": annotation,
            }
        )

    def _call(self, piece: FunctionCall) -> list[Event]:
        events: list[Event] = []
        current = self._open
        member = "input" if piece.custom else "arguments"
        if current is None or member not in current or current["call_id"] != piece.call_id:
            events = self._close()
            kind, prefix = ("custom_tool_call", "ctc_") if piece.custom else ("function_call", "fc_")
            current = self._open = {
                "type": kind,
                "id": new_id(prefix),
                "call_id": piece.call_id or new_id("call_"),
                "name": piece.name,
                member: "",
            }
            if not piece.custom:
                current["status"] = "in_progress"
            events += self._events(
                {"type": "response.output_item.added", **self._place(), "item": dict(current)}
            )
        current[member] += piece.delta
        if piece.delta:
            name = "custom_tool_call_input" if piece.custom else "function_call_arguments"
            events += self._events(
                {"type": f"response.{name}.delta", **self._place(current["id"]), "delta": piece.delta}
            )
        return events

    def _close(self) -> list[Event]:
        item, self._open = self._open, None
        if item is None:
            return []
        index = len(self.output)
        self.output.append(item)
        if "status" in item:
            item["status"] = "completed"
        return self._events(*_done(item, index)) if self._stream else []

    def _place(self, item_id: str | None = None) -> dict[str, Any]:
        place: dict[str, Any] = {"output_index": len(self.output)}
        return place if item_id is None else {**place, "item_id": item_id}

    def _part_place(self) -> dict[str, Any]:
        assert self._open is not None
        return {
            "output_index": len(self.output),
            "item_id": self._open["id"],
            "content_index": len(self._open["content"]) - 1,
        }

    def _whole(self, item: dict[str, Any], index: int) -> Iterator[Event]:
        """Yield the events of an item that is there at once."""
        if not self._stream:
            return
        item = shown_item(item, self._include)
        place = {"output_index": index, "item_id": item["id"]}
        begun = {**item, "status": "in_progress"} if "status" in item else item
        if item["type"] == "message":
            begun = {**begun, "content": []}
        yield {"type": "response.output_item.added", "output_index": index, "item": begun}
        if item["type"] == "message":
            for number, part in enumerate(item["content"]):
                at = {**place, "content_index": number}
                empty = _part(part["type"])
                yield {"type": "response.content_part.added", **at, "part": empty}
                yield _delta(part["type"], {**at, "delta": part.get("text", part.get("refusal", ""))})
        elif name := _SEARCHES.get(item["type"]):
            for step in ("in_progress", "searching", "completed"):
                yield {"type": f"response.{name}.{step}", **place}
        yield from _done(item, index)


def _done(item: dict[str, Any], index: int) -> Iterator[Event]:
    place = {"output_index": index, "item_id": item["id"]}
    if item["type"] == "message":
        for number, part in enumerate(item["content"]):
            at = {**place, "content_index": number}
            if part["type"] == "refusal":
                yield {"type": "response.refusal.done", **at, "refusal": part["refusal"]}
            else:
                yield {"type": "response.output_text.done", **at, "text": part["text"], "logprobs": []}
            yield {"type": "response.content_part.done", **at, "part": part}
    elif item["type"] == "function_call":
        yield {
            "type": "response.function_call_arguments.done",
            **place,
            "name": item["name"],
            "arguments": item["arguments"],
        }
    elif item["type"] == "custom_tool_call":
        yield {"type": "response.custom_tool_call_input.done", **place, "input": item["input"]}
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _delta(kind: str, event: Event) -> Event:
    if kind == "refusal":
        return {"type": "response.refusal.delta", **event}
    return {"type": "response.output_text.delta", **event, "logprobs": []}


def _part(kind: str) -> dict[str, Any]:
    if kind == "refusal":
        return {"type": "refusal", "refusal": ""}
    return {"type": "output_text", "text": "", "annotations": [], "logprobs": []}


def _prefix(kind: str) -> str:
    known = HOSTED_KINDS.get(kind)
    return known[0] if known else {"reasoning": "rs_"}.get(kind, "item_")


def _parted(text: str) -> Iterator[str]:
    """Cut a text into words, and a long one into so many parts of words at most."""
    words = _WORD.findall(text)
    step = -(-len(words) // DELTAS) or 1
    for start in range(0, len(words), step):
        yield "".join(words[start : start + step])


def _tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)
