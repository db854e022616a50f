"""Who says what of a problem: the API's side what was found, Terraform's and the commands' what to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from provider_shim.api.answers import Answer
from provider_shim.api.problem import ApiProblem, Uncertain
from provider_shim.api.problems import Call, Trouble, explain, uncertain, unreachable
from provider_shim.commands.problems import said
from provider_shim.resources.problems import diagnostics_of
from tests.support.environment import ROOT

API = ROOT / "provider_shim" / "api"
TERRAFORMS = re.compile(r"\b(terraform|states?|appl(?:y|ies|ied)|plans?|planned)\b", re.IGNORECASE)
READ = Call("reading the thread", "GET", "/threads/thread_1", "http://127.0.0.1:1")
CREATE = Call("creating the thread", "POST", "/threads", "http://127.0.0.1:1")
STATUSES = (400, 401, 403, 404, 405, 407, 408, 409, 413, 429, 500, 501, 503)


def texts(module: Path) -> Iterator[str]:
    """Yield the texts of a module that are no docstrings."""
    tree = ast.parse(module.read_text())
    documentation = {each.value for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for each in ast.walk(tree):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each not in documentation:
            yield each.value


def problems() -> list[ApiProblem]:
    found: list[ApiProblem] = [unreachable(trouble, "broken", READ) for trouble in get_args(Trouble)]
    for call in (READ, CREATE):
        found += [explain(Answer(each, {"error": {"message": "no"}}), call) for each in STATUSES]
        found.append(explain(Answer(200, None, "<html></html>"), call))
        for code in ("insufficient_quota", "conversation_locked"):
            found.append(explain(Answer(429, {"error": {"code": code}}), call))
    return found


def shown_of(problem: ApiProblem) -> str:
    [shown] = diagnostics_of(problem) or []
    return shown.detail


@pytest.mark.parametrize("module", sorted(API.glob("*.py")), ids=lambda module: module.stem)
def test_no_text_of_the_calls_names_terraform(module: Path) -> None:
    named = [each for each in texts(module) if TERRAFORMS.search(each)]

    assert named == []


@pytest.mark.parametrize("problem", problems(), ids=lambda each: f"{each.kind}-{each.status}")
def test_each_failed_call_says_what_to_do_in_the_words_of_who_asked(problem: ApiProblem) -> None:
    shown, told = shown_of(problem), said(problem)

    assert len(shown) > len(problem.detail), "Terraform's users hear what to do"
    assert TERRAFORMS.search(problem.detail) is None
    assert TERRAFORMS.search(told) is None
    assert told.startswith(f"{problem.summary}. ")


def test_a_kind_that_calls_end_in_is_known_to_terraforms_side() -> None:
    """Of the kinds in the sources, these say all there is to say by themselves."""
    enough = {"ambiguous", "too many pairs", "endless", "set-up", "database"}
    made = {
        each.args[0].value
        for module in API.glob("*.py")
        for each in ast.walk(ast.parse(module.read_text()))
        if isinstance(each, ast.Call)
        and isinstance(each.func, ast.Name)
        and each.func.id in ("ApiProblem", "kind")
        and isinstance(each.args[0], ast.Constant)
    }
    silent = {
        each for each in made if shown_of(ApiProblem(str(each), "It failed", "It is so.")) == "It is so."
    }

    assert made >= {"gone", "strange", "expired", "ambiguous messages"}
    assert silent <= enough


def test_a_doubt_tells_its_cause_whole_and_then_what_to_do() -> None:
    cause = unreachable("time-out", "no answer within 60 s", CREATE)
    doubt = uncertain(cause, "A file", "ambiguous", "This may be it: file-1.", ["file-1"])

    assert isinstance(doubt, Uncertain)
    assert doubt.uncertain
    assert shown_of(doubt).split("\n\n") == [
        "Creating the thread failed: no answer in time.",
        "POST /threads at http://127.0.0.1:1: no answer within 60 s.",
        "Apply again, or raise timeout in the provider.",
        (
            "This may be it: file-1. Look at what the API tells of it. If it is yours: terraform import. "
            "If it is not: `openai-thread orphans --forget`, and apply again."
        ),
    ]
