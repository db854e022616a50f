"""Attributes as Python sees them: references to what is deployed, and what is configured for it.

The classes of `cdktf_openai_thread.bindings` are made of what is here. They bear the names that generated
bindings give them: `ThreadMessagesList`, `ThreadMessagesOutputReference`.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar, cast

from cdktf_openai_thread.errors import ConfigurationError, construct_of
from cdktf_openai_thread.synth.composition import KnownAtDeployError
from cdktf_openai_thread.synth.framework import tf
from cdktf_openai_thread.synth.frozen import frozen
from cdktf_openai_thread.synth.hcl import expression
from cdktf_openai_thread.synth.ids import remember
from cdktf_openai_thread.synth.tokens import STRING_TOKEN, is_token, parted, shown
from cdktf_openai_thread.synth.values import escaped
from provider_shim.contract.check import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# ruff: noqa: SLF001 - an owner and its references are one class in parts


class Owner(Protocol):
    """What attributes are configured on: a resource, or an object nested in it."""

    @property
    def _values(self) -> dict[str, Any]:
        """What was configured."""

    def _change(self, name: str, value: object) -> None:
        """Configure an attribute anew; None takes it out."""

    def _change_within(self, name: str, value: object) -> None:
        """Configure an attribute anew, of which one element is another."""


class Referring:
    """Attributes by name: a reference to each, made once, and what is configured for it."""

    _references: dict[str, Any]
    _values: dict[str, Any]

    if not TYPE_CHECKING:  # a type checker would let any attribute be set

        def __setattr__(self, name: str, value: object) -> None:
            if name[0] != "_":
                known = getattr(type(self), name, None)
                if isinstance(known, property) and known.fset is None:
                    raise ConfigurationError(construct_of(self), [_not_settable(name)])
                if known is None and type(self).__module__.startswith(_OURS):
                    self._refuse_misspelled(name)
            super().__setattr__(name, value)

    def _refuse_misspelled(self, name: str) -> None:
        settable = [each for each in dir(type(self)) if _is_settable(getattr(type(self), each))]
        near = difflib.get_close_matches(name, settable, n=1)
        if near or not hasattr(self, "node"):
            raise ConfigurationError(construct_of(self), [_not_known(name, settable, near)])

    def _given(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return what was configured; a change of it is refused."""
        return frozen(self._values.get(name), self, name)

    def _change(self, name: str, value: object) -> None:
        raise NotImplementedError

    def _change_within(self, name: str, value: object) -> None:
        self._change(name, value)

    def _put(self, name: str, values: tuple[object, ...], given: Mapping[str, object]) -> None:
        """Configure an object: the one that is given, or one of these attributes."""
        if len(values) + bool(given) > 1:
            raise ConfigurationError(construct_of(self), [_one_of_both(name)])
        if values and values[0] is None:
            raise ConfigurationError(construct_of(self), [_null(name)])
        self._change(name, values[0] if values else given)

    def _string(self, name: str) -> str:
        token = cast("str", self._made(name, "get_string_attribute"))
        kind = getattr(self, "TF_RESOURCE_TYPE", "") if name == "id" else ""
        return remember(token, kind, self) if kind else token

    def _number(self, name: str) -> float:
        return cast("float", self._made(name, "get_number_attribute"))

    def _boolean(self, name: str) -> tf.IResolvable:
        return cast("tf.IResolvable", self._made(name, "get_boolean_attribute"))

    def _strings(self, name: str) -> list[str]:
        return cast("list[str]", self._made(name, "get_list_attribute"))

    def _string_map(self, name: str) -> Mapping[str, str]:
        return cast("Mapping[str, str]", self._made(name, "get_string_map_attribute"))

    def _any(self, name: str) -> tf.IResolvable:
        return cast("tf.IResolvable", self._made(name, "interpolation_for_attribute"))

    def _nested(self, name: str, kind: type[Nested]) -> Nested:
        if name not in self._references:
            self._references[name] = kind(self, name)
        return cast("Nested", self._references[name])

    def _made(self, name: str, how: str) -> object:
        # A reference is a round trip to Node: none is made twice.
        if name not in self._references:
            self._references[name] = getattr(self, how)(name)
        return self._references[name]


