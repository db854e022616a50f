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
        provider = OpenaiProvider({})
        attributes = dict.fromkeys(provider.contract.attributes)
        assert provider.configure({**attributes, "base_url": f"sqlite:{database}", **more}, "1") == []
        return cls(provider)

    async def plan(self, given: dict[str, Any] | None) -> Change:
        change = plan.change(THREAD, self.state, None if given is None else config(given))
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
        work = Work(self.state, asyncio.Event(), self.state, change.planned, change.config, change.private)
        await (self.handler.create(work) if self.state is None else self.handler.update(work))
        self.state, self.private = work.state, work.private
        return [*change.diagnostics, *work.diagnostics]
