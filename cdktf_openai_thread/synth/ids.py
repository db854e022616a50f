"""What an id is of: a file's in the place of a store's is told here, before a deploy begins."""

import os
import re
from functools import cache
from typing import Any, Final
from weakref import WeakValueDictionary

from cdktf_openai_thread.synth.tokens import is_resolvable
from provider_shim.contract.check import Problem
from provider_shim.contract.path import Path, spelled

_PREFIXES: Final = {
    "thread": ("conv_", "thread_"),
    "message": ("msg_",),
    "file": ("file-",),
    "vector_store": ("vs_",),
}
"""What ids of OpenAI's begin with. Other servers have others, so only the prefix of another kind is wrong."""
_REFERENCES: Final[dict[str, str]] = {}
"""Tokens of ids: the token to what it is an id of."""
_OWNERS: Final[WeakValueDictionary[str, Any]] = WeakValueDictionary()
"""Tokens of ids: the token to the construct whose id it is."""
_FOREIGN: Final = {"response": ("resp_",), "run": ("run_",), "batch": ("batch_",), "assistant": ("asst_",)}
"""Of what no construct wants."""


@cache
def kind_of(name: str) -> str | None:
    """Return what an attribute of this name has ids of: `file` of `file_ids`; None if it has none."""
    if name.endswith(("_id", "_ids")):
        kind = name.removesuffix("s").removesuffix("_id")
        return kind if kind in _PREFIXES else None
    return None


def remember(token: str, type_name: str, owner: object = None) -> str:
    """Note what the token is an id of, and of which construct; return it."""
    _REFERENCES[token] = type_name.removeprefix("openai_")
    if owner is not None:
        _OWNERS[token] = owner
    return token


def owner_of(token: object) -> object:
    """Return the construct whose id a token is; None where that is not known."""
    return _OWNERS.get(token) if isinstance(token, str) else None


def id_problem(value: str, kind: str, path: Path) -> Problem | None:
    """Return what is wrong with an id, as far as the id itself tells."""
    other = _REFERENCES.get(value)
    if other is not None:
        return None if other == kind else _another(path, f"the id of a {_said(other)}", kind)
    if "TfToken[" in value or "${" in value or value.startswith(_PREFIXES[kind]):
        return None
    for other, prefixes in {**_PREFIXES, **_FOREIGN}.items():
        if value.startswith(prefixes):
            return _another(path, f'"{value[:60]}", which begins as the id of a {_said(other)} does', kind)
    if "/" in value or "\\" in value or re.search(r"\.[A-Za-z]\w{0,4}$", value):
        return _another(path, f'"{value[:60]}", which is a path', kind)
    return None


def identifier(of: Any, kind: str, path: Path) -> Any:  # noqa: ANN401 - a construct, an id, or what is refused
    """Return the id of a construct of this kind; an id as it is.

    Raises:
        WrongKindError: It is neither.
    """
    if isinstance(of, str):
        return of
    made = getattr(type(of), "TF_RESOURCE_TYPE", None)
    if made == f"openai_{kind}" and isinstance(getattr(type(of), "id", None), property):
        return of.id
    if made is None and is_resolvable(of):
        return of
    given = f"{os.fspath(of)!r}, which is a path" if isinstance(of, os.PathLike) else f"a {type(of).__name__}"
    raise WrongKindError(_another(path, given, kind))


class WrongKindError(Exception):
    """Something of another kind than is wanted; ``problem`` says so."""

    def __init__(self, problem: Problem) -> None:
        """Take what is wrong."""
        self.problem = problem
        super().__init__(problem.detail)


def _another(path: Path, given: str, kind: str) -> Problem:
    name = "".join(part.capitalize() for part in kind.split("_"))
    step = {
        "file": 'Upload a file with File(self, "…", path=…), and give that or its id.',
        "vector_store": "Give a VectorStore, or its id, which begins with vs_.",
        "thread": "Give the id of a thread: thread.id, or conv_….",
        "message": "Give the id of a message.",
    }[kind]
    return Problem(
        path,
        "Not what is wanted here",
        f"{spelled(path)} is {given}. Allowed: a {name}, or the id of one. {step}",
    )


def _said(kind: str) -> str:
    return kind.replace("_", " ")
