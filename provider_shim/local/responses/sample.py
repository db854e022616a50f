"""A value that fits a JSON Schema: what a model without a mind of its own fills a form with."""

from typing import Any, Final

DEPTH: Final = 32
"""How deep a schema is followed; below that, null."""


def sample(schema: object, text: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the same value for the same schema and text: `text` for a string, the least of all else.

    Optional members are left out. Bounds are kept; a pattern is not looked at.
    """
    root = schema if isinstance(schema, dict) else {}
    return _value(root, text, root, DEPTH)


def _value(schema: object, text: str, root: dict[str, Any], depth: int) -> Any:  # noqa: ANN401, C901, PLR0911, PLR0912 - one case a word
    if not isinstance(schema, dict) or depth == 0:
        return None
    if "$ref" in schema:
        return _value(_referred(root, str(schema["$ref"])), text, root, depth - 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    if "default" in schema:
        return schema["default"]
    for word in ("anyOf", "oneOf", "allOf"):
        if alternatives := schema.get(word):
            return _value({**_without(schema, word), **_first(alternatives)}, text, root, depth - 1)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    match kind:
        case "object":
            members = schema.get("properties") or {}
            wanted = schema.get("required") or []
            return {name: _value(members.get(name, {}), text, root, depth - 1) for name in wanted}
        case "array":
            least = _whole(schema.get("minItems"), 0)
            return [_value(schema.get("items", {}), text, root, depth - 1)] * least
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return False
        case "null":
            return None
        case _:
            padded = text.ljust(_whole(schema.get("minLength"), 0), ".")
            return padded[: _whole(schema.get("maxLength"), len(padded))]


def _number(schema: dict[str, Any]) -> float:
    for word, step in (("minimum", 0), ("exclusiveMinimum", 1)):
        if isinstance(schema.get(word), int | float) and schema[word] + step > 0:
            bound: float = schema[word] + step
            return bound
    for word, step in (("maximum", 0), ("exclusiveMaximum", 1)):
        if isinstance(schema.get(word), int | float) and schema[word] - step < 0:
            highest: float = schema[word] - step
            return highest
    return 0


def _whole(value: object, otherwise: int) -> int:
    return min(value, 1_000) if isinstance(value, int) and value >= 0 else otherwise


def _first(alternatives: object) -> dict[str, Any]:
    for one in alternatives if isinstance(alternatives, list) else ():
        if isinstance(one, dict) and one.get("type") != "null":
            return one
    return {"type": "null"}


def _without(schema: dict[str, Any], word: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in {word, "title", "description"}}


def _referred(root: dict[str, Any], reference: str) -> object:
    found: object = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        if step:
            name = step.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, dict) else None
    return found
