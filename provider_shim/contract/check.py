"""Walks a value against a contract and yields every problem, with its path.

The same walk runs at synth, where what is unknown is a cdktf token, and in the
provider, where it is Terraform's unknown.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeGuard

from provider_shim.contract.attributes import (
    Attribute,
    Bool,
    Contract,
    Count,
    Json,
    Length,
    ListOf,
    MapOf,
    Number,
    Object,
    String,
    Type,
    named,
)
from provider_shim.contract.path import Key, Path, spelled

IsUnknown = Callable[[object], bool]

_SHOWN = 60
"""Characters of a given value that a message repeats."""


class Problem(NamedTuple):
    """Something that no API would take: where, a title, and the whole sentence."""

    path: Path
    summary: str
    detail: str


def check(contract: Contract, values: Mapping[str, object], is_unknown: IsUnknown) -> Iterator[Problem]:
    """Yield what is wrong with a configuration. ``None`` is an absent value."""
    found = False
    for problem in _object(contract.attributes, values, (), is_unknown):
        found = True
        yield problem
    if not found:
        for rule in contract.rules:
            for path, summary, detail in rule(values, is_unknown):
                yield Problem(path, summary, detail)


def _object(
    attributes: Mapping[str, Attribute], values: Mapping[str, object], path: Path, is_unknown: IsUnknown
) -> Iterator[Problem]:
    misspelled = set()
    for name in values:
        known = attributes.get(name)
        if known is None or (not known.settable and values[name] is not None):
            settable = [each for each in attributes if attributes[each].settable]
            misspelled.add(_nearest(name, settable))
            yield _unexpected((*path, name), name, attributes, settable)
    for name, attribute in attributes.items():
        value = values.get(name)
        if value is None:
            if attribute.required and name not in misspelled:
                here = (*path, name)
                yield Problem(
                    here,
                    "Missing attribute",
                    f"{spelled(here)} is missing, and it is required: {attribute.description}",
                )
        elif attribute.settable and not is_unknown(value):
            here = (*path, name)
            secret = attribute.sensitive or attribute.write_only
            yield from _value(attribute.type, value, here, is_unknown, secret=secret)


def _value(
    kind: Type, value: object, path: Path, is_unknown: IsUnknown, *, secret: bool = False
) -> Iterator[Problem]:
    if isinstance(kind, Object) and isinstance(value, Mapping):
        yield from _object(kind.attributes, value, path, is_unknown)
    elif isinstance(kind, ListOf) and isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        yield from _count(kind.size, len(value), "element", path)
        for index, each in enumerate(value):
            yield from _element(kind.element, each, (*path, index), is_unknown)
    elif isinstance(kind, MapOf) and isinstance(value, Mapping):
        yield from _map(kind, value, path, is_unknown)
    elif isinstance(kind, Json) and isinstance(value, (str, Mapping)):
        yield from _json(kind, value, path, is_unknown)
    elif isinstance(kind, String) and isinstance(value, (str, int, float)):
        yield from _string(kind, value, path, secret=secret)
    elif isinstance(kind, Bool) and _is_bool(value):
        return
    elif isinstance(kind, Number) and _is_number(value):
        yield from _number(kind, value, path)
    else:
        yield Problem(
            path,
            "Wrong type",
            f"{spelled(path)} is {_a_python(value, secret=secret)}. Allowed: {_a(kind)}.",
        )


def _element(kind: Type, value: object, path: Path, is_unknown: IsUnknown) -> Iterator[Problem]:
    if value is None:
        yield Problem(
            path, "Missing value", f"{spelled(path)} is null. Allowed: {_a(kind)}. Leave it out instead."
        )
    elif not is_unknown(value):
        yield from _value(kind, value, path, is_unknown)


def _map(kind: MapOf, value: Mapping[Any, Any], path: Path, is_unknown: IsUnknown) -> Iterator[Problem]:
    yield from _count(kind.size, len(value), "pair", path)
    for key, each in value.items():
        here = (*path, Key(key))
        if not is_unknown(key):
            yield from _text(key, kind.key, here, f"The key {_shown(key)} of ", path)
        yield from _element(kind.element, each, here, is_unknown)


def _json(kind: Json, value: str | Mapping[Any, Any], path: Path, is_unknown: IsUnknown) -> Iterator[Problem]:
    pairs: object = value
    if isinstance(value, str):
        try:
            pairs = json_of(value)
        except ValueError as problem:
            yield Problem(
                path,
                "Not JSON",
                f"{spelled(path)} is {_shown(value)}, which is no JSON: {problem}. Allowed: {_a(kind)}. In "
                "HCL: jsonencode({ … }).",
            )
            return
    if not isinstance(pairs, Mapping):
        yield Problem(
            path, "Wrong type", f"{spelled(path)} is JSON of {_a_json(pairs)}. Allowed: {_a(kind)}."
        )
        return
    yield from _count(kind.size, len(pairs), "pair", path)
    for key, each in pairs.items():
        here = (*path, Key(key))
        if not is_unknown(key):
            yield from _text(key, kind.key, here, f"The key {_shown(key)} of ", path)
        if kind.nested or (each is not None and is_unknown(each)):
            continue
        if isinstance(each, str):
            yield from _text(each, kind.text, here)
        elif not isinstance(each, bool) and not _is_number(each):
            yield Problem(
                here,
                "Wrong type",
                f"{spelled(here)} is {_a_json(each)}. Allowed: a string, a number, true or false.",
            )


def json_of(text: str) -> Any:  # noqa: ANN401 - whatever the text says
    """Return what a JSON text says.

    Raises:
        ValueError: it is no JSON.
    """
    import json  # noqa: PLC0415 - few configurations have any

    def no_number(name: str) -> object:
        raise ValueError(f"{name} is no number")

    try:
        return json.loads(text, parse_constant=no_number)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _string(kind: String, value: str | float, path: Path, *, secret: bool) -> Iterator[Problem]:
    if not kind.one_of:
        if isinstance(value, str):
            yield from _text(value, kind.length, path)
    elif value not in kind.one_of:
        given = "not an allowed value" if secret else _shown(value)
        yield Problem(
            path,
            "Value not allowed",
            f"{spelled(path)} is {given}. Allowed: {_listed(kind.one_of)}.{meant(value, kind.one_of)}",
        )


def _text(
    text: str, length: Length, path: Path, what: str = "", within: Path | None = None
) -> Iterator[Problem]:
    size = len(text)
    if size >= length.minimum and (length.maximum is None or size <= length.maximum) and text.isprintable():
        return
    subject = what + spelled(path if within is None else within)
    if size < length.minimum:
        given = f"has {_of(size, 'character')}" if size else "is empty"
        yield Problem(
            path, "Too short", f"{subject} {given}. Allowed: at least {_of(length.minimum, 'character')}."
        )
    if length.maximum is not None and size > length.maximum:
        yield Problem(
            path,
            "Too long",
            f"{subject} has {size} characters. Allowed: at most {length.maximum}. "
            f"Shorten it by {size - length.maximum}.",
        )
    for index, character in enumerate(text):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            name = (
                "a NUL character" if character == "\0" else f"half a surrogate pair (U+{ord(character):04X})"
            )
            yield Problem(
                path,
                "Not valid text",
                f"{subject} has {name} at position {index}. Allowed: Unicode text without it. Remove it.",
            )
            return


def _number(kind: Number, value: float | str, path: Path) -> Iterator[Problem]:
    if kind.between is None:
        return
    lowest, highest = kind.between.minimum, kind.between.maximum
    number = float(value)
    if number != int(number) or number < lowest or (highest is not None and number > highest):
        allowed = (
            f"a whole number of at least {lowest}"
            if highest is None
            else f"a whole number from {lowest} to {highest}"
        )
        yield Problem(path, "Out of range", f"{spelled(path)} is {value}. Allowed: {allowed}.")


def _count(count: Count, size: int, what: str, path: Path) -> Iterator[Problem]:
    if count.maximum is not None and size > count.maximum:
        yield Problem(
            path,
            f"Too many {what}s",
            f"{spelled(path)} has {_of(size, what)}. Allowed: at most {count.maximum}. "
            f"Remove {size - count.maximum}.",
        )
    if size < count.minimum:
        yield Problem(
            path,
            f"Too few {what}s",
            f"{spelled(path)} has {_of(size, what)}. Allowed: at least {count.minimum}.",
        )


def _unexpected(
    path: Path, name: object, attributes: Mapping[str, Attribute], settable: Sequence[str]
) -> Problem:
    if name in attributes:
        return Problem(
            path,
            "Read-only attribute",
            f"{spelled(path)} is set by the provider and can't be given. Remove it.",
        )
    return Problem(
        path,
        "Unknown attribute",
        f"{spelled(path)} is not known. Allowed: {', '.join(settable)}.{meant(name, settable)}",
    )


def meant(given: object, allowed: Iterable[str]) -> str:
    """Return a question for the allowed word that is near to what was given; nothing if none is."""
    near = _nearest(given, allowed)
    return f' Did you mean "{near}"?' if near else ""


def _nearest(given: object, allowed: Iterable[str]) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415 - only an error needs it

    return next(iter(get_close_matches(str(given), list(allowed), n=1, cutoff=0.5)), None)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool) or value in ("true", "false")


def _is_number(value: object) -> TypeGuard[float | str]:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return False
    try:
        number = float(value)
    except ValueError:
        return False
    return number - number == 0  # neither infinite nor NaN


def _shown(value: object) -> str:
    text = str(value)
    if len(text) > _SHOWN:
        text = f"{text[:_SHOWN]}…"
    return f'"{text}"' if isinstance(value, str) else text


def _listed(names: Sequence[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _of(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _a(kind: Type) -> str:
    match kind:
        case ListOf(element):
            return f"a list, each element {_a(element)}"
        case MapOf(element):
            return f"a map from strings, each value {_a(element)}"
        case Json(nested=nested):
            values = "anything" if nested else "a string, a number, true or false"
            return f"an object, as JSON text, each value {values}"
        case Object(_, attributes):
            settable = [name for name, each in attributes.items() if each.settable]
            return f"an object with {', '.join(settable)}"
        case _:
            return named(kind)


def _a_json(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, (bool, float, int)):
        return str(value).lower()
    if isinstance(value, str):
        return f"a string ({_shown(value)})"
    return "an object" if isinstance(value, Mapping) else "a list"


def _a_python(value: object, *, secret: bool) -> str:
    if secret:
        return f"of the type {type(value).__name__}"
    if isinstance(value, str):
        return f"a string ({_shown(value)})"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, Sequence):
        return "a list"
    return f"{_shown(value)} ({type(value).__name__})"
