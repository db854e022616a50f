"""The model that says what it was given: no model is run, and the same request has the same answer."""

import json
from collections.abc import AsyncGenerator
from typing import Any, Final

from provider_shim.local.responses import DEFAULT
from provider_shim.local.responses.pieces import Cited, FunctionCall, Piece, Text
from provider_shim.local.responses.sample import sample
from provider_shim.local.responses.turn import Turn, functions, last_message, said

QUOTED: Final = 300
"""Characters of a passage that are quoted, at most."""


class Echo:
    """Answers a message with its own text, a file search with what it found, a tool's output with it.

    A function is called where ``tool_choice`` asks for one, with arguments that fit its parameters.
    """

    name = DEFAULT
    hosted_tools = False

    async def names(self) -> list[str]:
        """Return the models that it answers as."""
        return [DEFAULT]

    async def close(self) -> None:
        """Nothing is held."""

    async def answer(self, turn: Turn) -> AsyncGenerator[Piece, None]:
        """Yield the answer to a request."""
        last = turn.input[-1] if turn.input else None
        if last is None:
            earlier = await turn.earlier()
            last = earlier[-1] if earlier else None
        called = _to_call(turn.body)
        if called is not None and (last is None or not last["type"].endswith("_output")):
            yield _call(called, last_message(turn.input))
            return
        form = (turn.body.get("text") or {}).get("format") or {"type": "text"}
        spoken = _spoken(last)
        if form["type"] == "json_schema":
            yield Text(json.dumps(sample(form["schema"], spoken), ensure_ascii=False))
            return
        if form["type"] == "json_object":
            yield Text(json.dumps({"text": spoken}, ensure_ascii=False))
            return
        yield Text(spoken)
        length = len(spoken)
        for passage in turn.passages:
            quoted = " ".join(passage.text.split())[:QUOTED]
            text = f"\n\n{passage.filename}: {quoted}"
            length += len(text)
            yield Text(text)
            yield Cited(
                {
                    "type": "file_citation",
                    "file_id": passage.file_id,
                    "filename": passage.filename,
                    "index": length,
                }
            )


def _spoken(last: dict[str, Any] | None) -> str:
    if last is None:
        return "You said nothing."
    if last["type"].endswith("_output"):
        return f"The tool answered: {said(last)}"
    return f"You said: {said(last)}"


def _to_call(body: dict[str, Any]) -> dict[str, Any] | None:
    """Return the tool that has to be called; None where it is the model's choice."""
    wanted = body.get("tool_choice", "auto")
    known = functions(body)
    if isinstance(wanted, dict) and wanted["type"] == "allowed_tools" and wanted["mode"] == "required":
        named = {one.get("name") for one in wanted["tools"]}
        return next((one for one in known if one["name"] in named), None)
    if isinstance(wanted, dict) and wanted["type"] in {"function", "custom"}:
        return next((one for one in known if one["name"] == wanted["name"]), None)
    return known[0] if wanted == "required" and known else None


def _call(tool: dict[str, Any], text: str) -> FunctionCall:
    if tool["type"] == "custom":
        return FunctionCall("", tool["name"], text, custom=True)
    arguments = sample(tool.get("parameters") or {"type": "object"}, text)
    return FunctionCall("", tool["name"], json.dumps(arguments, ensure_ascii=False))
