"""A value that fits a JSON Schema: what a model without a mind of its own fills a form with."""

from typing import Any, Final

DEPTH: Final = 32
"""How deep a schema is followed; below that, null."""
PARTS: Final = 10_000
"""Values that one is made of, at most; beyond that, null. A schema may refer to itself many times."""


def sample(schema: object, text: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the same value for the same schema and text: `text` for a string, the least of all else.

    Optional members are left out. Bounds are kept; a pattern is not looked at.
    """
    root = schema if isinstance(schema, dict) else {}
    return _Sample(root, text).value(root, DEPTH)


class _Sample:
    """One value being made: what it is made of, and how much more of it there may be."""

    def __init__(self, root: dict[str, Any], text: str) -> None:
        self._root = root
        self._text = text
        self._left = PARTS

    def value(self, schema: object, depth: int) -> Any:  # noqa: ANN401, PLR0911 - any JSON, a case a word
        self._left -= 1
        if not isinstance(schema, dict) or depth == 0 or self._left < 0:
            return None
        if "$ref" in schema:
            return self.value(_referred(self._root, str(schema["$ref"])), depth - 1)
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return schema["enum"][0]
        if "default" in schema:
            return schema["default"]
        for word in ("anyOf", "oneOf", "allOf"):
            if alternatives := schema.get(word):
                return self.value({**_without(schema, word), **_first(alternatives)}, depth - 1)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        return self._of(kind[0] if isinstance(kind, list) and kind else kind, schema, depth)

    def _of(self, kind: object, schema: dict[str, Any], depth: int) -> Any:  # noqa: ANN401 - any JSON
        match kind:
            case "object":
                members, wanted = schema.get("properties"), schema.get("required")
                known = members if isinstance(members, dict) else {}
                names = wanted if isinstance(wanted, list) else []
                return {
                    name: self.value(known.get(name, {}), depth - 1)
                    for name in names
                    if isinstance(name, str)
                }
            case "array":
                least = _whole(schema.get("minItems"), 0)
                return [self.value(schema.get("items", {}), depth - 1) for _ in range(least)]
            case "integer" | "number":
                return _number(schema)
            case "boolean":
                return False
            case "null":
                return None
            case _:
                padded = self._text.ljust(_whole(schema.get("minLength"), 0), ".")
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
    return min(value, PARTS) if isinstance(value, int) and value >= 0 else otherwise


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
