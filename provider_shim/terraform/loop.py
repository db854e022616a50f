"""An event loop that is asyncio once something waits.

Until then it polls by itself: importing asyncio is a tenth of what a start costs that only plans
what is new. All is one thread: two would wait for each other's turn at the interpreter.
"""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from provider_shim.system.poll import ready

if TYPE_CHECKING:
    import asyncio

Done = Callable[[Any, BaseException | None], None]
"""Is given the result, or what was raised."""


class Loop:
    """Calls what watches a descriptor, and runs coroutines."""

    def __init__(self) -> None:
        self._watched: dict[int, tuple[Callable[[], None], bool]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: set[asyncio.Future[Any]] = set()

    @property
    def started(self) -> bool:
        """Whether anything has ever waited."""
        return self._loop is not None

    def watch(self, descriptor: int, call: Callable[[], None], *, writing: bool = False) -> None:
        """Call ``call``, and nothing else, whenever the descriptor can be read, or else written."""
        self.forget(descriptor)
        self._watched[descriptor] = call, writing
        self._register(descriptor)

    def forget(self, descriptor: int) -> None:
        """Watch a descriptor no longer."""
        if self._watched.pop(descriptor, None) and self._loop is not None:
            self._loop.remove_reader(descriptor)
            self._loop.remove_writer(descriptor)

    def run(self, coroutine: Coroutine[Any, Any, object], done: Done) -> None:
        """Run a coroutine to its end, whoever waits for it."""
        loop = self._loop or self._start()
        task = loop.create_task(coroutine)
        self._running.add(task)

        def ended(task: "asyncio.Future[object]") -> None:
            self._running.discard(task)
            if task.cancelled():
                done(None, RuntimeError("cancelled from within"))
            elif failure := task.exception():
                done(None, failure)
            else:
                done(task.result(), None)

        task.add_done_callback(ended)

    def turn(self, seconds: float) -> None:
        """Do what there is to do: for so long, or until ``end_turn``. May come back earlier."""
        if self._loop is None:
            self._poll(seconds)
            return
        timer = self._loop.call_later(seconds, self._loop.stop)
        self._loop.run_forever()
        timer.cancel()

    def end_turn(self) -> None:
        """Come back from ``turn`` soon."""
        if self._loop is not None:
            self._loop.stop()

    def _poll(self, seconds: float) -> None:
        watched = ((descriptor, writing) for descriptor, (_, writing) in self._watched.items())
        for descriptor in ready(watched, seconds):
            if descriptor in self._watched:
                self._watched[descriptor][0]()

    def _start(self) -> "asyncio.AbstractEventLoop":
        import asyncio  # noqa: PLC0415 - most starts of a provider wait for nothing

        self._loop = asyncio.new_event_loop()
        for descriptor in self._watched:
            self._register(descriptor)
        return self._loop

    def _register(self, descriptor: int) -> None:
        if self._loop is not None:
            call, writing = self._watched[descriptor]
            (self._loop.add_writer if writing else self._loop.add_reader)(descriptor, call)
