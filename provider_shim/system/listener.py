"""Where Terraform reaches the provider: a Unix socket in a folder that nobody else may enter."""

import os
import socket
from typing import NamedTuple

NETWORK = "unix"
"""What the handshake line calls it."""

_LONGEST_PATH = 100
"""Bytes of a socket's path that every Unix takes, with some room."""
_NAME = "provider"


class Listener(NamedTuple):
    """A socket that listens, and the folder that it is in."""

    socket: socket.socket
    folder: str

    @property
    def address(self) -> str:
        """What Terraform connects to."""
        return f"{self.folder}/{_NAME}"

    def close(self) -> None:
        """Stop listening, and remove the socket and its folder."""
        self.socket.close()
        for remove, path in ((os.unlink, self.address), (os.rmdir, self.folder)):
            try:
                remove(path)
            except OSError:  # somebody cleaned up before
                return


def listen(wanted: str) -> Listener:
    """Listen in a new folder within ``wanted``, or in /tmp where that has too long a name or is empty."""
    folder = _folder(wanted)
    listener = Listener(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), folder)
    listener.socket.bind(listener.address)
    listener.socket.listen()
    return listener


def _folder(wanted: str) -> str:
    name = f"openai-thread-{os.urandom(8).hex()}"
    if not wanted or len(os.fsencode(f"{wanted}/{name}/{_NAME}")) > _LONGEST_PATH:
        wanted = "/tmp"  # noqa: S108 - the folder in it is ours alone
    folder = os.path.join(os.path.abspath(wanted), name)  # noqa: PTH100, PTH118 - pathlib is a slow import
    os.mkdir(folder, 0o700)  # noqa: PTH102 - as above
    return folder
