"""Waits for sockets without an event loop."""

import select
from collections.abc import Iterable


def ready(watched: Iterable[tuple[int, bool]], seconds: float) -> list[int]:
    """Wait until a descriptor can be read or, where True stands beside it, written; return those that can.

    Nothing is returned after so many seconds without one.
    """
    poll = select.poll()
    for descriptor, writing in watched:
        poll.register(descriptor, select.POLLOUT if writing else select.POLLIN)
    return [descriptor for descriptor, _ in poll.poll(max(seconds, 0.0) * 1000)]
