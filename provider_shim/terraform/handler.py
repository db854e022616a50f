"""What the server asks of a provider and of each resource.

All values are plain Python: dict, list, str, int, float, bool, None and UNKNOWN. An
object always has all its attributes, absent ones as None.

A handler's coroutine reports what it has reached by setting ``work.state``, as soon as
it has reached it: whatever happens afterwards (a Failure, a bug, Ctrl-C), the server
answers Terraform with that state. It ends early by raising Failure.

A provider that only validates and plans what is new needs no event loop, and importing
asyncio is a tenth of what such a start costs. So what must not wait is a plain method. All
else runs in one event loop, and nothing may block it for long: Terraform's connection is
in it as well.

``Upgrades``, ``Moves`` and ``Generates`` are for handlers that have something to say there, ``resource`` and
``data_source`` for the type checker, which holds a class against what the server asks of it.

Records are no data classes: importing ``dataclasses`` is a tenth of a start.
"""

from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

from provider_shim.contract.attributes import Contract
from provider_shim.contract.path import Path
from provider_shim.terraform.diagnostics import Diagnostic

if TYPE_CHECKING:
    import asyncio

Values = dict[str, Any]
State = TypeVar("State", bound=Mapping[str, Any])
"""Values that are all known: of a resource, the typed dictionary that is made from its contract."""


class Change(Generic[State]):
    """A planned change. The contract has filled in ``planned`` and ``replace`` already.

    ``prior`` is None for a create, ``planned`` is None for a destroy. Anything that is configured or planned
    may be UNKNOWN, so these two have no type of their own.
    """

    def __init__(
        self,
        prior: State | None,
        config: Values | None,
        planned: Values | None,
        private: Values | None = None,
        replace: list[Path] | None = None,
    ) -> None:
        self.prior = prior
        self.config = config
        self.planned = planned
        self.private = {} if private is None else private
        self.replace = [] if replace is None else replace
        self.diagnostics: list[Diagnostic] = []
        self.applying = False
        """Whether this process has already applied something: Terraform plans again while it applies."""


class Work(Generic[State]):
    """A create, read, update or delete under way.

    ``state`` starts as the prior state (None for a create) and is what Terraform will
    hold afterwards; None means that the object is gone. ``private`` is stored beside the
    state, unseen by the user; JSON values only.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what Terraform sends
        self,
        state: State | None,
        stopping: "asyncio.Event",
        prior: State | None = None,
        planned: State | None = None,
        config: State | None = None,
        private: Values | None = None,
    ) -> None:
        self.state = state
        self.stopping = stopping
        self.prior = prior
        self._planned = planned
        self._config = config
        self.private = {} if private is None else private
        self.diagnostics: list[Diagnostic] = []

    @property
    def planned(self) -> State:
        """What a create or an update is to reach. What the API fills in may be UNKNOWN in it."""
        if self._planned is None:
            raise AssertionError("only a create or an update has a plan")
        return self._planned

    @property
    def config(self) -> State:
        """The configuration: of a data source, or of what is created or updated."""
        if self._config is None:
            raise AssertionError("what is read, deleted or imported has no configuration")
        return self._config

    @property
    def reached(self) -> State:
        """The state of an object that exists."""
        if self.state is None:
            raise AssertionError("the object exists")
        return self.state


class Source(NamedTuple):
    """Another provider's object, of which a resource is to take the state."""

    provider: str
    type_name: str
    version: int
    state: Mapping[str, Any]


