"""What a text must not hold: tokens and constructs in a form that cdktf does not know again.

`f"{thread.created_at}"` is a number that stands for a token, and is made a token again. The other forms would
be deployed as they are: an address of memory, or the mark of a list.
"""

import re
import sys

from provider_shim.contract.check import Problem
from provider_shim.contract.path import Path, spelled

_FRAMEWORKS = ("cdktf", "cdktn", "constructs", "jsii", "cdktf_openai_thread")
_REPR = r"<([\w.<>]+) object at (0x[0-9a-f]+)>"
_NUMBER = r"-\d(?:\.\d+)?e\+(?:2[89]\d|30\d)"
_DIGITS = r"-\d[\d,_]{280,}"
_EXACT = 12
"""Digits behind the point that the name of a number token has at least."""


def checked(text: str, path: Path, problems: list[Problem]) -> str:
    """Return a text with its number tokens as tokens; add what is wrong with it to the problems."""
    if " object at 0x" in text and (found := _shown(text)):
        problems.append(_in_text(path, f"{found}, which Python writes as its place in memory", _VALUE))
    if "{TfToken[" in text:
        if "#{TfToken[" in text:
            problems.append(_in_text(path, "a list that only the deploy knows", _LIST))
        elif "&{TfToken[" in text:
            problems.append(_in_text(path, "a map that only the deploy knows", _MAP))
    if "e+2" in text or "e+30" in text:
        text = re.sub(_NUMBER, lambda match: _number(match[0], path, problems), text)
    if len(text) > 280 and re.search(_DIGITS, text):  # noqa: PLR2004 - as many as the pattern has
        problems.append(_in_text(path, "the digits of a number that only the deploy knows", _FORMAT))
    return text


_VALUE = (
    "Give what is meant of it: thread.id of a resource, variable.string_value of a variable, "
    "Token.as_string(…) of an expression or of an iterator's value."
)
_LIST = (
    'Join it: Fn.join(", ", names). One element is Fn.element(names, 0), a longer list '
    "Fn.concat([names, […]])."
)
_MAP = (
    'One value is Fn.lookup(labels, "key"), a larger map Fn.merge([labels, {…}]), all of it '
    "Fn.jsonencode(labels)."
)
_FORMAT = 'Format it at the deploy: Fn.format("%.2f", [number]).'


def _shown(text: str) -> str | None:
    """Return the class of the token or construct whose `repr` is in a text, if there is one."""
    for kind, address in re.findall(_REPR, text):
        if kind.partition(".")[0] in _FRAMEWORKS or _is_alive(int(address, 16)):
            name = str(kind).rpartition(".")[2]
            return "a token" if name in ("InterfaceDynamicProxy", "_LazyBaseProxy") else f"a {name}"
    return None


def _is_alive(address: int) -> bool:
    """Return whether an object of jsii is there: a construct of a class of the app's own, for example."""
    references = getattr(sys.modules.get("jsii._reference_map"), "_refs", None)
    return address in {id(each) for each in getattr(references, "_refs", {}).values()}


def _number(name: str, path: Path, problems: list[Problem]) -> str:
    if len(name.partition(".")[2].partition("e")[0]) < _EXACT:
        problems.append(_in_text(path, "a formatted number that only the deploy knows", _FORMAT))
        return name
    from cdktf_openai_thread.synth.framework import tf  # noqa: PLC0415 - what has no token needs no Node

    return str(tf.Token.as_string(float(name)))


def _in_text(path: Path, what: str, step: str) -> Problem:
    return Problem(
        path,
        "A token in a form that is not known again",
        f"{spelled(path)} has in its text {what}. Allowed: a reference as text. {step}",
    )
