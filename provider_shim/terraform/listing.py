"""A list of objects, as `terraform query` asks for one: a message for each, up to a limit."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from provider_shim.contract.identifiers import import_id
from provider_shim.terraform import encoding, states
from provider_shim.terraform import tfplugin6 as pb
from provider_shim.terraform.diagnostics import Diagnostic, warning
from provider_shim.terraform.guard import finished
from provider_shim.terraform.handler import Listed, ListHandler, ResourceHandler, Work
from provider_shim.terraform.values import Malformed

if TYPE_CHECKING:
    import asyncio

AT_ONCE: Final = 10
"""Objects that are named, and whose states are read, at a time: as many as Terraform works on."""


class Listing:
    """Lists the objects of one type."""

    def __init__(
        self,
        handler: ListHandler,
        resource: ResourceHandler[Any],
        explain: Callable[[BaseException], list[Diagnostic] | None],
        stopping: "asyncio.Event",
    ) -> None:
        """Take who finds the objects, and who reads one."""
        self._handler = handler
        self._resource = resource
        self._explain = explain
        self._stopping = stopping

    async def answered(
        self, request: pb.ListResource.Request
    ) -> AsyncGenerator[pb.ListResource.Response, None]:
        """Yield a message for each object; the last one says what went wrong, if anything did.

        Once as many are named as the request wants, no more are asked for.
        """
        try:
            given = states.decoded(self._handler.contract, request.config.msgpack)
        except Malformed as problem:
            yield _failed([states.malformed(problem)])
            return
        left = request.limit
        objects = self._handler.list(given or dict.fromkeys(self._handler.contract.attributes))
        try:
            while left > 0:
                some, failed = await finished(_next(objects, min(AT_ONCE, left)), self._what, self._explain)
                for event in await self._events(some or [], with_state=request.include_resource_object):
                    yield event
                if failed:
                    yield _failed(failed)
                if failed or not some:
                    return
                left -= len(some)
        finally:
            await objects.aclose()

    @property
    def _what(self) -> str:
        return f"Listing {self._resource.contract.type_name}"

    async def _events(self, found: Sequence[Listed], *, with_state: bool) -> list[pb.ListResource.Response]:
        if not with_state:
            return [self._event(each, Work(None, self._stopping), []) for each in found]
        import asyncio  # noqa: PLC0415 - as the loop that this runs in

        works: list[Work[Any]] = [Work(None, self._stopping) for _ in found]
        names = self._resource.contract.identity
        ids = [import_id([each.identity[name] for name in names]) for each in found]
        reads = [
            finished(self._resource.import_state(work, each), self._what, self._explain)
            for work, each in zip(works, ids, strict=True)
        ]
        ended = await asyncio.gather(*reads)
        return [
            self._event(each, work, failed)
            for each, work, (_, failed) in zip(found, works, ended, strict=True)
        ]

    def _event(self, found: Listed, work: Work[Any], failed: list[Diagnostic]) -> pb.ListResource.Response:
        """Name an object, with its state if that was read. One that can't be read ends no list.

        What an import of it would warn of is said when it is imported.
        """
        contract = self._resource.contract
        diagnostics = [
            warning(
                f"{found.name} can't be read: {each.summary}",
                f"It is listed without its state. {each.detail}",
            )
            for each in failed
        ]
        is_read = work.state is not None and not failed
        return pb.ListResource.Response(
            identity=states.identity(contract, found.identity),
            display_name=found.name,
            resource_object=states.reached(contract, work, diagnostics) if is_read else None,
            diagnostic=encoding.diagnostics_to_proto(diagnostics),
        )


async def _next(objects: AsyncIterator[Listed], most: int) -> list[Listed]:
    found: list[Listed] = []
    while len(found) < most:
        try:
            found.append(await anext(objects))
        except StopAsyncIteration:
            break
    return found


def _failed(diagnostics: list[Diagnostic]) -> pb.ListResource.Response:
    return pb.ListResource.Response(diagnostic=encoding.diagnostics_to_proto(diagnostics))
