"""Where Terraform reaches the provider: a Unix socket in a folder that nobody else may enter."""

import _socket
import os

TYPE_CHECKING = False  # as in typing, which is slow to import
if TYPE_CHECKING:
    import socket

NETWORK = "unix"
"""What the handshake line calls it."""

_LONGEST_PATH = 100
"""Bytes of a socket's path that every Unix takes, with some room."""
_NAME = "provider"


class Listener:
    """A socket that listens, and the folder that it is in."""

    def __init__(self, folder: str) -> None:
        """Listen in the folder."""
        self.folder = folder
        self.address = f"{folder}/{_NAME}"
        """What Terraform connects to."""
        # The module below `socket`: that one is a tenth of what is loaded until the handshake line is
        # written, and comes with ssl afterwards.
        self._listening = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self._listening.bind(self.address)
        self._listening.listen()

    def take(self) -> "socket.socket":
        """Return the listening socket; whoever takes it closes it."""
        import socket  # noqa: PLC0415 - see above

        return socket.socket(fileno=self._listening.detach())

    def close(self) -> None:
        """Stop listening, and remove the socket and its folder."""
        self._listening.close()
        for remove, path in ((os.unlink, self.address), (os.rmdir, self.folder)):
            try:
                remove(path)
            except OSError:  # somebody cleaned up before
                return


def listen(wanted: str) -> Listener:
    """Listen in a new folder within ``wanted``, or in /tmp where that can't be: absent, or too long a name.

    Raises:
        OSError: neither can be written.
    """
    return Listener(_folder(wanted))


def _folder(wanted: str) -> str:
    name = f"openai-thread-{os.urandom(8).hex()}"
    if wanted and len(os.fsencode(f"{wanted}/{name}/{_NAME}")) <= _LONGEST_PATH:
        try:
            return _made(wanted, name)
        except OSError:  # absent, or not this user's to write
            pass
    return _made("/tmp", name)  # noqa: S108 - the folder in it is ours alone


def _made(place: str, name: str) -> str:
    folder = os.path.join(os.path.abspath(place), name)  # noqa: PTH100, PTH118 - pathlib is a slow import
    os.mkdir(folder, 0o700)  # noqa: PTH102 - as above
    return folder
