"""The calls of plugin protocol 6, each to the handler that it is for.

Every call answers with a message: what goes wrong becomes a diagnostic. A method bears
the name of its RPC.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from provider_shim.contract.attributes import Contract, write_only_values
from provider_shim.contract.check import check
from provider_shim.contract.path import Path, spelled
from provider_shim.terraform import encoding, plan, states
from provider_shim.terraform import tfplugin6 as pb
from provider_shim.terraform.diagnostics import Diagnostic, error
from provider_shim.terraform.guard import attempted, bug, finished
from provider_shim.terraform.handler import (
    Change,
    Explains,
    Generates,
    Moves,
    Provider,
    ResourceHandler,
    Source,
    Upgrades,
    Work,
    contracts_of,
)
from provider_shim.terraform.secrets import hide
from provider_shim.terraform.values import Malformed, is_unknown

if TYPE_CHECKING:
    import asyncio

AT_ONCE = frozenset(
    {
        "GetMetadata",
        "GetProviderSchema",
        "GetResourceIdentitySchemas",
        "GetFunctions",
        "ValidateProviderConfig",
        "ValidateResourceConfig",
        "ValidateDataResourceConfig",
        "ValidateListResourceConfig",
        "ConfigureProvider",
        "UpgradeResourceState",
        "UpgradeResourceIdentity",
        "MoveResourceState",
        "GenerateResourceConfig",
    }
)
"""These never wait for anything."""
WAITING = frozenset(
    {
        "ReadResource",
        "ApplyResourceChange",
        "ImportResourceState",
        "ReadDataSource",
        "StopProvider",
    }
)
PLAN = "PlanResourceChange"
"""Waits only where there is an object already."""
LIST = "ListResource"
"""Answers with one message for each object."""

_MOST_TOLD = 10
"""Problems of a configuration that are told one by one: in a large file Terraform needs a second for each."""


class ProviderServer:
    """Answers Terraform on behalf of one provider."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._explain = provider.explain if isinstance(provider, Explains) else _unexplained
        self._stopping: asyncio.Event | None = None
        self._applying = False

    def call(self, name: str, data: bytes) -> "Callable[[], bytes] | Coroutine[Any, Any, bytes]":
        """Begin an RPC: what answers it at once, or a coroutine where that has to wait.

        Raises:
            KeyError: there is no such RPC.
            ValueError: the data is not its request.
        """
        if name != PLAN and name not in AT_ONCE and name not in WAITING:
            raise KeyError(name)
        request = getattr(pb, name).Request.FromString(data)
        # The second plan of a replacement has no prior state, and the first plan's private data.
        is_new = name == PLAN and states.is_nothing(request.prior_state.msgpack) and not request.prior_private
        if is_new or name in AT_ONCE:
            method: Callable[[Any], Any] = self.plan_new if is_new else getattr(self, name)
            return lambda: bytes(method(request).SerializeToString())
        return self._answered(getattr(self, name), request)

    def begin_list(self, data: bytes) -> AsyncGenerator[bytes, None]:
        """Begin the one RPC that is answered message by message.

        Raises:
            ValueError: the data is not its request.
        """
        return self.ListResource(pb.ListResource.Request.FromString(data))

    async def _answered(self, method: Callable[[Any], Awaitable[Any]], request: object) -> bytes:
        answer: bytes = (await method(request)).SerializeToString()
        return answer

    # --- what there is ------------------------------------------------------------------

    def GetMetadata(self, _request: pb.GetMetadata.Request) -> pb.GetMetadata.Response:
        """Name the types."""
        return pb.GetMetadata.Response(
            server_capabilities=_capabilities(),
            resources=[pb.TypeName(type_name=name) for name in self.provider.resources],
            data_sources=[pb.TypeName(type_name=name) for name in self.provider.data_sources],
            list_resources=[pb.TypeName(type_name=name) for name in self.provider.lists],
        )

    def GetProviderSchema(self, _request: pb.GetProviderSchema.Request) -> pb.GetProviderSchema.Response:
        """Describe the provider and every type."""
        provider = self.provider
        resources, data_sources, lists = (
            {name: encoding.schema_to_proto(each) for name, each in contracts_of(those).items()}
            for those in (provider.resources, provider.data_sources, provider.lists)
        )
        return pb.GetProviderSchema.Response(
            provider=encoding.schema_to_proto(provider.contract),
            resource_schemas=resources,
            data_source_schemas=data_sources,
            server_capabilities=_capabilities(),
            list_resource_schemas=lists,
        )

    def GetResourceIdentitySchemas(
        self, _request: pb.GetResourceIdentitySchemas.Request
    ) -> pb.GetResourceIdentitySchemas.Response:
        """Say what tells the objects of each type apart. Terraform asks from 1.12 on."""
        return pb.GetResourceIdentitySchemas.Response(
            identity_schemas={
                name: encoding.identity_schema_to_proto(each)
                for name, each in contracts_of(self.provider.resources).items()
                if each.identity
            }
        )

    def GetFunctions(self, _request: pb.GetFunctions.Request) -> pb.GetFunctions.Response:
        """There are no functions."""
        return pb.GetFunctions.Response()

    # --- configuration ------------------------------------------------------------------

    def ValidateProviderConfig(
        self, request: pb.ValidateProviderConfig.Request
    ) -> pb.ValidateProviderConfig.Response:
        """Judge the provider's configuration."""
        found = _validated(self.provider.contract, request.config.msgpack, "")
        return pb.ValidateProviderConfig.Response(diagnostics=encoding.diagnostics_to_proto(found))

    def ValidateResourceConfig(
        self, request: pb.ValidateResourceConfig.Request
    ) -> pb.ValidateResourceConfig.Response:
        """Judge a resource's configuration."""
        found = _validated(
            contracts_of(self.provider.resources).get(request.type_name),
            request.config.msgpack,
            request.type_name,
            takes_write_only=request.client_capabilities.write_only_attributes_allowed,
        )
        return pb.ValidateResourceConfig.Response(diagnostics=encoding.diagnostics_to_proto(found))

    def ValidateDataResourceConfig(
        self, request: pb.ValidateDataResourceConfig.Request
    ) -> pb.ValidateDataResourceConfig.Response:
        """Judge a data source's configuration."""
        contract = contracts_of(self.provider.data_sources).get(request.type_name)
        found = _validated(contract, request.config.msgpack, request.type_name)
        return pb.ValidateDataResourceConfig.Response(diagnostics=encoding.diagnostics_to_proto(found))

    def ValidateListResourceConfig(
        self, request: pb.ValidateListResourceConfig.Request
    ) -> pb.ValidateListResourceConfig.Response:
        """Judge which objects are to be listed."""
        contract = contracts_of(self.provider.lists).get(request.type_name)
        found = _validated(contract, request.config.msgpack, request.type_name)
        return pb.ValidateListResourceConfig.Response(diagnostics=encoding.diagnostics_to_proto(found))

    def ConfigureProvider(self, request: pb.ConfigureProvider.Request) -> pb.ConfigureProvider.Response:
        """Take the configuration."""
        contract = self.provider.contract
        try:
            config = states.decoded(contract, request.config.msgpack) or {}
        except Malformed as problem:
            return pb.ConfigureProvider.Response(
                diagnostics=encoding.diagnostics_to_proto([states.malformed(problem)])
            )
        hide(*(config.get(name) for name, attribute in contract.attributes.items() if attribute.sensitive))
        found, failed = attempted(
            lambda: self.provider.configure(config, request.terraform_version), "Configuring the provider"
        )
        return pb.ConfigureProvider.Response(
            diagnostics=encoding.diagnostics_to_proto([*(found or ()), *failed])
        )

    # --- state --------------------------------------------------------------------------

    def UpgradeResourceState(
        self, request: pb.UpgradeResourceState.Request
    ) -> pb.UpgradeResourceState.Response:
        """Bring a state to today's attributes."""
        handler = self.provider.resources.get(request.type_name)
        if handler is None:
            return pb.UpgradeResourceState.Response(
                diagnostics=encoding.diagnostics_to_proto([states.no_type(request.type_name)])
            )
        contract, diagnostics = handler.contract, []
        state: Mapping[str, Any] | None = None
        if request.version > contract.version:
            what = f"state of an {request.type_name}"
            diagnostics.append(states.of_a_newer(what, request.version, contract.version))
        else:
            state, diagnostics = states.raw(request.raw_state)
        problems: list[Diagnostic] = []
        values = states.conformed(contract, state, problems)
        # A number does not tell whose state it is: another provider may count as high as we do.
        strange = request.version < contract.version or problems
        if state is not None and strange and isinstance(handler, Upgrades):
            old, upgrades, problems = state, handler, []
            state, failed = attempted(
                lambda: upgrades.upgrade(request.version, old), f"Upgrading the state of {request.type_name}"
            )
            diagnostics += failed
            values = states.conformed(contract, state, problems)
        diagnostics += problems
        sent = states.sent(contract, values, diagnostics)
        return pb.UpgradeResourceState.Response(
            upgraded_state=sent, diagnostics=encoding.diagnostics_to_proto(diagnostics)
        )

    def UpgradeResourceIdentity(
        self, request: pb.UpgradeResourceIdentity.Request
    ) -> pb.UpgradeResourceIdentity.Response:
        """Bring an identity to today's attributes."""
        from provider_shim.terraform import identity  # noqa: PLC0415 - engines before 1.12 have none

        handler = self.provider.resources.get(request.type_name)
        if handler is None:
            return pb.UpgradeResourceIdentity.Response(
                diagnostics=encoding.diagnostics_to_proto([states.no_type(request.type_name)])
            )
        found, diagnostics = identity.upgraded(handler.contract, request.version, request.raw_identity)
        return pb.UpgradeResourceIdentity.Response(
            upgraded_identity=found, diagnostics=encoding.diagnostics_to_proto(diagnostics)
        )

    def MoveResourceState(self, request: pb.MoveResourceState.Request) -> pb.MoveResourceState.Response:
        """Take over another provider's object."""
        handler = self.provider.resources.get(request.target_type_name)
        if handler is None:
            return pb.MoveResourceState.Response(
                diagnostics=encoding.diagnostics_to_proto([states.no_type(request.target_type_name)])
            )
        state, diagnostics = states.raw(request.source_state)
        moved: Mapping[str, Any] | None = None
        private = b""
        if (
            request.source_type_name == request.target_type_name
            and request.source_schema_version == handler.contract.version
            and states.fits(handler.contract, state)
        ):
            # Some engines ask also where nothing but the address changes.
            moved, private = state, request.source_private
        elif not isinstance(handler, Moves):
            diagnostics.append(states.no_move(request.source_type_name, request.target_type_name))
        elif state is not None:
            moves = handler
            source = Source(
                request.source_provider_address,
                request.source_type_name,
                request.source_schema_version,
                state,
            )
            moved, failed = attempted(
                lambda: moves.move(source),
                f"Moving {request.source_type_name} to {request.target_type_name}",
            )
            diagnostics += failed
        values = states.conformed(handler.contract, moved, diagnostics)
        sent = states.sent(handler.contract, values, diagnostics)
        return pb.MoveResourceState.Response(
            target_state=sent,
            target_private=private,
            target_identity=states.identity(handler.contract, values),
            diagnostics=encoding.diagnostics_to_proto(diagnostics),
        )

    async def ReadResource(self, request: pb.ReadResource.Request) -> pb.ReadResource.Response:
        """Refresh a state."""
        name = request.type_name
        try:
            handler = self._resource(name)
            state = states.decoded(handler.contract, request.current_state.msgpack)
            diagnostics = _another(handler.contract, request.current_identity, state)
        except Malformed as problem:
            diagnostics = [states.malformed(problem)]
        if not diagnostics:
            work: Work[Any] = Work(
                state, self._stop_event(), prior=state, private=encoding.private_from_proto(request.private)
            )
            _, failed = await finished(handler.read(work), f"Reading {name}", self._explain)
            diagnostics = work.diagnostics + failed
        if states.has_errors(diagnostics):  # what was read before the error is not known to be all
            return pb.ReadResource.Response(
                new_state=request.current_state,
                private=request.private,
                new_identity=request.current_identity,
                diagnostics=encoding.diagnostics_to_proto(diagnostics),
            )
        return pb.ReadResource.Response(
            new_state=states.reached(handler.contract, work, diagnostics),
            private=encoding.private_to_proto(work.private),
            new_identity=states.identity(handler.contract, work.state),
            diagnostics=encoding.diagnostics_to_proto(diagnostics),
        )

    async def ImportResourceState(
        self, request: pb.ImportResourceState.Request
    ) -> pb.ImportResourceState.Response:
        """Read an object that Terraform does not hold yet."""
        name = request.type_name
        try:
            handler = self._resource(name)
        except Malformed as problem:
            return pb.ImportResourceState.Response(
                diagnostics=encoding.diagnostics_to_proto([states.malformed(problem)])
            )
        work: Work[Any] = Work(None, self._stop_event())
        identifier, failed = attempted(lambda: _to_import(handler.contract, request), f"Importing {name}")
        if identifier is not None:
            reading = handler.import_state(work, identifier)
            _, failed = await finished(reading, f"Importing {name}", self._explain)
        diagnostics = work.diagnostics + failed
        if work.state is None and not states.has_errors(diagnostics):
            diagnostics.append(error(f"No such {name}", f'There is no {name} with the id "{identifier}".'))
        imported = []
        if work.state is not None and not states.has_errors(diagnostics):
            imported = [
                pb.ImportedResource(
                    type_name=name,
                    state=states.reached(handler.contract, work, diagnostics),
                    private=encoding.private_to_proto(work.private),
                    identity=states.identity(handler.contract, work.state),
                )
            ]
        return pb.ImportResourceState.Response(
            imported_resources=imported, diagnostics=encoding.diagnostics_to_proto(diagnostics)
        )

    def GenerateResourceConfig(
        self, request: pb.GenerateResourceConfig.Request
    ) -> pb.GenerateResourceConfig.Response:
        """Write the configuration that a state would come from. Terraform asks from 1.14 on."""
        from provider_shim.terraform import generated  # noqa: PLC0415 - hardly any run asks

        name = request.type_name
        diagnostics: list[Diagnostic] = []
        config = pb.DynamicValue()
        try:
            handler = self._resource(name)
            state = states.decoded(handler.contract, request.state.msgpack) or {}
        except Malformed as problem:
            diagnostics.append(states.malformed(problem))
        else:
            found = generated.configuration(handler.contract.attributes, state)
            if isinstance(handler, Generates):
                completes = handler
                _, diagnostics = attempted(
                    lambda: completes.generate(found, state), f"Writing the configuration of {name}"
                )
            config = states.sent(handler.contract, found, diagnostics)
        return pb.GenerateResourceConfig.Response(
            config=config, diagnostics=encoding.diagnostics_to_proto(diagnostics)
        )

    async def ReadDataSource(self, request: pb.ReadDataSource.Request) -> pb.ReadDataSource.Response:
        """Read what Terraform does not manage."""
        name = request.type_name
        handler = self.provider.data_sources.get(name)
        if handler is None:
            return pb.ReadDataSource.Response(
                diagnostics=encoding.diagnostics_to_proto([states.no_type(name)])
            )
        try:
            config = states.decoded(handler.contract, request.config.msgpack)
        except Malformed as problem:
            return pb.ReadDataSource.Response(
                diagnostics=encoding.diagnostics_to_proto([states.malformed(problem)])
            )
        work: Work[Any] = Work(None, self._stop_event(), config=config)
        _, failed = await finished(handler.read(work), f"Reading {name}", self._explain)
        diagnostics = work.diagnostics + failed
        sent = states.reached(handler.contract, work, diagnostics)
        return pb.ReadDataSource.Response(state=sent, diagnostics=encoding.diagnostics_to_proto(diagnostics))

    async def ListResource(self, request: pb.ListResource.Request) -> AsyncGenerator[bytes, None]:
        """Name the objects that there are, with their states where that is asked for."""
        from provider_shim.terraform import listing  # noqa: PLC0415 - only a query lists

        name = request.type_name
        handler, resource = self.provider.lists.get(name), self.provider.resources.get(name)
        if handler is None or resource is None:
            refused = encoding.diagnostics_to_proto([states.no_type(name)])
            yield pb.ListResource.Response(diagnostic=refused).SerializeToString()
            return
        found = listing.Listing(handler, resource, self._explain, self._stop_event())
        events = found.answered(request)
        try:
            async for event in events:
                yield event.SerializeToString()
        finally:
            await events.aclose()

    # --- change -------------------------------------------------------------------------

    def plan_new(self, request: pb.PlanResourceChange.Request) -> pb.PlanResourceChange.Response:
        """Plan what does not exist yet. It needs no event loop, which is a tenth of such a start."""
        found = self._change(request)
        if not isinstance(found, tuple):
            return found
        handler, change = found
        _, failed = attempted(lambda: handler.plan_new(change), f"Planning {request.type_name}")
        return self._planned(handler.contract, change, failed)

    async def PlanResourceChange(
        self, request: pb.PlanResourceChange.Request
    ) -> pb.PlanResourceChange.Response:
        """Say what a change will do: the contract decides, then the handler adjusts."""
        found = self._change(request)
        if not isinstance(found, tuple):
            return found
        handler, change = found
        _, failed = await finished(handler.plan(change), f"Planning {request.type_name}", self._explain)
        return self._planned(handler.contract, change, failed)

    def _change(
        self, request: pb.PlanResourceChange.Request
    ) -> tuple[ResourceHandler[Any], Change[Any]] | pb.PlanResourceChange.Response:
        try:
            handler = self._resource(request.type_name)
            contract = handler.contract
            prior = states.decoded(contract, request.prior_state.msgpack)
            config = states.decoded(contract, request.config.msgpack)
            _hide_write_only(contract, config)
            # What Terraform proposes follows from the two, so only whether there is anything is asked for.
            destroy = states.is_nothing(request.proposed_new_state.msgpack)
            wrong = _another(contract, request.prior_identity, prior)
        except Malformed as problem:
            wrong = [states.malformed(problem)]
        if wrong:
            return pb.PlanResourceChange.Response(diagnostics=encoding.diagnostics_to_proto(wrong))
        change = plan.change(contract, prior, None if destroy else config)
        change.private = encoding.private_from_proto(request.prior_private)
        change.applying = self._applying
        return handler, change

    @staticmethod
    def _planned(
        contract: Contract, change: Change[Any], failed: list[Diagnostic]
    ) -> pb.PlanResourceChange.Response:
        diagnostics = change.diagnostics + failed
        if change.prior is not None and change.config is not None and change.replace:
            # Terraform asks again, without the prior state, and takes that answer.
            change.planned = plan.anew(contract, change.config)
        return pb.PlanResourceChange.Response(
            planned_state=states.sent(contract, change.planned, diagnostics),
            requires_replace=[encoding.path_to_proto(each) for each in dict.fromkeys(change.replace)],
            planned_private=encoding.private_to_proto(change.private),
            planned_identity=states.identity(contract, change.planned),
            diagnostics=encoding.diagnostics_to_proto(diagnostics),
        )

    async def ApplyResourceChange(
        self, request: pb.ApplyResourceChange.Request
    ) -> pb.ApplyResourceChange.Response:
        """Create, update or delete. Answers with what was reached, whatever happened."""
        name = request.type_name
        self._applying = True
        try:
            handler = self._resource(name)
            contract = handler.contract
            prior = states.decoded(contract, request.prior_state.msgpack)
            planned = states.decoded(contract, request.planned_state.msgpack)
            config = states.decoded(contract, request.config.msgpack)
            _hide_write_only(contract, config)
        except Malformed as problem:
            return pb.ApplyResourceChange.Response(
                new_state=request.prior_state,
                private=request.planned_private,
                diagnostics=encoding.diagnostics_to_proto([states.malformed(problem)]),
            )
        work: Work[Any] = Work(
            prior,
            self._stop_event(),
            prior,
            planned,
            config,
            encoding.private_from_proto(request.planned_private),
        )
        if planned is None:
            step, what = handler.delete(work), f"Deleting {name}"
        elif prior is None:
            step, what = handler.create(work), f"Creating {name}"
        else:
            step, what = handler.update(work), f"Updating {name}"
        _, failed = await finished(step, what, self._explain)
        diagnostics = work.diagnostics + failed
        if not states.has_errors(diagnostics) and (work.state is None) != (planned is None):
            diagnostics.append(bug(f"{what} ended {'without' if planned else 'with'} a state"))
        sent = states.reached(contract, work, diagnostics)
        return pb.ApplyResourceChange.Response(
            new_state=sent,
            private=encoding.private_to_proto(work.private),
            new_identity=states.identity(contract, work.state),
            diagnostics=encoding.diagnostics_to_proto(diagnostics),
        )

    # --- the end ------------------------------------------------------------------------

    async def StopProvider(self, _request: pb.StopProvider.Request) -> pb.StopProvider.Response:
        """Ctrl-C: what is under way ends soon, and answers."""
        _, failed = await self.stop()
        return pb.StopProvider.Response(Error="; ".join(f"{each.summary}: {each.detail}" for each in failed))

    async def stop(self) -> tuple[None, list[Diagnostic]]:
        """Ask everything under way to end soon."""
        self._stop_event().set()
        return await finished(self.provider.stop(), "Stopping the provider", self._explain)

    def _stop_event(self) -> "asyncio.Event":
        if self._stopping is None:
            import asyncio  # noqa: PLC0415 - what only validates and plans needs no event loop

            self._stopping = asyncio.Event()
        return self._stopping

    # --- parts of the above -------------------------------------------------------------

    def _resource(self, name: str) -> ResourceHandler[Any]:
        handler = self.provider.resources.get(name)
        if handler is None:
            raise Malformed((), f"is of the type {name}, which this provider does not have")
        return handler


