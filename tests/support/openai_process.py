"""The real provider in a process of its own, and an API whose answers a test chooses."""

import asyncio
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from starlette.applications import Starlette

from provider_shim.contract.attributes import Contract
from provider_shim.resources.provider import OpenaiProvider
from provider_shim.terraform import tfplugin6 as pb
from provider_shim.terraform import values
from tests.support.faulty import Decide, FaultyServer, faulty
from tests.support.provider_process import Client, Started, identity, started

MAIN = Path(sys.modules[OpenaiProvider.__module__].__file__ or "").parents[1] / "__main__.py"
Values = dict[str, Any]


class Reached(NamedTuple):
    """What an RPC has answered."""

    state: Values | None
    errors: list[str]
    warnings: list[str]
    private: bytes = b""


class OpenaiProcess:
    """A provider that is configured, and what Terraform does with it."""

    def __init__(self, client: Client, started: Started, **config: object) -> None:
        provider = OpenaiProvider({})
        self.process = started.process
        self._client = client
        self._contracts = {f"resource {name}": each.contract for name, each in provider.resources.items()}
        self._contracts |= {f"data {name}": each.contract for name, each in provider.data_sources.items()}
        said = client.call("ConfigureProvider", config=packed(provider.contract, config))
        assert not said.diagnostics, said

    def validate(self, type_name: str, config: Values) -> Reached:
        """Validate a resource's configuration."""
        contract = self._contracts[f"resource {type_name}"]
        answer = self._client.call(
            "ValidateResourceConfig", type_name=type_name, config=packed(contract, config)
        )
        return _reached(contract, None, answer.diagnostics)

    def plan(self, type_name: str, config: Values) -> Values:
        """Plan a create; give only what is planned."""
        return self.planned(type_name, config).state or {}

    def planned(
        self, type_name: str, config: Values, prior: Values | None = None, private: bytes = b""
    ) -> Reached:
        """Plan a create or an update."""
        contract = self._contracts[f"resource {type_name}"]
        sent = packed(contract, config)
        answer = self._client.call(
            "PlanResourceChange",
            type_name=type_name,
            prior_state=packed(contract, prior),
            proposed_new_state=sent,
            config=sent,
            prior_private=private,
        )
        return _reached(contract, answer.planned_state, answer.diagnostics, answer.planned_private)

    def apply(
        self, type_name: str, prior: Values | None, planned: Values | None, private: bytes = b""
    ) -> Reached:
        """Create, update or delete."""
        contract = self._contracts[f"resource {type_name}"]
        answer = self._client.call(
            "ApplyResourceChange",
            type_name=type_name,
            prior_state=packed(contract, prior),
            planned_state=packed(contract, planned),
            config=packed(contract, planned),
            planned_private=private,
        )
        return _reached(contract, answer.new_state, answer.diagnostics, answer.private)

    def read(self, type_name: str, state: Values, private: bytes = b"") -> Reached:
        """Refresh."""
        contract = self._contracts[f"resource {type_name}"]
        answer = self._client.call(
            "ReadResource", type_name=type_name, current_state=packed(contract, state), private=private
        )
        return _reached(contract, answer.new_state, answer.diagnostics, answer.private)

    def imported(self, type_name: str, identifier: str) -> Reached:
        """Import."""
        contract = self._contracts[f"resource {type_name}"]
        answer = self._client.call("ImportResourceState", type_name=type_name, id=identifier)
        found = answer.imported_resources
        state, private = (found[0].state, found[0].private) if found else (None, b"")
        return _reached(contract, state, answer.diagnostics, private)

    def data(self, type_name: str, config: Values) -> Reached:
        """Read a data source."""
        contract = self._contracts[f"data {type_name}"]
        answer = self._client.call("ReadDataSource", type_name=type_name, config=packed(contract, config))
        return _reached(contract, answer.state, answer.diagnostics)


def packed(contract: Contract, value: Mapping[str, Any] | None) -> pb.DynamicValue:
    """Write a value as Terraform does."""

    def refuse(path: object, problem: str) -> None:
        raise AssertionError(path, problem)

    complete = None if value is None else dict.fromkeys(contract.attributes) | dict(value)
    return pb.DynamicValue(msgpack=values.encode(contract.attributes, complete, refuse))


def _reached(contract: Contract, state: Any, diagnostics: Any, private: bytes = b"") -> Reached:
    texts: dict[bool, list[str]] = {True: [], False: []}
    for each in diagnostics:
        texts[each.severity == pb.ERROR].append(f"{each.summary}\n{each.detail}")
    decoded = values.decode(contract.attributes, state.msgpack) if state and state.msgpack else None
    return Reached(decoded, texts[True], texts[False], private)


@contextmanager
def running(folder: Path, surroundings: Sequence[str] = (), **config: object) -> Iterator[OpenaiProcess]:
    """Start the provider in a folder, in surroundings that kernel.py makes, and configure it."""
    terraform = identity()
    with chdir(folder), started(terraform, MAIN, surroundings) as provider:
        client = Client(provider, terraform)
        with client.channel:
            yield OpenaiProcess(client, provider, **config)


@contextmanager
def answering(back: Path | Starlette, decide: Decide) -> Iterator[FaultyServer]:
    """Serve an API in a thread: the embedded one on a file, or another, but for what ``decide`` answers."""
    ready: list[FaultyServer] = []
    begun, done = threading.Event(), threading.Event()

    async def serve() -> None:
        async with faulty(back, decide) as server:
            ready.append(server)
            begun.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert begun.wait(20)
    try:
        yield ready[0]
    finally:
        done.set()
        thread.join(20)
