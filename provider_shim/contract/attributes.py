"""The shape of a resource, derived from the typed dictionaries that users' editors read.

An attribute is an entry of a typed dictionary: its type, a sentence, and rules, all in
one ``Annotated``. From it come the provider's schema, the checks at synth and at plan,
the plan rules and the reference pages.

Records are named tuples: a data class costs twice the time at import, and a provider
starts several times in one run.
"""

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    NotRequired,
    Protocol,
    Required,
    Union,
    get_args,
    get_origin,
    is_typeddict,
)

from provider_shim.contract.path import Key, Path


class Resolvable(Protocol):
    """A value that is known only at deploy: ``cdktf.IResolvable``."""

    @property
    def creation_stack(self) -> list[str]:
        """Where the token was made."""

    def resolve(self, context: Any) -> Any:  # noqa: ANN401 - as cdktf declares it
        """Return the value that the token stands for."""


# --- rules, written into Annotated behind the description -------------------------------


class Length(NamedTuple):
    """Characters of a string."""

    minimum: int = 0
    maximum: int | None = None


class Count(NamedTuple):
    """Elements of a list, or pairs of a map."""

    minimum: int = 0
    maximum: int | None = None


class Between(NamedTuple):
    """A whole number, both ends allowed."""

    minimum: int
    maximum: int | None = None


class Keys(NamedTuple):
    """Characters of each key of a map."""

    length: Length


class Default(NamedTuple):
    """What an absent value is planned as."""

    value: str | int | bool


class Deprecated(NamedTuple):
    """What to use instead."""

    message: str


class PersistedBy(NamedTuple):
    """Where an attribute lives: on one API only. Elsewhere it stays in the state."""

    by: tuple[str, ...]


class Made(NamedTuple):
    """What the API gives a nested object beside what a user sets: these of another typed dictionary."""

    shape: type
    names: tuple[str, ...]


class _Flag(NamedTuple):
    name: str


REPLACE = _Flag("replace")
"""A change makes a new object."""
COMPUTED = _Flag("computed")
"""Optional, and filled in by the provider where it is absent."""
SENSITIVE = _Flag("sensitive")
JSON = _Flag("json")
"""A mapping in Python, JSON text in Terraform: no type of Terraform mixes texts, numbers and bools."""
WRITE_ONLY = _Flag("write-only")
"""Is sent, and never held: neither in a plan nor in a state. Needs Terraform 1.11."""
PROSE = _Flag("prose")
"""Text as a person writes it: in Python, `${` in it means just that."""

# --- types ------------------------------------------------------------------------------


class String(NamedTuple):
    """Text."""

    one_of: tuple[str, ...] = ()
    length: Length = Length()
    prose: bool = False


class Number(NamedTuple):
    """A number; ``between`` makes it a whole one."""

    between: Between | None = None


class Bool:
    """True or false."""


class ListOf(NamedTuple):
    """A list; of objects, where the element is one."""

    element: "Type"
    size: Count = Count()


class MapOf(NamedTuple):
    """A map from strings."""

    element: "Type"
    size: Count = Count()
    key: Length = Length()


class Json(NamedTuple):
    """JSON text of an object; what it says counts, not how it is written."""

    size: Count = Count()
    key: Length = Length()
    text: Length = Length()
    """Of each value that is a text."""
    nested: bool = False
    """Whether a value may be anything, or only a text, a number, true or false."""


class Object(NamedTuple):
    """A nested object. ``name`` is its typed dictionary's."""

    name: str
    attributes: Mapping[str, "Attribute"]


Type = String | Number | Bool | ListOf | MapOf | Json | Object


def named(kind: Type) -> str:
    """Return what a value of a type is called in an error."""
    match kind:
        case String() | Json():
            return "a string"
        case Number():
            return "a number"
        case Bool():
            return "true or false"
        case ListOf():
            return "a list"
        case MapOf():
            return "a map"
        case Object():
            return "an object"


class Attribute(NamedTuple):
    """One attribute. Exactly one of required, optional and only-computed holds."""

    name: str
    type: Type
    description: str
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    write_only: bool = False
    replace: bool = False
    default: str | int | bool | None = None
    deprecated: str = ""
    persisted_by: tuple[str, ...] | None = None
    """APIs that keep it; None is all of them."""

    @property
    def settable(self) -> bool:
        """Whether a user can give it."""
        return self.required or self.optional

    def is_persisted_by(self, api: object) -> bool:
        """Return whether an API keeps it."""
        return self.persisted_by is None or api in self.persisted_by


Rule = Callable[[Mapping[str, Any], Callable[[object], bool]], Iterator[tuple[Path, str, str]]]
"""What no single attribute can say: values, is_unknown -> (path, summary, detail)."""


class Contract(NamedTuple):
    """A provider, a resource or a data source: its attributes by name, in order."""

    type_name: str
    description: str
    attributes: Mapping[str, Attribute]
    version: int = 0
    rules: tuple[Rule, ...] = ()
    identity: tuple[str, ...] = ()
    """Attributes that together tell an object from all others, and that no change alters. An import takes the
    same, one after the other, as its id."""

    @property
    def identity_attributes(self) -> Mapping[str, Attribute]:
        """What the identity is made of."""
        return {name: self.attributes[name] for name in self.identity}

    @property
    def member(self) -> tuple[str, str] | None:
        """Of what is put into another object: the attributes with that one's id, and with its own there."""
        match self.identity:
            case (holder, own):
                return holder, own
            case _:
                return None