def _validated(
    contract: Contract | None, data: bytes, type_name: str, *, takes_write_only: bool = True
) -> list[Diagnostic]:
    """Judge a configuration by its contract."""
    if contract is None:
        return [states.no_type(type_name)]
    try:
        config = states.decoded(contract, data)
    except Malformed as problem:
        return [states.malformed(problem)]
    if config is None:
        return []
    hide(*(config[name] for name, attribute in contract.attributes.items() if attribute.sensitive))
    _hide_write_only(contract, config)
    problems = check(contract, config, is_unknown)
    found = _first(error(each.summary, each.detail, each.path) for each in problems)
    if not takes_write_only:
        given = write_only_values(contract.attributes, config)
        found += _first(_needs_write_only(path) for path, _ in given)
    return found


def _first(found: Iterator[Diagnostic]) -> list[Diagnostic]:
    """Return what is found, of many the first ones."""
    told = list(islice(found, _MOST_TOLD))
    if more := sum(1 for _ in found):
        told.append(
            error(
                f"{more:,} more problem{'s' * (more > 1)}",
                f"The first {_MOST_TOLD} are above. Correct those: the next plan shows others.",
            )
        )
    return told


def _another(
    contract: Contract, given: pb.ResourceIdentityData, state: Mapping[str, Any] | None
) -> list[Diagnostic]:
    """Refuse a state beside which there is the identity of another object."""
    if not given.identity_data.msgpack:
        return []
    from provider_shim.terraform import identity  # noqa: PLC0415 - what is new has none yet

    found = identity.other(contract, given, state)
    return [found] if found else []


