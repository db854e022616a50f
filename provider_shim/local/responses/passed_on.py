"""An engine of ``/responses``: it is asked without any state, and its events are passed on as pieces."""

from collections.abc import AsyncGenerator, Iterator
from typing import Any, Final

from provider_shim.local.errors import ApiError
from provider_shim.local.responses import cited
from provider_shim.local.responses.pieces import (
    Cited,
    CutOff,
    FunctionCall,
    Item,
    Piece,
    Refusal,
    Text,
    Used,
    failed,
)
from provider_shim.local.responses.turn import Items, Passage, Turn

_PASSED: Final = (
    "temperature",
    "top_p",
    "max_output_tokens",
    "max_tool_calls",
    "parallel_tool_calls",
    "reasoning",
    "text",
    "tool_choice",
    "top_logprobs",
    "truncation",
)
_CALLS: Final = frozenset({"function_call", "custom_tool_call"})
_ARGUMENTS: Final = frozenset(
    {"response.function_call_arguments.delta", "response.custom_tool_call_input.delta"}
)
_ENDS: Final = frozenset({"response.completed", "response.incomplete"})


async def request(turn: Turn, model: str) -> dict[str, Any]:
    """Return the body of the request."""
    context = await turn.context()
    told = cited.told(cited.passages(turn, context))
    instructions = "\n\n".join(one for one in (turn.body.get("instructions"), told) if one)
    body: dict[str, Any] = {"model": model, "input": _input(context), "stream": True, "store": False}
    if instructions:
        body["instructions"] = instructions
    body |= {name: turn.body[name] for name in _PASSED if turn.body.get(name) is not None}
    if tools := [one for one in turn.body.get("tools") or () if one["type"] != "file_search"]:
        body["tools"] = tools
    if isinstance(choice := body.get("tool_choice"), dict) and choice["type"] == "file_search":
        del body["tool_choice"]
    return body


async def pieces(data: AsyncGenerator[dict[str, Any], None], turn: Turn) -> AsyncGenerator[Piece, None]:
    """Yield the pieces of an answer as its events come."""
    answer = _Answer(cited.passages(turn, await turn.earlier()))
    async for event in data:
        for piece in answer.take(event):
            yield piece
    if not answer.finished:
        raise failed("The engine ended its answer before it was whole.")


class _Answer:
    """What has come of an answer so far."""

    def __init__(self, known: list[Passage]) -> None:
        self.finished = False
        self._known = known
        self._text = ""
        self._cited = False
        self._calls: dict[str, dict[str, Any]] = {}

    def take(self, event: dict[str, Any]) -> Iterator[Piece]:
        kind = str(event.get("type", ""))
        if event.get("object") == "response":
            # The whole answer at once, from an engine that knows no streams.
            self.finished = True
            yield from _whole(event)
        elif kind in _ENDS:
            self.finished = True
            yield from _ended(event["response"])
        elif kind in {"response.failed", "error"}:
            raise _failure(event)
        elif kind.startswith("response.output_item."):
            yield from self._item(kind, event["item"])
        elif kind.startswith(("response.output_text.", "response.refusal.")):
            yield from self._said(kind, event)
        elif kind in _ARGUMENTS and (call := self._calls.get(event.get("item_id", ""))) is not None:
            call["told"] = True
            yield _call(call, event["delta"])

    def _said(self, kind: str, event: dict[str, Any]) -> Iterator[Piece]:
        match kind:
            case "response.output_text.delta":
                self._text += event["delta"]
                yield Text(event["delta"])
            case "response.refusal.delta":
                yield Refusal(event["delta"])
            case "response.output_text.annotation.added" if isinstance(event.get("annotation"), dict):
                self._cited = True
                yield Cited(event["annotation"])
            case "response.output_text.done":
                if not self._cited:
                    yield from cited.citations(self._text, self._known)
                self._text = ""

    def _item(self, kind: str, item: dict[str, Any]) -> Iterator[Piece]:
        if kind == "response.output_item.done":
            yield from _done(item, self._calls)
        elif item.get("type") in _CALLS:
            self._calls[item.get("id", "")] = dict(item)
            yield _call(item, "")


def _input(context: Items) -> Items:
    """Leave out what only this server knows: ids, searches, members that are null."""
    return [
        {name: value for name, value in item.items() if name != "id" and value is not None}
        for item in context
        if item["type"] != "file_search_call"
    ]


def _call(item: dict[str, Any], delta: str) -> FunctionCall:
    return FunctionCall(item["call_id"], item["name"], delta, custom=item["type"] == "custom_tool_call")


def _done(item: dict[str, Any], calls: dict[str, dict[str, Any]]) -> list[Piece]:
    kind = item.get("type")
    if kind in _CALLS:
        begun = calls.get(item.get("id", ""), {})
        given = item.get("arguments", item.get("input", ""))
        return [] if begun.get("told") else [_call(item, given)]
    if kind == "message" or kind is None:
        return []
    return [Item(kind, {name: value for name, value in item.items() if name not in {"id", "type"}})]


def _whole(response: dict[str, Any]) -> list[Piece]:
    if response.get("status") == "failed":
        raise _failure({"response": response})
    said: list[Piece] = []
    for item in response.get("output") or ():
        if item.get("type") != "message":
            said += _done(item, {})
            continue
        for part in item.get("content") or ():
            said.append(Refusal(part["refusal"]) if "refusal" in part else Text(part.get("text", "")))
            said += [Cited(one) for one in part.get("annotations") or ()]
    return said + _ended(response)


def _ended(response: dict[str, Any]) -> list[Piece]:
    said: list[Piece] = []
    if isinstance(usage := response.get("usage"), dict):
        said.append(Used(int(usage.get("input_tokens") or 0), int(usage.get("output_tokens") or 0)))
    if response.get("status") == "incomplete":
        reason = (response.get("incomplete_details") or {}).get("reason")
        said.append(CutOff(reason if reason == "content_filter" else "max_output_tokens"))
    return said


def _failure(event: dict[str, Any]) -> ApiError:
    error = (event.get("response") or {}).get("error") or event
    return failed(f"The engine failed: {' '.join(str(error.get('message', '')).split())[:500]}")
