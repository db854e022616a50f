"""An engine of ``/chat/completions``: a conversation's items as its messages, its chunks as pieces."""

import asyncio
import base64
import json
import mimetypes
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any, Final

from provider_shim.local.responses import cited
from provider_shim.local.responses.pieces import CutOff, FunctionCall, Piece, Refusal, Text, Used, failed
from provider_shim.local.responses.turn import Items, Turn, functions, said
from provider_shim.local.text import UnreadableError, extract

_SYSTEM: Final = frozenset({"system", "developer"})
_CUT_OFF: Final = {"length": "max_output_tokens", "content_filter": "content_filter"}
_PASSED: Final = {"temperature": "temperature", "top_p": "top_p", "max_output_tokens": "max_tokens"}


async def request(turn: Turn, model: str) -> dict[str, Any]:
    """Return the body of the request."""
    body: dict[str, Any] = {
        "model": model,
        "messages": await _messages(turn),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    body |= {there: turn.body[here] for here, there in _PASSED.items() if turn.body.get(here) is not None}
    if tools := [_tool(one) for one in functions(turn.body)]:
        body["tools"] = tools
        if (choice := _choice(turn.body.get("tool_choice", "auto"))) is not None:
            body["tool_choice"] = choice
        if turn.body.get("parallel_tool_calls") is False:
            body["parallel_tool_calls"] = False
    form = (turn.body.get("text") or {}).get("format") or {"type": "text"}
    if form["type"] == "json_schema":
        named = {name: value for name, value in form.items() if name != "type"}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    elif form["type"] == "json_object":
        body["response_format"] = form
    return body


async def pieces(data: AsyncGenerator[dict[str, Any], None], turn: Turn) -> AsyncGenerator[Piece, None]:
    """Yield the pieces of an answer as its chunks come; calls when they are whole."""
    answer = _Answer({one["name"] for one in functions(turn.body) if one["type"] == "custom"})
    async for chunk in data:
        for piece in answer.take(chunk):
            yield piece
    if not answer.finished:
        raise failed("The engine ended its answer before it was whole.")
    for citation in cited.citations(answer.text, cited.passages(turn, await turn.earlier())):
        yield citation
    for call in answer.calls():
        yield call


class _Answer:
    """What has come of an answer so far."""

    def __init__(self, custom: set[str]) -> None:
        self.text = ""
        self.finished = False
        self._custom = custom
        self._calls: dict[int, _Calling] = {}

    def take(self, chunk: dict[str, Any]) -> Iterator[Piece]:
        if isinstance(usage := chunk.get("usage"), dict):
            yield Used(int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0))
        for choice in chunk.get("choices") or ():
            yield from self._delta(choice.get("delta") or choice.get("message") or {})
            reason = choice.get("finish_reason")
            self.finished = self.finished or bool(reason)
            if reason in _CUT_OFF:
                yield CutOff(_CUT_OFF[reason])

    def calls(self) -> Iterator[FunctionCall]:
        for calling in self._calls.values():
            yield calling.whole(self._custom)

    def _delta(self, delta: dict[str, Any]) -> Iterator[Piece]:
        if content := delta.get("content"):
            self.text += content
            yield Text(content)
        if refusal := delta.get("refusal"):
            yield Refusal(refusal)
        for index, call in enumerate(delta.get("tool_calls") or ()):
            self._calls.setdefault(call.get("index", index), _Calling()).take(call)


class _Calling:
    """One function call, whose parts may come among those of others."""

    def __init__(self) -> None:
        self._id = ""
        self._name = ""
        self._arguments = ""

    def take(self, call: dict[str, Any]) -> None:
        function = call.get("function") or {}
        self._id = self._id or call.get("id") or ""
        self._name = self._name or function.get("name") or ""
        arguments = function.get("arguments") or ""
        # Some engines answer an object where the API has its text.
        self._arguments += arguments if isinstance(arguments, str) else json.dumps(arguments)

    def whole(self, custom: set[str]) -> FunctionCall:
        if self._name not in custom:
            return FunctionCall(self._id, self._name, self._arguments)
        try:
            given = json.loads(self._arguments)["input"]
        except (ValueError, KeyError, TypeError):
            given = self._arguments
        return FunctionCall(self._id, self._name, str(given), custom=True)


async def _messages(turn: Turn) -> list[dict[str, Any]]:
    context = await turn.context()
    leading = [turn.body.get("instructions"), cited.told(cited.passages(turn, context))]
    # One message: the templates of many models know a system message at the beginning only.
    system = "\n\n".join(one for one in leading if one)
    messages: list[dict[str, Any]] = [{"role": "system", "content": system}] if system else []
    for item in context:
        match item["type"]:
            case "message":
                messages.append(await _message(item, turn))
            case "function_call" | "custom_tool_call":
                _add_call(messages, item)
            case kind if kind.endswith("_output") and item.get("call_id"):
                messages.append({"role": "tool", "tool_call_id": item["call_id"], "content": said(item)})
            case _:
                # What a hosted tool left, and how a model reasoned, is of no use to another model.
                continue
    return messages


async def _message(item: dict[str, Any], turn: Turn) -> dict[str, Any]:
    role = "system" if item["role"] in _SYSTEM else item["role"]
    parts = [await _part(part, turn) for part in item["content"]]
    if all(part["type"] == "text" for part in parts):
        return {"role": role, "content": "\n".join(part["text"] for part in parts)}
    return {"role": role, "content": parts}


async def _part(part: dict[str, Any], turn: Turn) -> dict[str, Any]:
    if part["type"] == "input_image":
        url = part.get("image_url")
        if url is None and part.get("file_id") and (file := await turn.file(part["file_id"])):
            url = await asyncio.to_thread(_data_url, *file)
        if url is not None:
            return {"type": "image_url", "image_url": {"url": url}}
    if part["type"] == "input_file" and part.get("file_id") and (file := await turn.file(part["file_id"])):
        return {"type": "text", "text": await asyncio.to_thread(_file_text, *file)}
    return {"type": "text", "text": said({"type": "message", "content": [part]})}


def _data_url(name: str, path: Path) -> str | None:
    kind = mimetypes.guess_type(name)[0] or "image/png"
    try:
        return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
    except OSError:
        return None


def _file_text(name: str, path: Path) -> str:
    try:
        return f"The file {name}:\n{extract(path, name)}"
    except (UnreadableError, OSError):
        return f"[file {name}]"


def _add_call(messages: Items, item: dict[str, Any]) -> None:
    arguments = item["arguments"] if "arguments" in item else json.dumps({"input": item["input"]})
    call = {
        "id": item["call_id"],
        "type": "function",
        "function": {"name": item["name"], "arguments": arguments},
    }
    last = messages[-1] if messages else {}
    if last.get("role") == "assistant":
        last.setdefault("tool_calls", []).append(call)
    else:
        messages.append({"role": "assistant", "content": None, "tool_calls": [call]})


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    function = {"name": tool["name"]}
    if tool.get("description"):
        function["description"] = tool["description"]
    if tool["type"] == "custom":
        text = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
        return {"type": "function", "function": {**function, "parameters": text}}
    parameters = tool.get("parameters") or {"type": "object", "properties": {}}
    return {"type": "function", "function": {**function, "parameters": parameters}}


def _choice(wanted: str | dict[str, Any]) -> str | dict[str, Any] | None:
    if isinstance(wanted, str):
        return wanted
    if wanted["type"] in {"function", "custom"}:
        return {"type": "function", "function": {"name": wanted["name"]}}
    return "required" if wanted.get("mode") == "required" else None
