"""Protocol Buffers, as far as plugin protocol 6 needs them.

Own code instead of the protobuf package, because importing that costs a plan's three
starts of the provider more than all of the provider's own modules. A message is a class
whose attributes say their field numbers; a test holds it against the real thing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self, TypeVar, cast

Kind = TypeVar("Kind", bound="Message")

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_SIZES = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT = 70
"""Bits that ten groups of seven hold."""
_INT64 = 2**63
_NUMBERS = 2**29
"""Field numbers are below it."""


class Field:
    """One attribute of a message. Read while it is not set, it gives its default."""

    __slots__ = ("default", "entry", "explicit", "kind", "message", "name", "number")

    def __init__(  # noqa: PLR0913 - all of them are what a field is
        self,
        number: int,
        kind: str,
        default: Callable[[], object],
        *,
        message: "type[Message] | None" = None,
        entry: bool = False,
        explicit: bool = False,
    ) -> None:
        self.number = number
        self.kind = kind
        self.default = default
        self.message = message
        self.entry = entry
        self.explicit = explicit
        self.name = ""

    def __set_name__(self, owner: "type[Message]", name: str) -> None:
        self.name = name
        owner.FIELDS = {**owner.FIELDS, self.number: self}

    def __get__(self, instance: object, owner: type) -> Any:  # noqa: ANN401 - the field's type is its annotation
        return self if instance is None else self.default()


class Message:
    """A message: keyword arguments are its fields, None is not set."""

    FIELDS: ClassVar[Mapping[int, Field]] = {}

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - as annotated
        for name, value in values.items():
            if value is not None:
                self.__dict__[name] = value

    @classmethod
    def declare(cls, name: str, field: object) -> None:
        """Add a field that its class body could not name yet."""
        assert isinstance(field, Field)
        setattr(cls, name, field)
        field.__set_name__(cls, name)

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}=…' for name in self.__dict__)})"

    def SerializeToString(self) -> bytes:  # noqa: N802 - protobuf's own name, here and below
        """Encode the message."""
        return b"".join(_encoded(self))

    @classmethod
    def FromString(cls, data: bytes) -> Self:  # noqa: N802 - as protobuf has it
        """Decode a message; unknown fields are skipped.

        Raises:
            ValueError: it is not one.
        """
        self = cls()
        values = self.__dict__
        for number, wire, value in _fields(memoryview(data)):
            field = cls.FIELDS.get(number)
            if field is None:
                continue
            if wire != (_VARINT if field.kind in ("int", "bool") else _BYTES):
                raise ValueError(f"{cls.__qualname__}.{field.name} has the wire type {wire}")
            decoded = _value(field, value)
            if field.entry:
                values.setdefault(field.name, {})[decoded.key] = decoded.value
            elif field.default is list:
                values.setdefault(field.name, []).append(decoded)
            else:
                values[field.name] = decoded
        return self


def text(number: int, *, explicit: bool = False) -> str:
    """Declare a string. ``explicit``: sent even when empty, as a choice of a oneof is."""
    return cast("str", Field(number, "text", str, explicit=explicit))


def data(number: int) -> bytes:
    """Declare bytes."""
    return cast("bytes", Field(number, "bytes", bytes))


def integer(number: int, *, explicit: bool = False) -> int:
    """Declare an int64 or an enum. ``explicit``: as in ``text``."""
    return cast("int", Field(number, "int", int, explicit=explicit))


def boolean(number: int) -> bool:
    """Declare a bool."""
    return cast("bool", Field(number, "bool", bool))


def one(number: int, kind: type[Kind]) -> Kind:
    """Declare a message."""
    return cast("Kind", Field(number, "message", kind, message=kind))


def many(number: int, kind: type[Kind]) -> Sequence[Kind]:
    """Declare a repeated message."""
    return cast("Sequence[Kind]", Field(number, "message", list, message=kind))


def by_name(number: int, kind: type[Kind]) -> Mapping[str, Kind]:
    """Declare a map from strings to messages."""

    class Entry(Message):
        key = text(1)
        value = one(2, kind)

    return cast("Mapping[str, Kind]", Field(number, "message", dict, message=Entry, entry=True))


def _encoded(message: Message) -> Iterator[bytes]:
    for number, field in message.FIELDS.items():
        value = message.__dict__.get(field.name)
        if value is None or (not value and not field.explicit and field.message is None):
            continue
        if field.entry:
            assert field.message is not None
            values: list[Any] = [field.message(key=key, value=each) for key, each in value.items()]
        else:
            values = list(value) if field.default is list else [value]
        for each in values:
            if field.kind in ("int", "bool"):
                yield _varint(number << 3 | _VARINT) + _varint(int(each) % (2 * _INT64))
                continue
            content: bytes
            if field.kind == "message":
                content = each.SerializeToString()
            else:
                content = each.encode() if field.kind == "text" else each
            yield _varint(number << 3 | _BYTES) + _varint(len(content))
            yield content


def _varint(value: int) -> bytes:
    groups = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits a group, here and below
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


def _fields(rest: memoryview) -> Iterator[tuple[int, int, int | memoryview]]:
    """Take a message apart: field number, wire type and value of each field."""
    at = 0
    while at < len(rest):
        tag, at = _read_varint(rest, at)
        number, wire = tag >> 3, tag & 7
        if not 0 < number < _NUMBERS:
            raise ValueError(f"field number {number}")
        if wire == _VARINT:
            value, at = _read_varint(rest, at)
            yield number, wire, value
            continue
        if wire == _BYTES:
            size, at = _read_varint(rest, at)
        elif wire in _SIZES:
            size = _SIZES[wire]
        else:
            raise ValueError(f"wire type {wire}")
        if at + size > len(rest):
            raise ValueError("cut off")
        yield number, wire, rest[at : at + size]
        at += size


def _read_varint(source: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < _LONGEST_VARINT:
        if at >= len(source):
            raise ValueError("cut off")
        byte = source[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - as above
            return value, at
        shift += 7
    raise ValueError("a number without an end")


def _value(field: Field, value: int | memoryview) -> Any:  # noqa: ANN401 - as annotated
    if isinstance(value, int):
        value %= 2 * _INT64
        if field.kind == "bool":
            return bool(value)
        return value - 2 * _INT64 if value >= _INT64 else value
    if field.message is not None:
        return field.message.FromString(bytes(value))
    return str(value, "utf-8") if field.kind == "text" else bytes(value)
