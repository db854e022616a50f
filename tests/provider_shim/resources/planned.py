"""Plans and applies an object in process, as the server does it, on the embedded API or another server."""

import asyncio
from pathlib import Path
from typing import Any

from provider_shim.contract.attributes import Contract
from provider_shim.contract.thread import THREAD
from provider_shim.resources.provider import OpenaiProvider
from provider_shim.terraform import plan
from provider_shim.terraform.diagnostics import Diagnostic
from provider_shim.terraform.handler import Change, Values, Work
from provider_shim.terraform.values import conform


def refuse(path: object, problem: str) -> None:
    raise AssertionError(f"{path} {problem}")


def config(given: dict[str, Any], contract: Contract = THREAD) -> Values:
    """Complete a configuration, as it comes off the wire."""
    complete = conform(contract.attributes, given, refuse)
    assert complete is not None
    return complete


class Deployed:
    """A provider that is configured for a server, and the object that it made."""

    def __init__(self, provider: OpenaiProvider, contract: Contract = THREAD) -> None:
        self.provider = provider
        self.contract = contract
        self.handler = provider.resources[contract.type_name]
        self.state: Values | None = None
        self.private: Values = {}

    @classmethod
    async def on(cls, at: Path | str, contract: Contract = THREAD, **more: Any) -> "Deployed":
        """Configure a provider for the embedded API on a file, or for a server at an URL."""
        provider = OpenaiProvider({})
        attributes = dict.fromkeys(provider.contract.attributes)
        base_url = at if isinstance(at, str) else f"sqlite:{at}"
        assert provider.configure({**attributes, "base_url": base_url, **more}, "1") == []
        return cls(provider, contract)

    async def again(self, at: str, **more: Any) -> "Deployed":
        """Return what a later run is: another process, with the state that this one has reached."""
        await self.provider.close()
        later = await Deployed.on(at, self.contract, **more)
        later.state, later.private = self.state, self.private
        return later

    async def plan(self, given: dict[str, Any] | None) -> Change[Any]:
        change = plan.change(
            self.contract, self.state, None if given is None else config(given, self.contract)
        )
        change.private = dict(self.private)
        if self.state is None:
            self.handler.plan_new(change)
        else:
            await self.handler.plan(change)
        return change

    async def apply(self, given: dict[str, Any]) -> list[Diagnostic]:
        """Create or update; what replaces is no case for it."""
        change = await self.plan(given)
        assert not change.replace
        if self.state is not None and change.planned == self.state:
            return change.diagnostics  # Terraform applies what changes something
        work = Work(self.state, asyncio.Event(), self.state, change.planned, change.config, change.private)
        await (self.handler.create(work) if self.state is None else self.handler.update(work))
        self.state, self.private = work.state, work.private
        return [*change.diagnostics, *work.diagnostics]

    async def read(self) -> list[Diagnostic]:
        """Refresh."""
        work = Work(self.state, asyncio.Event(), self.state, private=dict(self.private))
        await self.handler.read(work)
        self.state, self.private = work.state, work.private
        return work.diagnostics

    async def delete(self) -> list[Diagnostic]:
        """Plan a deletion, and delete."""
        change = await self.plan(None)
        work = Work(self.state, asyncio.Event(), self.state, private=change.private)
        await self.handler.delete(work)
        self.state = work.state
        return [*change.diagnostics, *work.diagnostics]

    async def replace(self, given: dict[str, Any]) -> list[Diagnostic]:
        """Plan a replacement, in both of its halves, and delete the old object.

        Whether something in the plan or somebody's `-replace` asks for it makes no difference here.
        """
        first = await self.plan(given)
        second = plan.change(self.contract, None, config(given, self.contract))
        second.private = first.private
        await self.handler.plan(second)
        work = Work(self.state, asyncio.Event(), self.state, private=second.private)
        await self.handler.delete(work)
        self.state = work.state
        return [*first.diagnostics, *second.diagnostics, *work.diagnostics]

    async def import_state(self, identifier: str) -> list[Diagnostic]:
        """Read an object that there is already, in place of what the state holds."""
        work: Work[Any] = Work(None, asyncio.Event())
        await self.handler.import_state(work, identifier)
        self.state, self.private = work.state, work.private
        return work.diagnostics
