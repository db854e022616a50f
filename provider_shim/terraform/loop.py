"""An event loop that is there once something waits."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

Done = Callable[[Any, BaseException | None], None]
"""Is given the result, or what was raised; called in the loop's thread."""


class Loop:
    """Asyncio in a thread of its own, imported and started by the first coroutine."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: set[asyncio.Future[Any]] = set()

    @property
    def started(self) -> bool:
        """Whether anything has ever waited."""
        return self._loop is not None

    def run(self, coroutine: Coroutine[Any, Any, Any], done: Done) -> None:
        """Run a coroutine to its end, whoever waits for it."""
        loop = self._loop or self._start()

        def begin() -> None:
            task = loop.create_task(coroutine)
            self._running.add(task)
            task.add_done_callback(ended)

        def ended(task: "asyncio.Future[Any]") -> None:
            self._running.discard(task)
            if task.cancelled():
                done(None, RuntimeError("cancelled from within"))
            elif failure := task.exception():
                done(None, failure)
            else:
                done(task.result(), None)

        loop.call_soon_threadsafe(begin)

    def _start(self) -> "asyncio.AbstractEventLoop":
        import asyncio  # noqa: PLC0415 - most starts of a provider wait for nothing
        import threading  # noqa: PLC0415 - as above

        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="loop", daemon=True).start()
        return self._loop


def at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - the coroutine's result
    """Run a coroutine that waits for nothing, without a loop.

    Raises:
        RuntimeError: it did wait.
    """
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise RuntimeError("it waits for something where nothing may wait")
