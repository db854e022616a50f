"""Plans and applies a thread in process, as the server does it, on the embedded API."""

import asyncio
from pathlib import Path
from typing import Any

from provider_shim.contract.thread import THREAD
from provider_shim.resources.provider import OpenaiProvider
from provider_shim.terraform import plan
from provider_shim.terraform.diagnostics import Diagnostic
from provider_shim.terraform.handler import Change, Values, Work
from provider_shim.terraform.values import conform


def refuse(path: object, problem: str) -> None:
    raise AssertionError(f"{path} {problem}")


def config(given: dict[str, Any]) -> Values:
    """Complete a configuration, as it comes off the wire."""
    complete = conform(THREAD.attributes, given, refuse)
    assert complete is not None
    return complete


class Deployed:
    """A provider that is configured for a database, and the thread that it made."""

    def __init__(self, provider: OpenaiProvider) -> None:
        self.provider = provider
        self.handler = provider.resources["openai_thread"]
        self.state: Values | None = None
        self.private: Values = {}

    @classmethod
    async def on(cls, database: Path, **more: Any) -> "Deployed":
        return await cls.at(f"sqlite:{database}", **more)

    @classmethod
    async def at(cls, base_url: str, **more: Any) -> "Deployed":
        provider = OpenaiProvider({})
        attributes = dict.fromkeys(provider.contract.attributes)
        assert await provider.configure({**attributes, "base_url": base_url, **more}, "1") == []
        return cls(provider)

    async def plan(self, given: dict[str, Any] | None) -> Change:
        change = plan.change(THREAD, self.state, None if given is None else config(given))
        change.private = dict(self.private)
        await self.handler.plan(change)
        return change

    async def apply(self, given: dict[str, Any]) -> list[Diagnostic]:
        """Create or update; what replaces is no case for it."""
        change = await self.plan(given)
        assert not change.replace
        if self.state is not None and change.planned == self.state:
            return change.diagnostics  # Terraform does not apply that
        work = Work(self.state, asyncio.Event(), self.state, change.planned, change.config, change.private)
        await (self.handler.create(work) if self.state is None else self.handler.update(work))
        self.state, self.private = work.state, work.private
        return [*change.diagnostics, *work.diagnostics]

    async def refresh(self) -> list[Diagnostic]:
        work = Work(self.state, asyncio.Event(), private=dict(self.private))
        await self.handler.read(work)
        self.state, self.private = work.state, work.private
        return work.diagnostics

    async def import_state(self, identifier: str) -> list[Diagnostic]:
        work = Work(None, asyncio.Event())
        await self.handler.import_state(work, identifier)
        self.state, self.private = work.state, work.private
        return work.diagnostics