def contract(  # noqa: PLR0913 - one argument for each thing a contract says
    type_name: str,
    description: str,
    config: type,
    computed: type | None = None,
    *,
    version: int = 0,
    rules: tuple[Rule, ...] = (),
    identity: tuple[str, ...] = (),
    replaces: bool = False,
) -> Contract:
    """Read a contract off its typed dictionaries: what a user sets, what the API gives.

    ``replaces``: any change of what a user sets makes a new object.
    """
    attributes = _attributes(config)
    if replaces:
        attributes = {name: each._replace(replace=True) for name, each in attributes.items()}
    if computed is not None:
        attributes |= _attributes(computed, computed=True)
    return Contract(type_name, description, attributes, version, rules, identity)


def _attributes(shape: type, *, computed: bool = False) -> dict[str, Attribute]:
    required: frozenset[str] = getattr(shape, "__required_keys__", frozenset())
    return {
        name: _attribute(name, hint, required=name in required, computed=computed)
        for name, hint in shape.__annotations__.items()
    }


def _attribute(name: str, hint: object, *, required: bool, computed: bool) -> Attribute:
    if get_origin(hint) in (Required, NotRequired):
        hint = get_args(hint)[0]
    hint, marks = _unwrapped(hint)
    description = next((each for each in marks if isinstance(each, str)), "")
    default = next((each.value for each in marks if isinstance(each, Default)), None)
    return Attribute(
        name,
        _type(hint, marks, computed=computed),
        description,
        required=required and not computed,
        optional=not required and not computed,
        computed=computed or COMPUTED in marks or default is not None,
        sensitive=SENSITIVE in marks,
        write_only=WRITE_ONLY in marks,
        replace=REPLACE in marks,
        default=default,
        deprecated=next((each.message for each in marks if isinstance(each, Deprecated)), ""),
        persisted_by=next((each.by for each in marks if isinstance(each, PersistedBy)), None),
    )


def _unwrapped(hint: object) -> tuple[object, tuple[object, ...]]:
    """Split ``Annotated[X | Resolvable, marks]`` into X and marks, whatever encloses what."""
    marks: tuple[object, ...] = ()
    while True:
        if get_origin(hint) is Annotated:
            hint, *more = get_args(hint)
            marks += tuple(more)
        elif get_origin(hint) in (Union, types.UnionType):
            known = [each for each in get_args(hint) if each is not Resolvable]
            hint = float if set(known) == {int, float} else known[0]
        else:
            return hint, marks


def _made(by_the_api: Made | None) -> dict[str, Attribute]:
    if by_the_api is None:
        return {}
    every = _attributes(by_the_api.shape, computed=True)
    return {name: every[name] for name in by_the_api.names}


def _type(hint: Any, marks: Sequence[object], *, computed: bool) -> Type:  # noqa: ANN401, PLR0911 - a type form, one return a type
    def element(inner: object) -> Type:
        inner, inner_marks = _unwrapped(inner)
        return _type(inner, inner_marks, computed=computed)

    origin, arguments = get_origin(hint), get_args(hint)
    if is_typeddict(hint):
        return Object(hint.__name__, _attributes(hint, computed=computed) | _made(_mark(marks, Made)))
    if origin is Literal:
        return String(arguments)
    if hint is str:
        return String((), _mark(marks, Length, Length()), PROSE in marks)
    if hint is bool:
        return Bool()
    if hint in (int, float):
        return Number(_mark(marks, Between))
    if origin is Sequence:
        return ListOf(element(arguments[0]), _mark(marks, Count, Count()))
    if origin is Mapping:
        size, keys = _mark(marks, Count, Count()), _mark(marks, Keys, Keys(Length())).length
        if JSON in marks:
            return Json(size, keys, _mark(marks, Length, Length()), nested=arguments[1] is Any)
        return MapOf(element(arguments[1]), size, keys)
    raise TypeError(f"no attribute can be a {hint!r}")


def _mark(marks: Sequence[object], kind: type, default: Any = None) -> Any:  # noqa: ANN401 - any rule
    return next((each for each in marks if isinstance(each, kind)), default)


def write_only_values(
    attributes: Mapping[str, Attribute], values: Mapping[str, object], path: Path = ()
) -> Iterator[tuple[Path, Any]]:
    """Yield what is given for write-only attributes, wherever they are; what is unknown as well."""
    for name, attribute in attributes.items():
        value, here = values.get(name), (*path, name)
        if value is not None and attribute.write_only:
            yield here, value
        elif value is not None:
            for inner, each, step in objects_in(attribute.type, value):
                yield from write_only_values(inner, each, (*here, *step))


def objects_in(
    kind: Type, value: object
) -> Iterator[tuple[Mapping[str, Attribute], Mapping[str, Any], Path]]:
    """Yield the objects in a value, each with its attributes and the step that leads to it."""
    found: list[tuple[object, Path]] = []
    match kind:
        case Object():
            found = [(value, ())]
        case ListOf(Object() as element) if isinstance(value, list):
            kind, found = element, [(each, (index,)) for index, each in enumerate(value)]
        case MapOf(Object() as element) if isinstance(value, Mapping):
            kind, found = element, [(each, (Key(key),)) for key, each in value.items()]
    for each, step in found:
        if isinstance(kind, Object) and isinstance(each, Mapping):
            yield kind.attributes, each, step