def _places(given: object) -> dict[Any, Any]:
    """Return the elements of a list by index, of a map by key; none of a token."""
    if given is None or is_token(given):
        return {}
    return dict(enumerate(given)) if isinstance(given, list) else dict(cast("dict[str, Any]", given))


def _counted(given: object) -> str:
    if given is not None and is_token(given):
        return "what only the deploy knows is"
    number = len(_places(given))
    return {0: "nothing is", 1: "1 element is"}.get(number, f"{number} elements are")


def in_brackets(key: str) -> str:
    """Return a key as Terraform's language has it between brackets."""
    parts = parted(key)
    if parts == [key] and key.startswith(STRING_TOKEN):
        return key
    # cdktf writes a token bare, because the brackets are within an expression.
    written = (
        f"${{{part}}}" if part.startswith(STRING_TOKEN) else expression(escaped(part))[1:-1] for part in parts
    )
    return f'"{"".join(written)}"'


class ObjectReference(Referring, tf.ComplexObject):
    """A reference to a nested object; assigning to its attributes changes what is configured."""

    def __init__(self, owner: Owner, name: str, index: int | str | None = None) -> None:
        """Refer to the attribute `name` of `owner`, or to one element of that list or map."""
        self._owner = owner
        self._name = name
        self._index = index
        self._references = {}
        super().__init__(
            cast("tf.IInterpolatingParent", owner),
            name,
            complex_object_is_from_set=False,
            complex_object_index=in_brackets(index) if isinstance(index, str) else index,
        )

    @property
    def internal_value(self) -> Any:  # noqa: ANN401 - JSON, a token, or None
        """What was configured here, None where it is absent."""
        return frozen(self._configured(), self._owner, self._name)

    @internal_value.setter
    def internal_value(self, value: object) -> None:
        if self._index is None:
            self._owner._change(self._name, value)
            return
        given = self._owner._values.get(self._name)
        if self._index not in _places(given):
            there = _counted(given)
            problem = Problem(
                (self._name,),
                "Nothing to change",
                f"{self._name}[{self._index!r}] can't be changed: {there} configured. "
                f"Allowed: what is configured. Use put_{self._name} to configure more.",
            )
            raise ConfigurationError(construct_of(self), [problem])
        changed = dict(_places(given)) | {self._index: value}
        self._owner._change_within(self._name, list(changed.values()) if isinstance(given, list) else changed)

    def _configured(self) -> Any:  # noqa: ANN401 - JSON, a token, or None
        given = self._owner._values.get(self._name)
        return given if self._index is None else _places(given).get(self._index)

    @property
    def _values(self) -> dict[str, Any]:  # type: ignore[override]
        given = self._configured()
        return given if isinstance(given, dict) else {}

    def _change(self, name: str, value: object) -> None:
        given = self._configured()
        if given is not None and is_token(given):
            raise ConfigurationError(construct_of(self), [KnownAtDeployError((self._name,)).problem])
        kept = {each: one for each, one in self._values.items() if each != name}
        self.internal_value = kept if value is None else {**kept, name: value}


_OURS = __name__.partition(".")[0]


def _is_settable(member: object) -> bool:
    return isinstance(member, property) and member.fset is not None


def _not_settable(name: str) -> Problem:
    return Problem(
        (name,),
        "Read only",
        f"{name} is set by the provider and can't be given. Allowed: to refer to it. Remove the assignment.",
    )


def _not_known(name: str, settable: list[str], near: list[str]) -> Problem:
    meant = f' Did you mean "{near[0]}"?' if near else ""
    return Problem(
        (name,), "Unknown attribute", f"{name} is not known. Allowed: {', '.join(settable)}.{meant}"
    )


_MOST = 2**31


