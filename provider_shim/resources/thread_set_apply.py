"""An apply of a set of threads: what each key comes from, what it becomes, what it has reached."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from provider_shim.api.problem import ApiProblem
from provider_shim.contract.identifiers import api_of
from provider_shim.contract.thread_set import AT_ONCE
from provider_shim.resources.by_key import gathered
from provider_shim.resources.connection import Connection
from provider_shim.resources.parallel import in_parallel
from provider_shim.resources.problems import diagnostics_of
from provider_shim.resources.thread import ThreadHandler
from provider_shim.resources.thread_set_layout import (
    FLAGS,
    IN_A_SET,
    Flags,
    asked_for,
    configured,
    entry_of,
    exists,
    flags_of,
    flags_removed,
    flags_replaced,
    private_of,
    thread_of,
    unmade,
)
from provider_shim.terraform.diagnostics import Diagnostic
from provider_shim.terraform.guard import finished
from provider_shim.terraform.handler import Values, Work
from provider_shim.terraform.values import UNKNOWN

if TYPE_CHECKING:
    import asyncio

    from provider_shim.contract.states import ThreadSetState

Threads = Mapping[str, Any]

_OF_THIS_THREAD: Final = (400, 404, 409, 413, 422)
"""Statuses by which an API refuses what one thread is made of; any other would meet the next one, too."""
MOST_FAILURES: Final = 10
"""Threads that may fail before no other is begun."""


_log = logging.getLogger(__name__)


class Failing:
    """Whether others may begin after a thread has failed."""

    def __init__(self) -> None:
        self._of_all = False
        self._count = 0

    def explain(self, problem: BaseException) -> list[Diagnostic] | None:
        """Return what to show of an exception, and note whether the next thread would meet it, too."""
        if not (isinstance(problem, ApiProblem) and problem.status in _OF_THIS_THREAD):
            self._of_all = True
        return diagnostics_of(problem)

    def go_on(self, failed: list[Diagnostic], stopping: "asyncio.Event") -> bool:
        """Return whether others may begin."""
        self._count += bool(failed)
        return not self._of_all and self._count < MOST_FAILURES and not stopping.is_set()


class Steps:
    """An apply: what each key comes from, what it is to become, and what it has reached."""

    def __init__(
        self,
        thread: ThreadHandler,
        connection: Connection,
        work: "Work[ThreadSetState]",
        before: Mapping[str, tuple[Values, Values]],
    ) -> None:
        """Take what there is.

        Args:
            thread: Does for each key what is to be done.
            connection: The provider's.
            work: Of the set.
            before: The threads that exist, by key: the values of an openai_thread, and its private data.
        """
        planned, config = work.planned, work.config
        self._thread = thread
        self._connection = connection
        self._work = work
        self._held: Threads = work.prior["threads"] if work.prior is not None else {}
        self._entries: Threads = planned["threads"] or {}
        self._config: Threads = config["threads"] or {}
        self._flags = flags_of(planned)
        self._set = planned
        self.before = {key: thread for key, (thread, _) in before.items()}
        self.privates = {key: private for key, (_, private) in before.items()}
        self.planned: dict[str, Values] = {}
        for key, entry in self._entries.items():
            known = self.before.get(key)
            # What the set does not hold of a thread follows from the rest.
            api = known["api"] if known is not None else self._connection.api
            self.planned[key] = thread_of(entry, self._flags, api)
        self._reached: dict[str, Work[Any]] = {}
        self._done: set[str] = set()
        self._failing = Failing()
        self._found: list[tuple[str, Diagnostic]] = []

    async def run(self) -> None:
        """Do what is to be done; the state of the set is what was reached, whatever happens."""
        steps: dict[str, Callable[[str], Awaitable[None]]] = {}
        for key, thread in self.planned.items():
            if key not in self.before:
                steps[key] = self._make
            elif thread["id"] is UNKNOWN:
                steps[key] = self._make_anew
            elif not self._stays(key):
                steps[key] = self._update
            else:
                self._done.add(key)
        steps |= dict.fromkeys((key for key in self.before if key not in self.planned), self._remove)
        try:
            await in_parallel(
                steps,
                at_once(self._set),
                lambda key: self._step(key, steps[key]),
                progress("done", len(steps)),
            )
        finally:
            self._end()

    def _stays(self, key: str) -> bool:
        before, planned = self.before[key], self.planned[key]
        return all(before[name] == planned[name] for name in IN_A_SET if name not in FLAGS)

    async def _step(self, key: str, step: Callable[[str], Awaitable[None]]) -> bool:
        what = f"Working on the thread {key!r}"
        _, failed = await finished(step(key), what, self._failing.explain)
        reached = self._reached.get(key)
        self._found += [(key, said) for said in (reached.diagnostics if reached else ())]
        self._found += [(key, said) for said in failed]
        if not failed:
            self._done.add(key)
        return self._failing.go_on(failed, self._work.stopping)

    async def _make(self, key: str) -> None:
        config = configured(self._config[key], self._flags)
        planned = asked_for(key, self.planned[key])
        said = self._reached[key].diagnostics if key in self._reached else []
        work = self._reached[key] = Work(None, self._work.stopping, None, planned, config)
        work.diagnostics += said
        await self._thread.create(work)

    async def _make_anew(self, key: str) -> None:
        await self._delete(key, flags_replaced(self._flags, flags_of(self._entries[key])))
        await self._make(key)

    async def _update(self, key: str) -> None:
        config = configured(self._config[key], self._flags)
        before = self.before[key]
        work: Work[Any] = Work(
            dict(before), self._work.stopping, before, self.planned[key], config, dict(self.privates[key])
        )
        self._reached[key] = work
        await self._thread.update(work)

    async def _remove(self, key: str) -> None:
        await self._delete(key, flags_removed(self._held.get(key) or {}, self._flags))

    async def _delete(self, key: str, flags: Flags) -> None:
        state = {**self.before[key], **flags}
        work: Work[Any] = Work(state, self._work.stopping, private=dict(self.privates[key]))
        self._reached[key] = work
        await self._thread.delete(work)

    def _end(self) -> None:
        """Put what was reached into the set's state."""
        creates = self._work.prior is None
        threads: dict[str, Any] = {}
        privates, apis = {}, {}
        for key in [*self._entries, *(each for each in self.before if each not in self._entries)]:
            reached = self._reached.get(key)
            thread = reached.state if reached is not None else self.before.get(key)
            if thread is not None:
                new = key in self._done or key not in self._held
                own = (self._entries if new else self._held).get(key, thread)
                threads[key] = entry_of(thread, own)
                privates[key] = reached.private if reached is not None else self.privates[key]
                apis[key] = None if api_of(thread["id"]) else thread["api"]
            elif creates and key in self._entries:
                threads[key] = unmade(self._entries[key])
        work = self._work
        work.diagnostics += gathered(self._found)
        ids = {key: threads[key]["id"] for key in self._entries if key in self._done}
        made = [key for key, entry in threads.items() if exists(entry)]
        if creates and threads and not made:
            work.state = None
            return
        identifier = new_id() if work.prior is None else work.prior["id"]
        work.state = {**self._set, "id": identifier, "threads": threads, "ids": ids}
        work.private = private_of(privates, apis, made)


def at_once(values: Threads) -> int:
    """Return how many threads of a set are worked on at a time."""
    most = values["parallelism"]
    return int(most) if isinstance(most, (int, float)) else AT_ONCE


def new_id() -> str:
    """Return what tells a set from others."""
    import secrets  # noqa: PLC0415 - a plan makes none

    return f"set_{secrets.token_hex(12)}"


def progress(what: str, total: int) -> Callable[[int], None]:
    """Return what tells the log how many threads are done."""
    return lambda done: _log.info("openai_thread_set: %d of %d threads %s", done, total, what)
