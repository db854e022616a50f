"""Values as ``--hcl`` output takes them.

cdktf writes a string into HCL nearly as it is: quotes are escaped in some, newlines and
backslashes in none, and what starts like a list or an object passes for one. So strings
are handed over as HCL spells them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_TOKEN = "TfToken["  # noqa: S105 - not that kind of token
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def in_hcl(value: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Write a value as an attribute in ``--hcl`` output, never as a block."""
    return {"value": _spelled(value), "isBlock": False, "type": "any", "storageClassType": "any"}


def _spelled(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list) and not _is_token(value):
        return [_spelled(each) for each in value]
    if isinstance(value, Mapping) and not _is_token(value):
        return {_key(key): _spelled(each) for key, each in value.items()}
    return value


def _is_token(value: list[Any] | Mapping[str, Any]) -> bool:
    return len(value) == 1 and _TOKEN in str(next(iter(value)))


def _string(text: str) -> str:
    """Give a template without its quotes, which cdktf adds, and a plain text with them."""
    template = "".join(_escaped(text))
    return template if "${" in template else f'"{template}"'


def _key(text: str) -> str:
    """Leave the quotes to cdktf: it adds them to a key that is no identifier."""
    return "".join(_escaped(text))


def _escaped(text: str) -> Iterator[str]:
    """Escape what is text; what Terraform evaluates stays as it is."""
    start = position = 0
    while position < len(text):
        if text.startswith(("$${", "%%{"), position):
            position += 3
        elif text.startswith(("${", "%{"), position):
            yield text[start:position].translate(_ESCAPES)
            start, position = position, _end(text, position + 2)
            yield text[start:position]
            start = position
        else:
            position += 1
    yield text[start:].translate(_ESCAPES)


def _end(text: str, position: int) -> int:
    """Find the end of an expression, past the braces and strings within it."""
    depth, quoted = 1, False
    while position < len(text) and depth:
        character = text[position]
        if quoted:
            position += character == "\\"
            quoted = character != '"'
        elif character == '"':
            quoted = True
        else:
            depth += (character == "{") - (character == "}")
        position += 1
    return position
