"""Values as ``--hcl`` output takes them.

cdktf writes a string into HCL nearly as it is: quotes are escaped in some, newlines and
backslashes in none, and what starts like a list or an object passes for one. So tokens are
resolved first, and strings are handed over as HCL spells them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cdktf_openai_thread.synth.framework import tf
from cdktf_openai_thread.synth.templates import template_parts

if TYPE_CHECKING:
    from constructs import IConstruct

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def in_hcl(of: "IConstruct", values: Mapping[str, object]) -> dict[str, Any]:
    """Write the attributes of a construct as attributes in ``--hcl`` output, never as blocks."""
    return {
        name: {"value": spelled(value), "isBlock": False, "type": "any", "storageClassType": "any"}
        for name, value in resolved(of, values).items()
    }


def resolved(of: "IConstruct", value: object) -> Any:  # noqa: ANN401 - JSON
    """Return a value of a construct with expressions in the place of tokens."""
    resolver = tf.DefaultTokenResolver(tf.StringConcat())
    return tf.Tokenization.resolve(value, scope=of, resolver=resolver, preparing=False)


def spelled(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return a value without tokens as cdktf's HCL takes it."""
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list):
        return [spelled(each) for each in value]
    if isinstance(value, Mapping):
        return {_key(key): spelled(each) for key, each in value.items()}
    return value


def text_expression(text: str) -> str:
    """Return a text that has no token in it, and may have a template, as a part of an expression.

    No brace is left in it. cdktf takes the first one for the end of the expression, and writes the tokens
    behind it in another way.
    """
    found = [*template_parts(text)]
    if any(piece.startswith("%{") for piece, is_evaluated in found if is_evaluated):
        return f'"{"".join(_escaped(text))}"'
    made = [
        f"({piece[2:-1]})" if is_evaluated else f'"{_literal(piece)}"'
        for piece, is_evaluated in found
        if piece
    ]
    return joined(made or ['""'])


def joined(parts: Sequence[str]) -> str:
    """Return the expression of several texts behind each other."""
    return parts[0] if len(parts) == 1 else f'join("", [{", ".join(parts)}])'


def _literal(text: str) -> str:
    plain = text.replace("$${", "${").replace("%%{", "%{").translate(_ESCAPES)
    return plain.replace("{", r"\u007b").replace("}", r"\u007d")


def expression(value: object) -> str:
    """Return a value without tokens as an expression of Terraform's language."""
    if isinstance(value, str):
        return f'"{"".join(_escaped(value))}"'
    if isinstance(value, list):
        return f"[{', '.join(map(expression, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{expression(key)} = {expression(each)}' for key, each in value.items())}}}"
    return json.dumps(value)


def _string(text: str) -> str:
    """Return a template without its quotes, which cdktf adds, and a plain text with them."""
    template = "".join(_escaped(text))
    return template if "${" in template else f'"{template}"'


def _key(text: str) -> str:
    """Leave the quotes to cdktf; have it add them to what it takes for a name and Terraform for none."""
    if not text:
        return '${""}'
    if text in _NO_NAMES or text[0] == "-":
        return f"\\u{ord(text[0]):04x}" + "".join(_escaped(text[1:]))
    return "".join(_escaped(text))


_NO_NAMES = ("for", "null", "true", "false")


def _escaped(text: str) -> Iterator[str]:
    """Escape what is text; what Terraform evaluates stays as it is."""
    for part, is_evaluated in template_parts(text):
        yield part if is_evaluated else part.translate(_ESCAPES)
