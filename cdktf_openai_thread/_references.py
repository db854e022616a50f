"""Nested attributes as Python sees them: references to what is deployed, records of what is given.

They bear the names that generated bindings give them: `ThreadMessagesList`,
`ThreadMessagesOutputReference`, `ThreadMessages`; all are derived from the contract.
"""

import types
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, cast

from cdktf_openai_thread._composition import KnownAtDeployError
from cdktf_openai_thread._host import tf
from cdktf_openai_thread._values import is_token
from cdktf_openai_thread.errors import ConfigurationError
from provider_shim.contract.attributes import (
    Attribute,
    Bool,
    ListOf,
    MapOf,
    Number,
    Object,
    String,
    Type,
)

META_ARGUMENTS = ("connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioners")
"""What every resource takes, whatever it is."""

# ruff: noqa: SLF001 - an owner, its references and their descriptors are one class in parts


class Referring(Protocol):
    """What attributes are read from."""

    def _reference(self, name: str) -> object:
        """Give the reference to the deployed value."""


class Owner(Referring, Protocol):
    """What attributes are configured on: a resource, or an object nested in it."""

    @property
    def _values(self) -> dict[str, Any]:
        """What was configured."""

    def _change(self, name: str, value: object) -> None:
        """Configure an attribute anew; None takes it out."""


def read(owner: Any, name: str, kind: Type) -> object:  # noqa: ANN401, PLR0911 - a jsii interface; one return a type
    """Make the reference to an attribute of a resource or of an object nested in one."""
    match kind:
        case String():
            return owner.get_string_attribute(name)
        case Number():
            return owner.get_number_attribute(name)
        case Bool():
            return owner.get_boolean_attribute(name)
        case ListOf(String()):
            return owner.get_list_attribute(name)
        case MapOf(String()):
            return owner.get_string_map_attribute(name)
        case Object():
            return reference_class(kind)(owner, name)
        case ListOf(Object() as element):
            return list_class(element)(owner, name)
        case _:
            return owner.interpolation_for_attribute(name)


class ObjectReference(tf.ComplexObject):
    """A reference to a nested object; assigning to its attributes changes what is configured."""

    _OBJECT: ClassVar[Object]

    def __init__(self, owner: Owner, name: str, index: int | None = None) -> None:
        """Refer to the attribute `name` of `owner`, or to one element of that list."""
        self._owner = owner
        self._name = name
        self._index = index
        self._references: dict[str, object] = {}
        super().__init__(cast("tf.IInterpolatingParent", owner), name, complex_object_is_from_set=False,
                         complex_object_index=index)  # fmt: skip

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - attributes come from the contract
            ...

    @property
    def internal_value(self) -> Any:  # noqa: ANN401 - JSON, a token, or None
        """What was configured here, None where it is absent."""
        given = self._owner._values.get(self._name)
        if self._index is None:
            return given
        return given[self._index] if isinstance(given, list) and self._index < len(given) else None

    @internal_value.setter
    def internal_value(self, value: object) -> None:
        if self._index is None:
            self._owner._change(self._name, value)
            return
        given = self._owner._values.get(self._name)
        if not isinstance(given, list) or not 0 <= self._index < len(given):
            there = f"{len(given)} elements are" if isinstance(given, list) else "no list is"
            raise IndexError(
                f"{self._name}[{self._index}] cannot be changed: {there} configured. "
                f"Allowed: an index that is configured. Use put_{self._name} to configure more."
            )
        self._owner._change(self._name, [*given[: self._index], value, *given[self._index + 1 :]])

    @property
    def _values(self) -> dict[str, Any]:
        given = self.internal_value
        return given if isinstance(given, dict) else {}

    def _change(self, name: str, value: object) -> None:
        if self.internal_value is not None and is_token(self.internal_value):
            raise ConfigurationError(_construct(self), [KnownAtDeployError((self._name,)).problem])
        kept = {each: given for each, given in self._values.items() if each != name}
        self.internal_value = kept if value is None else {**kept, name: value}

    def _reference(self, name: str) -> object:
        if name not in self._references:
            self._references[name] = read(self, name, self._OBJECT.attributes[name].type)
        return self._references[name]


def _construct(within: Any) -> str:  # noqa: ANN401 - a resource or a reference
    while isinstance(within, ObjectReference):
        within = within._owner
    return f'{type(within).__name__} "{within.node.path}"'


