"""What happens before a word of the protocol: cookie, socket, certificate, one line.

Terraform waits for the line, so only what the line needs is imported here. The socket
listens already when it is printed: Terraform's connection waits in the backlog while
the rest of the provider is imported.
"""

import os
import sys
from binascii import Error, a2b_base64, b2a_base64
from errno import EMFILE

from provider_shim.system.listener import NETWORK, Listener, listen
from provider_shim.system.parent import parent

COOKIE = "TF_PLUGIN_MAGIC_COOKIE"
COOKIE_VALUE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
CLIENT_CERTIFICATE = "PLUGIN_CLIENT_CERT"
PROTOCOLS = "PLUGIN_PROTOCOL_VERSIONS"
SOCKET_FOLDER = "PLUGIN_UNIX_SOCKET_DIR"

PROTOCOL = 6


class NotStarted(Exception):  # noqa: N818 - the text is for a person
    """Why the provider does not start, and what to do."""


class Listening:
    """Where Terraform connects, and what a TLS server there needs.

    ``parent`` is Terraform's process id, taken before it knew of us: afterwards it may be gone at any time.
    """

    def __init__(
        self, listener: Listener, certificate: bytes, key: bytes, client_certificate: str, parent: int
    ) -> None:
        self.listener = listener
        self.certificate = certificate
        self.key = key
        self.client_certificate = client_certificate
        self.parent = parent


def started_by_terraform() -> bool:
    """Return whether Terraform has started this process: it sets the magic cookie."""
    return os.environ.get(COOKIE) == COOKIE_VALUE


def announce() -> Listening:
    """Listen, and tell Terraform where, on stdout.

    Raises:
        NotStarted: the environment is not one that Terraform makes.
    """
    terraform = parent()
    client_certificate = _client_certificate()
    _check_protocol(os.environ.get(PROTOCOLS, ""))

    from provider_shim.terraform import certificate  # noqa: PLC0415 - a refusal needs no cryptography

    server_certificate, key = certificate.make()
    folder = os.environ.get(SOCKET_FOLDER) or os.environ.get("TMPDIR", "")
    try:
        listener = listen(folder)
    except OSError as problem:
        if problem.errno == EMFILE:
            raise NotStarted(
                "The provider can't make its socket: this process has as many files open as it may. Raise "
                "the limit (ulimit -n)."
            ) from None
        raise NotStarted(
            f"The provider can't make its socket, neither in {folder or 'TMPDIR'!r} nor in /tmp: "
            f"{problem.strerror}. Set TMPDIR to a folder that this user can write."
        ) from None
    text = b2a_base64(server_certificate, newline=False).decode().rstrip("=")
    sys.stdout.write(f"1|{PROTOCOL}|{NETWORK}|{listener.address}|grpc|{text}\n")
    sys.stdout.flush()
    return Listening(listener, server_certificate, key, client_certificate, terraform)


def _client_certificate() -> str:
    text = os.environ.get(CLIENT_CERTIFICATE, "")
    if not text:
        raise NotStarted(
            f"{CLIENT_CERTIFICATE} is not set: Terraform did not offer TLS. The provider speaks to a "
            "Terraform that proves who it is, and to nobody else. Unset TF_DISABLE_PLUGIN_TLS."
        )
    lines = text.split()
    body = "".join(lines[2:-2])
    try:
        der = a2b_base64(body, strict_mode=True)
    except (Error, ValueError):
        der = b""
    if " ".join(lines[:2]) != "-----BEGIN CERTIFICATE-----" or not der:
        raise NotStarted(
            f"{CLIENT_CERTIFICATE} is not a certificate in PEM. Terraform sets it for each start of a "
            "provider: it must not be set by hand."
        )
    return text


def _check_protocol(offered: str) -> None:
    if offered and str(PROTOCOL) not in offered.split(","):
        raise NotStarted(
            f"This Terraform speaks plugin protocol {offered}. The provider speaks protocol {PROTOCOL}. "
            "Use Terraform 1.8 or newer."
        )