def _no_index(name: str, given: object) -> Problem:
    return Problem(
        (name,),
        "Wrong type",
        f"{name} has no element {shown(given)} ({type(given).__name__}). Allowed: a whole number from 0 on. "
        f"Write {name}[0] or {name}.get(0).",
    )


def _no_key(name: str, given: object) -> Problem:
    return Problem(
        (name,),
        "Wrong type",
        f"{name} has no key {shown(given)} ({type(given).__name__}). Allowed: keys that are strings. "
        "Put it in quotes.",
    )


def _one_of_both(name: str) -> Problem:
    return Problem(
        (f"put_{name}",),
        "Given twice",
        f"put_{name} has more than one value. Allowed: one object, or its attributes by name. "
        "Remove one of both.",
    )


def _null(name: str) -> Problem:
    return Problem(
        (f"put_{name}",),
        "Missing value",
        f"put_{name} is None. Allowed: a value. Use reset_{name} to configure none.",
    )


Nested = TypeVar("Nested", bound="ObjectReference | ListReference[Any] | MapReference[Any]")
Element = TypeVar("Element", bound=ObjectReference)


class ListReference(tf.ComplexList, Generic[Element]):
    """A reference to a list of nested objects, as long as it turns out to be at deploy."""

    _ELEMENT: ClassVar[type[ObjectReference]]

    def __init__(self, owner: Owner, name: str) -> None:
        """Refer to the attribute `name` of `owner`."""
        self._owner = owner
        self._name = name
        self._elements: dict[int, Element] = {}
        super().__init__(cast("tf.IInterpolatingParent", owner), name, wraps_set=False)

    def get(self, index: int) -> Element:
        """Refer to one element, from 0."""
        whole = isinstance(index, int) and not isinstance(index, bool) and 0 <= index < _MOST
        if not whole and not (isinstance(index, float) and is_token(index)):
            raise ConfigurationError(construct_of(self), [_no_index(self._name, index)])
        if index not in self._elements:
            self._elements[index] = cast("Element", self._ELEMENT(self._owner, self._name, index))
        return self._elements[index]

    __getitem__ = get

    if TYPE_CHECKING:
        __iter__: None
    else:

        def __iter__(self) -> Iterator[Element]:
            problem = Problem(
                (self._name,),
                "Known only at deploy",
                f"{self._name} can't be iterated over: how many there are is known only at deploy. Allowed: "
                f"what is configured. Use {self._name}_input, or cdktf.TerraformIterator.from_complex_list.",
            )
            raise ConfigurationError(construct_of(self), [problem])

    @property
    def internal_value(self) -> Any:  # noqa: ANN401 - JSON, a token, or None
        """What was configured here, None where it is absent."""
        return frozen(self._owner._values.get(self._name), self._owner, self._name)

    @internal_value.setter
    def internal_value(self, value: object) -> None:
        self._owner._change(self._name, value)


class MapReference(tf.ComplexMap, Generic[Element]):
    """A reference to nested objects by key."""

    _ELEMENT: ClassVar[type[ObjectReference]]

    def __init__(self, owner: Owner, name: str) -> None:
        """Refer to the attribute `name` of `owner`."""
        self._owner = owner
        self._name = name
        self._elements: dict[str, Element] = {}
        super().__init__(cast("tf.IInterpolatingParent", owner), name)

    def get(self, key: str) -> Element:
        """Refer to the object with this key."""
        if not isinstance(key, str):
            raise ConfigurationError(construct_of(self), [_no_key(self._name, key)])
        if key not in self._elements:
            self._elements[key] = cast("Element", self._ELEMENT(self._owner, self._name, key))
        return self._elements[key]

    __getitem__ = get

    @property
    def internal_value(self) -> Any:  # noqa: ANN401 - JSON, a token, or None
        """What was configured here, None where it is absent."""
        return frozen(self._owner._values.get(self._name), self._owner, self._name)

    @internal_value.setter
    def internal_value(self, value: object) -> None:
        self._owner._change(self._name, value)
