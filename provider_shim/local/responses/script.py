"""The model that reads its answers from a file: the first entry that fits answers.

answers:
  - when: {message: parcel, metadata: {tier: gold}}
    function_calls: [{name: find_order, arguments: {number: 42}}]
  - when: {tool_output: shipped}
    text: It is on its way.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Mapping
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from provider_shim.contract.check import meant
from provider_shim.local.errors import INVALID_REQUEST, NO_RETRY, SERVER_ERROR, ApiError
from provider_shim.local.items import item_of
from provider_shim.local.responses.errors import ModelError
from provider_shim.local.responses.pieces import Cited, FunctionCall, Item, Piece, Refusal, Text
from provider_shim.local.responses.turn import Turn, said
from provider_shim.local.shapes import (
    Check,
    anything,
    array,
    at,
    integer,
    mapping,
    named,
    number,
    one_of,
    record,
    string,
)

DELAY: Final = 600
"""Seconds that an answer may be held back, at most."""
SHOWN: Final = 200
"""Characters of a message that an error shows."""

_SAYING: Final = ("text", "refusal", "function_calls", "items", "error")


def _words(required: Mapping[str, Check], optional: Mapping[str, Check] = MappingProxyType({})) -> Check:
    """An object of a script: of a word that it can't have the error says which ones there are."""
    known = [*required, *optional]
    check = record(required, optional)

    def checked(value: object, where: str) -> object:
        for name in value if isinstance(value, dict) else ():
            if name not in known:
                raise ModelError(
                    f"{at(where, str(name))} is not known. Allowed: {', '.join(known)}.{meant(name, known)}"
                )
        return check(value, where)

    return checked


