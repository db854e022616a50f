"""What there is to make constructs of: everything that the provider has, each with its contract."""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Literal, NamedTuple

from provider_shim import contract as contracts
from provider_shim.contract.attributes import Attribute, Contract, ListOf, MapOf, Object, Type
from provider_shim.resources.provider import OpenaiProvider

Kind = Literal["Provider", "Resource", "DataSource"]
"""The base class, too."""


class Subject(NamedTuple):
    """A construct to be made."""

    kind: Kind
    name: str
    """Of the class: `Thread`, `DataOpenaiThread`."""
    contract: Contract
    constant: tuple[str, str]
    """Module and name of the contract."""

    @property
    def module(self) -> str:
        """The module that it is in: named as the contract's is."""
        return self.constant[0].rpartition(".")[2]


class Nested(NamedTuple):
    """An object within the attributes of a construct."""

    name: str
    """As generated bindings name it, after its path: `ThreadMessagesAttachments`."""
    within: Literal["object", "list", "map"]
    attribute: Attribute
    object: Object


def subjects() -> list[Subject]:
    """Return all, in the order of their modules."""
    provider = OpenaiProvider({})
    found = [subject("Provider", provider.contract)]
    found += [subject("Resource", each.contract) for each in provider.resources.values()]
    found += [subject("DataSource", each.contract) for each in provider.data_sources.values()]
    return sorted(found, key=lambda each: each.module)


def subject(kind: Kind, contract: Contract, constant: tuple[str, str] | None = None) -> Subject:
    """Return the construct that is made of a contract."""
    place = constant or _constant(contract)
    if kind == "Provider":
        return Subject(kind, "OpenaiProvider", contract, place)
    short = contract.type_name.removeprefix("openai_")
    if kind == "DataSource":
        return Subject(kind, f"DataOpenai{camel(short)}", contract, place)
    return Subject(kind, camel(short), contract, place)


def nested(prefix: str, attributes: Mapping[str, Attribute]) -> list[Nested]:
    """Return the objects within attributes, what is innermost first."""
    found: list[Nested] = []
    for each in attributes.values():
        within, inner = unwrapped(each.type)
        if isinstance(inner, Object):
            name = prefix + camel(each.name)
            found += nested(name, inner.attributes)
            found.append(Nested(name, within, each, inner))
    return found


def settable(attributes: Mapping[str, Attribute]) -> list[Attribute]:
    """Return the attributes that a user can give."""
    return [each for each in attributes.values() if each.settable]


def unwrapped(kind: Type) -> tuple[Literal["object", "list", "map"], Type]:
    """Return what an attribute has one of, or a list or a map."""
    match kind:
        case ListOf(element):
            return "list", element
        case MapOf(element):
            return "map", element
        case _:
            return "object", kind


def camel(name: str) -> str:
    """Return `tool_resources` as `ToolResources`."""
    return "".join(part.capitalize() for part in name.split("_"))


def _constant(contract: Contract) -> tuple[str, str]:
    for each in pkgutil.iter_modules(contracts.__path__, f"{contracts.__name__}."):
        for name, value in vars(importlib.import_module(each.name)).items():
            if value is contract:
                return each.name, name
    raise LookupError(f"no module of {contracts.__name__} holds the contract of {contract.type_name}")
