"""Checks of request values, composed from small ones.

A check takes a value and its path in the request (``items[0].role``) and returns the value as it is
to be kept, or raises `ApiError` with OpenAI's message and code for that fault.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from provider_shim.contract.limits import METADATA_KEY, METADATA_PAIRS, METADATA_VALUE
from provider_shim.local.errors import invalid

Check = Callable[[Any, str], Any]

# What RFC 3986 allows in a URI, after a scheme and a colon.
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")

_NAMES = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def named(value: object) -> str:
    """What a JSON value is, with its article."""
    return _NAMES.get(type(value), "something else")


def at(where: str, step: str | int) -> str:
    """The path of a member: `at("items", 0)` is ``items[0]``."""
    if isinstance(step, int):
        return f"{where}[{step}]"
    return f"{where}.{step}" if where else step


def _wrong_type(value: object, where: str, expected: str) -> Exception:
    target = f" for '{where}'" if where else " for the request body"
    return invalid(
        f"Invalid type{target}: expected {expected}, but got {named(value)} instead.",
        where or None,
        "invalid_type",
    )


def string(*, least: int = 0, most: int | None = None) -> Check:
    """A string of so many characters."""

    def check(value: object, where: str) -> str:
        if not isinstance(value, str):
            raise _wrong_type(value, where, "a string")
        if len(value) < least:
            raise invalid(
                f"Invalid '{where}': string too short. Expected a string with minimum length"
                f" {least}, but got a string with length {len(value)} instead.",
                where,
                "string_below_min_length",
            )
        if most is not None and len(value) > most:
            raise invalid(
                f"Invalid '{where}': string too long. Expected a string with maximum length"
                f" {most}, but got a string with length {len(value)} instead.",
                where,
                "string_above_max_length",
            )
        return value

    return check


def url(value: object, where: str) -> str:
    """An absolute URL, ``data:`` included."""
    text: str = string()(value, where)
    if _URL.fullmatch(text) is None:
        raise invalid(f"Invalid '{where}': expected a URL, but got '{text[:80]}'.", where, "invalid_value")
    return text


def choice(*allowed: str) -> Check:
    """One of a few strings."""

    def check(value: object, where: str) -> str:
        if not isinstance(value, str):
            raise _wrong_type(value, where, "one of " + listed(allowed))
        if value not in allowed:
            raise invalid(
                f"Invalid value: '{value}'. Supported values are: {listed(allowed)}.",
                where,
                "invalid_value",
            )
        return value

    return check


def listed(allowed: tuple[str, ...]) -> str:
    """Spell the allowed values: `'a', 'b' and 'c'`."""
    quoted = [f"'{one}'" for one in allowed]
    if len(quoted) == 1:
        return quoted[0]
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def boolean(value: object, where: str) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise _wrong_type(value, where, "a boolean")
    return value


def integer(least: int | None = None, most: int | None = None) -> Check:
    """An integer in these bounds."""

    def check(value: object, where: str) -> int:
        # A JSON number without a fraction is an integer, however it is spelled.
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise _wrong_type(value, where, "an integer")
        return within(value, where, least, most)

    return check


def within(value: int, where: str, least: int | None, most: int | None) -> int:
    """The value, if it is in these bounds."""
    if least is not None and value < least:
        raise invalid(
            f"Invalid '{where}': integer below minimum value. Expected a value >= {least},"
            f" but got {value} instead.",
            where,
            "integer_below_min_value",
        )
    if most is not None and value > most:
        raise invalid(
            f"Invalid '{where}': integer above maximum value. Expected a value <= {most},"
            f" but got {value} instead.",
            where,
            "integer_above_max_value",
        )
    return value


def number(least: float = -math.inf, most: float = math.inf) -> Check:
    """A number in these bounds, with or without a fraction."""

    def check(value: object, where: str) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise _wrong_type(value, where, "a number")
        if not least <= value <= most:
            raise invalid(
                f"Invalid '{where}': expected a number from {least} to {most}, but got {value}.",
                where,
                "invalid_value",
            )
        return value

    return check


def array(member: Check, *, least: int = 0, most: int | None = None) -> Check:
    """So many values that each pass `member`."""

    def check(value: object, where: str) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong_type(value, where, "an array")
        for wrong, side, bound, code in (
            (len(value) < least, "short", f"minimum length {least}", "array_below_min_length"),
            (
                most is not None and len(value) > most,
                "long",
                f"maximum length {most}",
                "array_above_max_length",
            ),
        ):
            if wrong:
                raise invalid(
                    f"Invalid '{where}': array too {side}. Expected an array with {bound}, but got"
                    f" an array with length {len(value)} instead.",
                    where,
                    code,
                )
        return [member(one, at(where, index)) for index, one in enumerate(value)]

    return check


def record(required: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these members and no other."""
    needed = dict(required or {})
    known = {**needed, **(optional or {})}

    def check(value: object, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_type(value, where, "an object")
        for name in value:
            if name not in known:
                path = at(where, name)
                raise invalid(f"Unknown parameter: '{path}'.", path, "unknown_parameter")
        for name in needed:
            if name not in value:
                path = at(where, name)
                raise invalid(f"Missing required parameter: '{path}'.", path, "missing_required_parameter")
        return {name: known[name](one, at(where, name)) for name, one in value.items()}

    return check


def nullable(check: Check) -> Check:
    """Null, or what passes `check`."""

    def checked(value: object, where: str) -> object:
        return None if value is None else check(value, where)

    return checked


def either(*, text: Check, parts: Check) -> Check:
    """A string or an array, as a message's content is."""

    def check(value: object, where: str) -> object:
        if isinstance(value, str):
            return text(value, where)
        if isinstance(value, list):
            return parts(value, where)
        raise _wrong_type(value, where, "a string or an array of objects")

    return check


def one_of(expected: str, *alternatives: tuple[type, Check]) -> Check:
    """What passes the check of its type; `expected` says in words which types there are."""

    def check(value: object, where: str) -> object:
        for kind, inner in alternatives:
            if isinstance(value, kind) and not isinstance(value, bool):
                return inner(value, where)
        raise _wrong_type(value, where, expected)

    return check


def mapping(member: Check | None = None) -> Check:
    """An object with any names, whose values pass `member` where it is given."""

    def check(value: object, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_type(value, where, "an object")
        return {name: member(one, at(where, name)) for name, one in value.items()} if member else value

    return check


def anything(value: object, where: str) -> object:
    """Any value."""
    del where
    return value


def tagged(variants: Mapping[str, Check], *, default: str | None = None) -> Check:
    """An object whose member ``type`` says which check it has to pass."""
    which = choice(*variants)

    def check(value: object, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_type(value, where, "an object")
        path = at(where, "type")
        if "type" not in value and default is None:
            raise invalid(f"Missing required parameter: '{path}'.", path, "missing_required_parameter")
        kind = which(value.get("type", default), path)
        checked: dict[str, Any] = variants[kind](value, where)
        return {"type": kind, **checked}

    return check


def _pairs(value_check: Check) -> Check:
    def check(value: object, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_type(value, where, "an object")
        if len(value) > METADATA_PAIRS:
            raise invalid(
                f"Invalid '{where}': too many properties. Expected an object with at most"
                f" {METADATA_PAIRS} properties, but got an object with {len(value)} properties"
                " instead.",
                where,
                "object_above_max_properties",
            )
        for key in value:
            if len(key) > METADATA_KEY:
                raise invalid(
                    f"Invalid property name in '{where}': '{key[:METADATA_KEY]}…' is too long."
                    f" Expected a maximum length of {METADATA_KEY}, but got {len(key)}.",
                    where,
                    "property_name_above_max_length",
                )
        return {key: value_check(one, at(where, key)) for key, one in value.items()}

    return check


def _attribute(value: object, where: str) -> object:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return string(most=METADATA_VALUE)(value, where)
    raise _wrong_type(value, where, "a string, a number or a boolean")


metadata = nullable(_pairs(string(most=METADATA_VALUE)))
"""Pairs of strings, as many as may be, or null."""

attributes = nullable(_pairs(_attribute))
"""Like metadata, but a value may be a number or a boolean too."""
