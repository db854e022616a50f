"""The exact texts of errors: by provoking them, or read off the sources that raise them."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from provider_shim.contract import limits
from provider_shim.contract.attributes import Contract
from provider_shim.contract.check import check
from provider_shim.contract.provider import ENVIRONMENT
from provider_shim.resources.persistence import message_refusals
from provider_shim.resources.problems import ADVICE

ROOT = Path(__file__).resolve().parents[2]
# What makes a diagnostic: severity, and where the title is among the arguments.
MAKERS = {
    "error": ("error", 0),
    "warning": ("warning", 0),
    "Problem": ("error", 1),
    "ApiProblem": ("error", 1),
}


def of_configurations(contract: Contract, mistakes: Sequence[Mapping[str, Any]]) -> str:
    """Return what each configuration is answered with, at synth as at plan."""
    found = [each for given in mistakes for each in check(contract, given, lambda _: False)]
    return "".join(_entry("error", each.summary, each.detail) for each in found)


def of_the_other_api() -> str:
    """Return what one API refuses and the other would take, of a thread's message."""
    message = {"role": "developer", "attachments": None, "file_ids": None}
    with_file = {"role": "assistant", "attachments": [{"file_id": "file-…"}], "file_ids": None}
    here = ("messages", 0)
    in_parts = [
        ("conversations", "assistant", {"type": "image"}),
        ("conversations", "assistant", {"type": "refusal"}),
        ("threads", "user", {"type": "file"}),
        ("threads", "user", {"type": "image", "detail": "original"}),
    ]
    found = [
        *message_refusals(message, "threads", here),
        *message_refusals(with_file, "conversations", here),
        *(
            each
            for api, role, part in in_parts
            for each in message_refusals({"role": role, "parts": [part]}, api, here)
        ),
    ]
    return "".join(_entry("error", each.summary, each.detail) for each in found)


def of_sources(names: Sequence[str], without: Sequence[str] = ()) -> str:
    """Return the errors and warnings that modules can end in; `…` stands for what they fill in.

    ``without``: titles of those that are about something else in the same module.
    """
    found = [each for name in names for each in raised(ROOT / name) if each[1] not in without]
    return "".join(_entry(*each) for each in dict.fromkeys(found))


def raised(module: Path) -> Iterator[tuple[str, str, str]]:
    """Yield severity, title and text of each diagnostic that a module makes."""
    calls = [each for each in ast.walk(ast.parse(module.read_text())) if isinstance(each, ast.Call)]
    for call in sorted(calls, key=lambda each: each.lineno):
        if isinstance(call.func, ast.Name) and call.func.id in MAKERS:
            severity, first = MAKERS[call.func.id]
            title, detail = (_text(each) for each in call.args[first : first + 2])
            if call.func.id == "ApiProblem" and detail:
                detail = f"{detail} {ADVICE.get(_text(call.args[0]), '')}".rstrip()
            if title and detail:
                yield severity, title, detail


def _text(node: ast.expr) -> str:
    """Return a string as far as the source says it; empty where it says nothing."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values):
            return "".join(_text(each) for each in values)
        case ast.FormattedValue(value):
            return _filled_in(value)
        case ast.BinOp(left, ast.Add(), right):
            return _text(left) and f"{_text(left)}{_text(right) or '…'}".replace("……", "…")
        case _:
            return ""


def _filled_in(node: ast.expr) -> str:
    """Return what stands in a string, where it is a limit or the name of a variable; else `…`."""
    match node:
        case ast.Name(name) if name.isupper() and hasattr(limits, name):
            value = getattr(limits, name)
            return f"{value:,}" if isinstance(value, int) else str(value)
        case ast.Subscript(ast.Name("ENVIRONMENT"), ast.Constant(value=str(name))):
            return ENVIRONMENT[name]
        case _:
            return "…"


def _entry(severity: str, title: str, detail: str) -> str:
    lines = detail.replace("<", "&lt;").splitlines()
    body = "\n".join(f"    {line}".rstrip() for line in lines)
    return f"**{title}** ({severity})\n\n:   {body.strip()}\n\n"