def _to_import(contract: Contract, request: pb.ImportResourceState.Request) -> str:
    """Return the id of what is to be imported, by whichever it is named."""
    if not request.identity.identity_data.msgpack:
        return request.id
    from provider_shim.terraform import identity  # noqa: PLC0415 - engines before 1.12 have none

    return identity.to_import(contract, request.identity)


def _hide_write_only(contract: Contract, config: Mapping[str, object] | None) -> None:
    """Keep what no plan and no state holds out of every text as well."""
    hide(*(value for _, value in write_only_values(contract.attributes, config or {})))


def _needs_write_only(path: Path) -> Diagnostic:
    name = str(path[-1])
    return error(
        "Write-only attributes need Terraform 1.11",
        f"{spelled(path)} is given, and the program that runs this provider knows no write-only attributes: "
        "it would write the value into plan and state. Allowed: with Terraform 1.11 or OpenTofu 1.11, or a "
        f"newer one. Use one of them, or give {name.removesuffix('_wo')}, which is in plan and state.",
        path,
    )


def _unexplained(_problem: BaseException) -> None:
    """Know of no exceptions of the provider's own."""


def _capabilities() -> pb.ServerCapabilities:
    return pb.ServerCapabilities(
        plan_destroy=True,
        get_provider_schema_optional=True,
        move_resource_state=True,
        generate_resource_config=True,
    )