class ListReference(tf.ComplexList):
    """A reference to a list of nested objects, as long as it turns out to be at deploy."""

    _OBJECT: ClassVar[Object]

    def __init__(self, owner: Owner, name: str) -> None:
        """Refer to the attribute `name` of `owner`."""
        self._owner = owner
        self._name = name
        self._elements: dict[int, ObjectReference] = {}
        super().__init__(cast("tf.IInterpolatingParent", owner), name, wraps_set=False)

    def get(self, index: int) -> ObjectReference:
        """Refer to one element, from 0."""
        if index not in self._elements:
            self._elements[index] = reference_class(self._OBJECT)(self._owner, self._name, index)
        return self._elements[index]

    __getitem__ = get

    def __iter__(self) -> Iterator[ObjectReference]:
        raise TypeError(
            f"{self._name} cannot be iterated over: how many there are is known only at deploy. Use "
            f"{self._name}_input for what is configured, or cdktf.TerraformIterator.from_complex_list."
        )

    @property
    def internal_value(self) -> Any:  # noqa: ANN401 - JSON, a token, or None
        """What was configured here, None where it is absent."""
        return self._owner._values.get(self._name)

    @internal_value.setter
    def internal_value(self, value: object) -> None:
        self._owner._change(self._name, value)


_REFERENCES: dict[str, type[ObjectReference]] = {}
_LISTS: dict[str, type[ListReference]] = {}


def reference_class(of: Object) -> type[ObjectReference]:
    """Make the class of references to a kind of object, once: `ThreadMessagesOutputReference`."""
    if of.name not in _REFERENCES:
        body: dict[str, object] = {"_OBJECT": of, "__doc__": f"A reference to a {of.name}."}
        for attribute in of.attributes.values():
            body |= _members(attribute)
        _REFERENCES[of.name] = _class(f"{of.name}OutputReference", ObjectReference, body)
    return _REFERENCES[of.name]


def list_class(of: Object) -> type[ListReference]:
    """Make the class of references to lists of a kind of object, once: `ThreadMessagesList`."""
    if of.name not in _LISTS:
        body = {"_OBJECT": of, "__doc__": f"A reference to a list of {of.name}."}
        _LISTS[of.name] = _class(f"{of.name}List", ListReference, body)
    return _LISTS[of.name]


Base = TypeVar("Base")


def _class(name: str, base: type[Base], body: dict[str, object]) -> type[Base]:
    return cast("type[Base]", types.new_class(name, (base,), {}, lambda namespace: namespace.update(body)))


def _members(attribute: Attribute) -> dict[str, object]:
    name = attribute.name
    configurable = attribute.required or attribute.optional

    def reference(self: ObjectReference) -> object:
        return self._reference(name)

    def given(self: ObjectReference) -> object:
        return self._values.get(name)

    def put(self: ObjectReference, value: object) -> None:
        self._change(name, value)

    def put_object(self: ObjectReference, value: object = None, /, **given: object) -> None:
        self._change(name, given if value is None else value)

    def reset(self: ObjectReference) -> None:
        self._change(name, None)

    if not configurable:
        return {name: property(reference)}
    members: dict[str, object] = {name: property(reference, put), f"{name}_input": property(given)}
    match attribute.type:
        case Object():
            members[f"put_{name}"] = put_object
        case ListOf(Object()):
            members[f"put_{name}"] = put
    if attribute.optional:
        members[f"reset_{name}"] = reset
    return members


class _Record(dict[str, Any]):
    """What was given for a nested object: a dictionary that reads as generated records do."""

    _NAMES: ClassVar[frozenset[str]]

    def __init__(self, given: Mapping[str, Any] = types.MappingProxyType({}), /, **named: object) -> None:
        super().__init__({name: value for name, value in {**given, **named}.items() if value is not None})

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Give an attribute, None where it is absent."""
        if name in self._NAMES:
            return self.get(name)
        raise AttributeError(f"{type(self).__name__} has no attribute {name}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.items())})"


def record(shape: type[Base], *more: str) -> type[Base]:
    """Make a typed dictionary whose entries can be read as attributes, too.

    Args:
        shape: The contract's typed dictionary.
        more: Entries that only Python knows: Terraform's own arguments.
    """
    body: dict[str, object] = {"_NAMES": frozenset(shape.__annotations__) | {*more}, "__doc__": shape.__doc__}
    return cast("type[Base]", _class(shape.__name__, _Record, body))
