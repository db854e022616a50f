"""How cdktf spells a value that only the deploy knows."""

import re
from collections.abc import Mapping
from math import inf

_TOKEN = "TfToken["  # noqa: S105 - not that kind of token
STRING_TOKEN = "${TfToken["  # noqa: S105 - as above
_NUMBER_TOKENS = -1e280
"""cdktf encodes a number token as a double below this."""


def is_token(value: object) -> bool:
    """Return whether a value is known only at deploy. Asks nothing of Node."""
    if isinstance(value, str):
        return _TOKEN in value
    if isinstance(value, float):
        return -inf < value < _NUMBER_TOKENS
    if isinstance(value, (list, tuple)):
        return len(value) == 1 and isinstance(value[0], (str, float)) and _is_list_token(value[0])
    if isinstance(value, Mapping):
        return len(value) == 1 and str(next(iter(value))).startswith("&{TfToken[")
    return is_jsii(value)


def _is_list_token(element: str | float) -> bool:
    if isinstance(element, float):
        return -inf < element < _NUMBER_TOKENS
    return element.startswith("#{TfToken[")


def is_expression(value: object) -> bool:
    """Return whether Terraform evaluates a value: a token, or a template that was written by hand."""
    if isinstance(value, str):
        return "{" in value and (_TOKEN in value or re.search(_TEMPLATE, value) is not None)
    return is_token(value)


_TEMPLATE = r"(?<!\$)(?:\$\$)*\$\{|(?<!%)(?:%%)*%\{"


def parted(text: str) -> list[str]:
    """Return the tokens of a text, and what is between them; of an empty text that."""
    return [each for each in re.split(r"(\$\{TfToken\[[^\]]*\]\})", text) if each] or [""]


def is_resolvable(value: object) -> bool:
    """Return whether an object stands for a value, and is no construct or anything else of jsii."""
    kind = type(value)
    if hasattr(kind, "__jsii_type__"):
        return hasattr(kind, "resolve") and not hasattr(kind, "node")
    return hasattr(value, "__jsii_ref__")


def is_jsii(value: object) -> bool:
    """Return whether an object is one of the framework's, and no value."""
    return hasattr(type(value), "__jsii_type__") or hasattr(value, "__jsii_ref__")


def shown(value: object) -> str:
    """Return the beginning of what Python shows of a value, whatever it is."""
    try:
        return f"{value!r:.60}"
    except Exception:  # noqa: BLE001 - a class of the app's own may raise anything
        return f"<{type(value).__name__}>"
