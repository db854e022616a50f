"""Terraform's templates: what it evaluates in a text, and what it reads otherwise than it is written."""

import re
from collections.abc import Iterator


def template_parts(text: str) -> Iterator[tuple[str, bool]]:
    """Split a text into what lies between, and what Terraform evaluates, which is marked."""
    start = position = 0
    while position < len(text):
        if text.startswith(("$${", "%%{"), position):
            position += 3
        elif text.startswith(("${", "%{"), position):
            yield text[start:position], False
            start, position = position, _end(text, position + 2)
            yield text[start:position], True
            start = position
        else:
            position += 1
    yield text[start:], False


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


def read_whole(text: str) -> str:
    """Write as expressions what Terraform takes off a text, or what makes it blind for the rest.

    It removes a byte order mark at the beginning, and sees no expression and no escape behind a carriage
    return that ends no line.
    """
    if "\r" in text and "{" in text:
        text = "".join(
            part if is_evaluated else re.sub(_RETURN, r'${"\g<1>\\r"}', part)
            for part, is_evaluated in template_parts(text)
        )
    return '${""}' + text if text.startswith("\ufeff") else text


_RETURN = r"(\$*)\r(?!\n)"
