"""Terraform's values in plain Python: msgpack in the protocol, JSON in an old state.

An object is a dict with every attribute of its contract, absent ones as None. What is
not known before apply is UNKNOWN. A number is an int or a float; one that a float can't
hold exactly remembers how it was written, because Terraform compares all digits.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NoReturn, Self, final

import msgpack

from provider_shim.contract.attributes import (
    Attribute,
    Bool,
    Json,
    ListOf,
    MapOf,
    Number,
    Object,
    String,
    Type,
    named,
)
from provider_shim.contract.check import json_of
from provider_shim.contract.path import Key, Path, spelled

Attributes = Mapping[str, Attribute]
Report = Callable[[Path, str], None]
"""Is told where a value does not fit its contract, and how."""

_EXACT = 2**53
"""Whole numbers below this one are exact as msgpack's and JSON's numbers."""
_DIGITS = 1_000
"""Digits of a number at most; Terraform's own numbers have 155."""
_UNKNOWN_EXTENSIONS = (0, 12)
"""msgpack extensions of an unknown value, and of one that Terraform knows something about."""


@final
class Unknown:
    """The type of UNKNOWN."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __copy__(self) -> "Unknown":
        return self

    def __deepcopy__(self, memo: object) -> "Unknown":
        return self

    def __reduce__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> NoReturn:
        raise TypeError("UNKNOWN is neither true nor false: compare with `is`")


UNKNOWN: Final = Unknown()
"""A value that is known only after apply."""


def is_unknown(value: object) -> bool:
    """Return whether a value is UNKNOWN."""
    return value is UNKNOWN


class Written(float):
    """A float that remembers its digits: ``0.1`` is no float, and Terraform knows that."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """Take the digits, e.g. ``"0.1"``."""
        self = super().__new__(cls, text)
        self.text = text
        return self


class Malformed(Exception):  # noqa: N818 - names what it is about
    """A value that its contract does not allow: where, and what is wrong with it."""

    def __init__(self, path: Path, problem: str) -> None:
        """Take the place and the problem, e.g. ``is a string instead of a list``."""
        super().__init__(f"{spelled(path) or 'the value'} {problem}")
        self.path = path
        self.problem = problem


def decode(attributes: Attributes, data: bytes) -> dict[str, Any] | None:
    """Read an object off Terraform's msgpack; no data at all is None.

    Raises:
        Malformed: it is no msgpack, or not of these attributes.
    """
    if not data:
        return None
    try:
        value = msgpack.unpackb(data, ext_hook=_extension, strict_map_key=False)
    except (ValueError, TypeError, RecursionError) as problem:  # TypeError: a map's key is a list or a map
        raise Malformed((), f"is no msgpack: {problem}") from problem
    return conform(attributes, value, _refuse)


def conform(attributes: Attributes, value: object, report: Report) -> dict[str, Any] | None:
    """Return an object with exactly its attributes, each of the Python type of its contract.

    Absent attributes become None, others than the contract's are dropped. What does not
    fit is reported and becomes None, unless ``report`` raises.
    """
    if value is None:
        return None
    if not isinstance(value, Mapping):
        report((), f"is {_a(value)} instead of an object")
        return None
    return _object(attributes, value, (), report)


def encode(attributes: Attributes, value: Mapping[str, object] | None, report: Report) -> bytes:
    """Write an object as Terraform's msgpack.

    What does not fit the contract is reported and sent as null, unless ``report`` raises.
    """
    packed: bytes = msgpack.packb(
        None if value is None else _sent_object(attributes, value, (), report), default=_packed_unknown
    )
    return packed


def unknown_paths(value: object, path: Path = ()) -> list[Path]:
    """Find every UNKNOWN."""
    if value is UNKNOWN:
        return [path]
    found: list[Path] = []
    if isinstance(value, dict):
        for name, each in value.items():
            found += unknown_paths(each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            found += unknown_paths(each, (*path, index))
    return found


def without_unknowns(value: Any) -> Any:  # noqa: ANN401 - any value
    """Copy a value with None in the place of every UNKNOWN."""
    if value is UNKNOWN:
        return None
    if isinstance(value, dict):
        return {name: without_unknowns(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_unknowns(each) for each in value]
    return value


def same(one: object, other: object) -> bool:
    """Compare as Terraform does: numbers by number, never a bool with a number."""
    if one is other:
        return one is not UNKNOWN
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(each, other[name]) for name, each in one.items())
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Written) and isinstance(other, Written):
        return _plain(one.text) == _plain(other.text)
    return one is not UNKNOWN and other is not UNKNOWN and one == other


def same_json(one: object, other: object) -> bool:
    """Compare JSON texts by what they say."""
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    try:
        return one == other or same(json_of(one), json_of(other))
    except ValueError:
        return False


def _refuse(path: Path, problem: str) -> NoReturn:
    raise Malformed(path, problem)


def _extension(code: int, data: bytes) -> Unknown:
    if code not in _UNKNOWN_EXTENSIONS:
        raise ValueError(f"extension {code} with {len(data)} bytes is not Terraform's")
    return UNKNOWN


def _packed_unknown(value: object) -> Any:  # noqa: ANN401 - msgpack has no types
    if value is UNKNOWN:
        return msgpack.ExtType(0, b"\0")
    raise TypeError(f"{value!r} is no value of Terraform")


# --- received ---------------------------------------------------------------------------


def _object(attributes: Attributes, value: Mapping[Any, Any], path: Path, report: Report) -> dict[str, Any]:
    return {
        name: _received(attribute.type, value.get(name), (*path, name), report)
        for name, attribute in attributes.items()
    }


def _received(kind: Type, value: Any, path: Path, report: Report) -> Any:  # noqa: ANN401, PLR0911 - any value, one return a type
    if value is None or value is UNKNOWN:
        return value
    match kind:
        case String() | Json() if isinstance(value, str):
            return value
        case Number() if isinstance(value, (int, float, str)) and not isinstance(value, bool):
            return _number(value, path, report)
        case Bool() if isinstance(value, bool):
            return value
        case ListOf(element) if isinstance(value, (list, tuple)):
            return [_received(element, each, (*path, index), report) for index, each in enumerate(value)]
        case MapOf(element) if isinstance(value, Mapping):
            return {
                str(key): _received(element, each, (*path, Key(key)), report) for key, each in value.items()
            }
        case Object(_, attributes) if isinstance(value, Mapping):
            return _object(attributes, value, path, report)
    report(path, f"is {_a(value)} instead of {named(kind)}")
    return None


def _number(value: float | str, path: Path, report: Report) -> int | float | None:
    """Return an int for a whole number, however it was sent."""
    try:
        if isinstance(value, str):
            return _from_digits(value)
        if isinstance(value, int):
            return value
        if value.is_integer():
            return int(value)
        if value - value == 0:
            return _exactly(value)
    except ValueError:
        pass
    report(path, f"is {value!r:.60} instead of a number")
    return None


def _from_digits(text: str) -> int | float:
    if len(text) > _DIGITS or "_" in text:
        raise ValueError("not Terraform's digits")
    if text.lstrip("+-").isdecimal():
        return int(text)
    number = Written(text)
    if number - number != 0:
        raise ValueError("not a number")
    return number


def _exactly(value: float) -> float:
    """Return a number with all the digits of a float that Terraform holds."""
    from decimal import Decimal  # noqa: PLC0415 - hardly any number needs it

    return Written(format(Decimal(value), "f"))


# --- sent -------------------------------------------------------------------------------


def _sent_object(
    attributes: Attributes, value: Mapping[Any, Any], path: Path, report: Report
) -> dict[str, Any]:
    for name in value:
        if name not in attributes:
            report((*path, name), "is no attribute")
    return {
        name: _sent(attribute.type, value.get(name), (*path, name), report)
        for name, attribute in attributes.items()
    }


def _sent(kind: Type, value: Any, path: Path, report: Report) -> Any:  # noqa: ANN401, PLR0911 - as above
    if value is None or value is UNKNOWN:
        return value
    match kind:
        case String() | Json() if isinstance(value, str):
            return _text(value)
        case Number() if (
            isinstance(value, (int, float)) and not isinstance(value, bool) and value - value == 0
        ):
            return _digits(value)
        case Bool() if isinstance(value, bool):
            return value
        case ListOf(element) if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
            return [_sent(element, each, (*path, index), report) for index, each in enumerate(value)]
        case MapOf(element) if isinstance(value, Mapping):
            return {
                _text(key): _sent(element, each, (*path, Key(key)), report) for key, each in value.items()
            }
        case Object(_, attributes) if isinstance(value, Mapping):
            return _sent_object(attributes, value, path, report)
    report(path, f"is {_a(value)} instead of {named(kind)}")
    return None


def _text(value: str) -> str:
    """Return a text with U+FFFD for half a surrogate pair, which JSON can carry and is no Unicode text."""
    if value.isascii():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _digits(value: float) -> int | str:
    """Return a number's digits, which are exact; msgpack's floats would not be for 0.1."""
    if isinstance(value, Written):
        return value.text
    if isinstance(value, float):
        if not value.is_integer():
            return _plain(repr(float(value)))
        value = int(value)
    return value if -_EXACT < value < _EXACT else str(value)


def _plain(digits: str) -> str:
    """Return digits without exponent and without needless zeros."""
    from decimal import Decimal  # noqa: PLC0415 - hardly any number needs it

    return format(Decimal(digits).normalize(), "f")


def _a(value: object) -> str:
    match value:
        case bool():
            return "a bool"
        case str():
            return "a string"
        case int() | float():
            return "a number" if value - value == 0 else "not finite"
        case Mapping():
            return "an object"
        case list() | tuple():
            return "a list"
        case _:
            return f"of the type {type(value).__name__}"
