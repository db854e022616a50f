"""Waits for sockets without an event loop."""

import select
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio.trsock import TransportSocket


class Arrivals:
    """Tells whether a socket has anything to read, as often as it is asked."""

    def __init__(self, socket: "TransportSocket") -> None:
        """Take the socket."""
        self._socket = socket
        self._poll = select.poll()
        if socket.fileno() >= 0:  # it may have ended already
            self._poll.register(socket.fileno(), select.POLLIN)

    def any(self) -> bool:
        """Return whether there is anything, be it the end.

        It is True as well once the socket is closed: its number may be another one's by then.
        """
        return self._socket.fileno() < 0 or bool(self._poll.poll(0))


def ready(watched: Iterable[tuple[int, bool]], seconds: float) -> list[int]:
    """Wait until a descriptor can be read or, where True stands beside it, written; return those that can.

    Nothing is returned after so many seconds without one.
    """
    poll = select.poll()
    for descriptor, writing in watched:
        poll.register(descriptor, select.POLLOUT if writing else select.POLLIN)
    return [descriptor for descriptor, _ in poll.poll(max(seconds, 0.0) * 1000)]