def _pattern(value: object, where: str) -> re.Pattern[str]:
    text = string()(value, where)
    try:
        return re.compile(text, re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise ModelError(f"{where} is no regular expression: {error}.") from None


def _word(value: object, where: str) -> str:
    """Take what YAML may have read as a number for the text that metadata are."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ModelError(f"{where} is {named(value)}. Allowed: a text.")
    return str(value)


def _calls(value: object, where: str) -> list[FunctionCall]:
    checked = array(
        _words(
            {"name": string(least=1)},
            {
                "arguments": one_of("a string or an object", (str, string()), (dict, mapping())),
                "call_id": string(),
            },
        )
    )(value, where)
    return [
        FunctionCall(
            one.get("call_id", ""),
            one["name"],
            given if isinstance(given := one.get("arguments", {}), str) else json.dumps(given),
        )
        for one in checked
    ]


def _items(value: object, where: str) -> list[Item]:
    listed = array(anything)(value, where)
    made = [item_of(one, at(where, index), lambda _wanted: None)[1] for index, one in enumerate(listed)]
    return [Item(one["type"], {name: value for name, value in one.items() if name != "id"}) for one in made]


_answer = _words(
    {},
    {
        "when": _words(
            {},
            {
                "message": _pattern,
                "metadata": mapping(_word),
                "tool_output": one_of(
                    "a text, or an object with name and output",
                    (str, _pattern),
                    (dict, _words({}, {"name": string(), "output": _pattern})),
                ),
                "call": integer(1),
            },
        ),
        "text": string(),
        "refusal": string(),
        "function_calls": _calls,
        "items": _items,
        "error": _words(
            {"status": integer(400, 599)},
            {
                "message": string(),
                "code": string(),
                "type": string(),
                "retry_after": number(0),
            },
        ),
        "delay": number(0, DELAY),
    },
)
_script = _words({"answers": array(_answer, least=1)})


class Script:
    """Answers by a file. Hosted tools may be asked for: what they would leave, the file says."""

    name = "script"
    hosted_tools = True

    def __init__(self, source: str, answers: list[dict[str, Any]]) -> None:
        """Take the entries of a script, checked; `source` is what an error calls it."""
        self._source = source
        self._answers = answers

    @classmethod
    def read(cls, path: Path) -> "Script":
        """Read a script; raises `ModelError` where it can't be read or says what is not known."""
        import yaml  # noqa: PLC0415 - only where there is a script

        try:
            loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ModelError(f"The script {path} can't be read: {error.strerror}.") from None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ModelError(f"The script {path} is not YAML: {' '.join(str(error).split())}") from None
        return cls.of(loaded, str(path))

    @classmethod
    def of(cls, loaded: object, source: str) -> "Script":
        """Make a script of what its file holds; raises `ModelError` where that says what is not known."""
        try:
            answers = _script(loaded, "")["answers"]
        except ApiError as error:
            where = "" if error.param is None or error.param in error.message else f"{error.param}: "
            said_of = error.message.replace(" for the request body", "")
            raise ModelError(f"The script {source}: {where}{said_of}") from None
        except ModelError as error:
            raise ModelError(f"The script {source}: {error}") from None
        for index, answer in enumerate(answers):
            if not any(name in answer for name in _SAYING):
                allowed = ", ".join(_SAYING)
                raise ModelError(
                    f"The script {source}: answers[{index}] says nothing. Allowed: one or more of {allowed}."
                )
        return cls(source, answers)

    async def names(self) -> list[str]:
        """Return the models that it answers as."""
        return [self.name]

    async def close(self) -> None:
        """Nothing is held."""

    async def answer(self, turn: Turn) -> AsyncGenerator[Piece, None]:
        """Yield what the first entry says that fits the request."""
        last = turn.input[-1] if turn.input else None
        context = turn.input
        if last is None or last["type"].endswith("_output"):
            # What tool the output is of stands before the input.
            context = await turn.context()
            last = context[-1] if context else None
        tool = _called(last, context)
        chosen = next((one for one in self._answers if _fits(one.get("when", {}), turn, last, tool)), None)
        if chosen is None:
            raise self._nothing(turn, last, tool)
        if "delay" in chosen:
            await asyncio.sleep(chosen["delay"])
        if "error" in chosen:
            raise _error(chosen["error"])
        for piece in chosen.get("items", ()):
            yield piece
        if "text" in chosen:
            yield Text(chosen["text"])
            for file_id, filename in {one.file_id: one.filename for one in turn.passages}.items():
                yield Cited(
                    {
                        "type": "file_citation",
                        "file_id": file_id,
                        "filename": filename,
                        "index": len(chosen["text"]),
                    }
                )
        if "refusal" in chosen:
            yield Refusal(chosen["refusal"])
        for piece in chosen.get("function_calls", ()):
            yield piece

    def _nothing(self, turn: Turn, last: dict[str, Any] | None, tool: str | None) -> ApiError:
        asked = {"call": turn.call}
        if turn.metadata:
            asked["metadata"] = turn.metadata  # type: ignore[assignment]
        text = "" if last is None else said(last)
        shown = json.dumps(text[:SHOWN] + ("…" if len(text) > SHOWN else ""), ensure_ascii=False)
        what = f"the output {shown} of {tool}" if tool else f"the message {shown}"
        return ApiError(
            HTTPStatus.BAD_REQUEST,
            f"The script {self._source} has no answer to {what} (call {asked.pop('call')}"
            + "".join(f", {name} {json.dumps(value, ensure_ascii=False)}" for name, value in asked.items())
            + "). Add an entry that fits, or one without `when` at the end.",
            code="script_has_no_answer",
            headers=NO_RETRY,
        )


def _fits(when: Mapping[str, Any], turn: Turn, last: dict[str, Any] | None, tool: str | None) -> bool:
    if "call" in when and when["call"] != turn.call:
        return False
    if any(turn.metadata.get(name) != value for name, value in when.get("metadata", {}).items()):
        return False
    if "message" in when and (last is None or tool or not when["message"].search(said(last))):
        return False
    if "tool_output" in when:
        wanted = when["tool_output"]
        wanted = wanted if isinstance(wanted, dict) else {"output": wanted}
        if last is None or tool is None or wanted.get("name", tool) != tool:
            return False
        return "output" not in wanted or bool(wanted["output"].search(said(last)))
    return True


def _called(last: dict[str, Any] | None, context: list[dict[str, Any]]) -> str | None:
    """Return the tool whose output the last item is; None where it is none."""
    if last is None or not last["type"].endswith("_output"):
        return None
    for item in context:
        if item.get("call_id") == last.get("call_id") and "name" in item:
            return str(item["name"])
    return str(last["type"].removesuffix("_output"))


def _error(said_of: Mapping[str, Any]) -> ApiError:
    status = int(said_of["status"])
    headers = {"retry-after": f"{said_of['retry_after']:g}"} if "retry_after" in said_of else None
    limited = status == HTTPStatus.TOO_MANY_REQUESTS
    kind = INVALID_REQUEST if status < HTTPStatus.INTERNAL_SERVER_ERROR else SERVER_ERROR
    return ApiError(
        status,
        said_of.get("message", "The script answers this request with an error."),
        code=said_of.get("code", "rate_limit_exceeded" if limited else None),
        kind=said_of.get("type", "requests" if limited else kind),
        headers=headers,
    )
