"""The types that there are, found by their modules, and the handler of each.

A resource is a module in ``contract/`` and one of the same name here: ``openai_vector_store`` is the
constant ``VECTOR_STORE`` of ``contract/vector_store.py``, and the class with that contract of
``vector_store.py``. A data source is a constant of ``contract/data.py``, and a class of ``data.py``; a list
resource one of ``contract/lists.py`` and of ``lists.py``. Each is imported when it is asked for: a run that
has no files loads nothing of them, and a start that describes or judges loads no handler.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar

from provider_shim import contract as contracts
from provider_shim.contract.attributes import Contract

if TYPE_CHECKING:
    from provider_shim.resources.connection import Connection

Value = TypeVar("Value")

_PREFIX: Final = "openai_"
_OTHERS: Final = frozenset({"__init__", "data", "identifiers", "lists", "provider"})
"""Modules that are in both folders and are no resource."""


class OnDemand(Mapping[str, Value]):
    """Values by type name, each made once, when it is asked for."""

    def __init__(self, names: Callable[[], Collection[str]], make: Callable[[str], Value]) -> None:
        """Take the types that there are, and how the value of one is made."""
        self._names = names
        self._make = make
        self._made: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        if name not in self._made:
            if name not in self._names():
                raise KeyError(name)
            self._made[name] = self._make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())


class Handlers(OnDemand[Any]):
    """Handlers by type name, and what each type is."""

    def __init__(
        self,
        contracts: Mapping[str, Contract],
        module_of: Callable[[str], str],
        connection: "Callable[[], Connection]",
    ) -> None:
        """Take the types, the module with the handler of one, and what gives the connection of all."""
        super().__init__(contracts.keys, self._handler)
        self.contracts = contracts
        self._module_of = module_of
        self._connection = connection

    def _handler(self, name: str) -> Any:  # noqa: ANN401 - of a resource or a data source
        module, contract = import_module(self._module_of(name)), self.contracts[name]
        found = next(each for each in vars(module).values() if getattr(each, "contract", None) is contract)
        return found(self._connection())


def resources(connection: "Callable[[], Connection]") -> Handlers:
    """Return the handlers of the resources."""
    contracts = OnDemand(_resources, _contract)
    return Handlers(contracts, lambda name: f"{__package__}.{_module(name)}", connection)


def data_sources(connection: "Callable[[], Connection]") -> Handlers:
    """Return the handlers of the data sources."""
    return _of_one_module("data", connection)


def lists(connection: "Callable[[], Connection]") -> Handlers:
    """Return the handlers of the list resources."""
    return _of_one_module("lists", connection)


def _of_one_module(module: str, connection: "Callable[[], Connection]") -> Handlers:
    contracts = OnDemand(lambda: _declared(module), lambda name: _declared(module)[name])
    return Handlers(contracts, lambda _: f"{__package__}.{module}", connection)


def member_of(name: str) -> tuple[str, str] | None:
    """Return where the ids of a resource that is put into another object are: see ``Contract.member``."""
    return _contract(name).member if name in _resources() else None


@cache
def _resources() -> tuple[str, ...]:
    folders = os.path.dirname(__file__), *contracts.__path__  # noqa: PTH120 - pathlib is a slow import
    here, there = ({name.partition(".")[0] for name in os.listdir(each) if "." in name} for each in folders)  # noqa: PTH208 - as above
    return tuple(sorted(_PREFIX + each for each in (here & there) - _OTHERS))


def _contract(name: str) -> Contract:
    found: Contract = getattr(import_module(f"{contracts.__name__}.{_module(name)}"), _module(name).upper())
    return found


@cache
def _declared(name: str) -> Mapping[str, Contract]:
    module = import_module(f"{contracts.__name__}.{name}")
    found = {each.type_name: each for each in vars(module).values() if isinstance(each, Contract)}
    return {name: found[name] for name in sorted(found)}


def _module(name: str) -> str:
    return name.removeprefix(_PREFIX)