class ResourceHandler(Protocol[State]):
    """One resource type."""

    contract: Contract

    def plan_new(self, change: Change[State]) -> None:
        """Adjust the plan that the contract made of what does not exist yet."""

    async def plan(self, change: Change[State]) -> None:
        """Adjust the plan of an object: in place, a destroy, or a replacement.

        Of a replacement Terraform asks twice. The second time ``prior`` is None, and ``private`` is what
        the first answer left in it.
        """

    async def create(self, work: Work[State]) -> None:
        """Make the object of ``work.planned``; set ``work.state`` once it exists."""

    async def read(self, work: Work[State]) -> None:
        """Refresh ``work.state``; None only where absence is proven."""

    async def update(self, work: Work[State]) -> None:
        """Turn ``work.prior`` into ``work.planned``."""

    async def delete(self, work: Work[State]) -> None:
        """Remove the object; set ``work.state`` to None once it is gone."""

    async def import_state(self, work: Work[State], identifier: str) -> None:
        """Set ``work.state`` to the object with this id."""


@runtime_checkable
class Upgrades(Protocol):
    """A resource whose state had another shape once, or has it at another provider."""

    def upgrade(self, version: int, state: Mapping[str, object]) -> Mapping[str, Any]:
        """Turn a state into today's; attributes may be absent.

        It is of an older schema version, or of today's number and does not fit: another provider's.
        """


@runtime_checkable
class Moves(Protocol):
    """A resource that takes over another provider's objects."""

    def move(self, source: Source) -> Mapping[str, Any]:
        """Turn another provider's state into ours."""


@runtime_checkable
class Generates(Protocol):
    """A resource whose configuration says more than its state does."""

    def generate(self, config: Values, state: Mapping[str, Any]) -> None:
        """Complete a configuration that the contract has made of a state."""


class DataSourceHandler(Protocol[State]):
    """One data source type."""

    contract: Contract

    async def read(self, work: Work[State]) -> None:
        """Set ``work.state`` from ``work.config``."""


class Listed(NamedTuple):
    """An object that a list names: what a person calls it, and its identity."""

    name: str
    identity: Mapping[str, str]


class ListHandler(Protocol):
    """Finds the objects of one resource type."""

    contract: Contract
    """What a user can say of which objects are wanted; its name is the resource's."""

    def list(self, config: Values) -> AsyncGenerator[Listed, None]:
        """Yield the objects, as they come."""


Resource = TypeVar("Resource", bound=ResourceHandler[Any])
DataSource = TypeVar("DataSource", bound=DataSourceHandler[Any])


def resource(kind: type[Resource]) -> type[Resource]:
    """Mark the handler of a resource."""
    return kind


def data_source(kind: type[DataSource]) -> type[DataSource]:
    """Mark the handler of a data source."""
    return kind


@runtime_checkable
class Describes(Protocol):
    """Handlers by type name of which each is slower to import than what its type is."""

    contracts: Mapping[str, Contract]


def contracts_of(
    handlers: Mapping[str, ResourceHandler[Any]]
    | Mapping[str, DataSourceHandler[Any]]
    | Mapping[str, ListHandler],
) -> Mapping[str, Contract]:
    """Return what each type is."""
    if isinstance(handlers, Describes):
        return handlers.contracts
    return {name: each.contract for name, each in handlers.items()}


@runtime_checkable
class Explains(Protocol):
    """A provider that has exceptions of its own."""

    def explain(self, problem: BaseException) -> list[Diagnostic] | None:
        """Return what to show of an exception; None if it is not the provider's."""


class Provider(Protocol):
    """The whole: its own configuration, and a handler for each type."""

    contract: Contract

    @property
    def resources(self) -> Mapping[str, ResourceHandler[Any]]:
        """The handler of each resource type."""

    @property
    def data_sources(self) -> Mapping[str, DataSourceHandler[Any]]:
        """The handler of each data source type."""

    @property
    def lists(self) -> Mapping[str, ListHandler]:
        """The handler of each resource type whose objects can be listed."""

    def configure(self, config: Values, terraform_version: str) -> list[Diagnostic]:
        """Take the configuration; unknowns may be anywhere."""

    async def stop(self) -> None:
        """Ctrl-C: finish what is under way soon, begin nothing new."""

    async def close(self) -> None:
        """Release connections; the process ends after it."""
