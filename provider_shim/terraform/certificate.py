"""The server's certificate, made for one process.

``cryptography.x509`` writes certificates too, but importing it takes as long as the
whole handshake may, at each of a plan's three starts. One fixed certificate is a few
nested DER elements; keys and signature are cryptography's.
"""

import os
import time
from binascii import b2a_base64

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

HOST = "localhost"
"""The name that Terraform expects."""

_DAYS = 30
"""How long the certificate holds: longer than any run of Terraform."""
_CLOCK_SKEW = 3_600
"""Seconds that the certificate is valid already."""
_COORDINATE = 32
"""Bytes of one coordinate of a P-256 point."""

# DER tags.
_BOOLEAN, _INTEGER, _BITS, _OCTETS, _OID, _TEXT, _TIME = 0x01, 0x02, 0x03, 0x04, 0x06, 0x0C, 0x17
_SEQUENCE, _SET = 0x30, 0x31
_EXPLICIT = 0xA0
_DNS_NAME = 0x82

_TRUE = b"\xff"


class _Signature(ec.ECDSA):
    """ECDSA with SHA-256. Its base's constructor loads all of OpenSSL's other algorithms."""

    algorithm = SHA256()  # a property in the base
    deterministic_signing = False

    def __init__(self) -> None:
        """Say no more than what the two attributes say."""


def make() -> tuple[bytes, bytes]:
    """Make a P-256 key and a certificate that it signs itself; return (certificate, key) in DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.private_numbers()
    public = numbers.public_numbers
    point = b"\x04" + public.x.to_bytes(_COORDINATE) + public.y.to_bytes(_COORDINATE)

    name = _der(_SEQUENCE, _der(_SET, _der(_SEQUENCE, _oid("550403"), _der(_TEXT, HOST.encode()))))
    algorithm = _der(_SEQUENCE, _oid("2a8648ce3d040302"))  # ecdsa-with-SHA256
    curve = _oid("2a8648ce3d030107")  # prime256v1
    now = time.time()
    body = _der(
        _SEQUENCE,
        _der(_EXPLICIT, _der(_INTEGER, b"\x02")),  # version 3
        _der(_INTEGER, b"\x01" + os.urandom(15)),
        algorithm,
        name,
        _der(_SEQUENCE, _moment(now - _CLOCK_SKEW), _moment(now + _DAYS * 86_400)),
        name,
        _der(
            _SEQUENCE,
            _der(_SEQUENCE, _oid("2a8648ce3d0201"), curve),
            _der(_BITS, b"\0" + point),
        ),
        _der(_EXPLICIT + 3, _der(_SEQUENCE, *_extensions())),
    )
    signature = key.sign(body, _Signature())
    certificate = _der(_SEQUENCE, body, algorithm, _der(_BITS, b"\0" + signature))
    secret = _der(
        _SEQUENCE,
        _der(_INTEGER, b"\x01"),
        _der(_OCTETS, numbers.private_value.to_bytes(_COORDINATE)),
        _der(_EXPLICIT, curve),
        _der(_EXPLICIT + 1, _der(_BITS, b"\0" + point)),
    )
    return certificate, secret


def pem(label: str, der: bytes) -> str:
    """Write DER as PEM, ``label`` being e.g. ``CERTIFICATE`` or ``EC PRIVATE KEY``."""
    text = b2a_base64(der, newline=False).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def _extensions() -> tuple[bytes, ...]:
    critical = _der(_BOOLEAN, _TRUE)
    authority = _der(_SEQUENCE, _der(_BOOLEAN, _TRUE))
    digital_signature_and_certificate_sign = _der(_BITS, b"\x02\x84")
    server_authentication = _der(_SEQUENCE, _oid("2b06010505070301"))
    names = _der(_SEQUENCE, _der(_DNS_NAME, HOST.encode()))
    return (
        _der(_SEQUENCE, _oid("551d13"), critical, _der(_OCTETS, authority)),
        _der(_SEQUENCE, _oid("551d0f"), critical, _der(_OCTETS, digital_signature_and_certificate_sign)),
        _der(_SEQUENCE, _oid("551d25"), _der(_OCTETS, server_authentication)),
        _der(_SEQUENCE, _oid("551d11"), _der(_OCTETS, names)),
    )


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:  # noqa: PLR2004 - DER's short form ends here
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


def _oid(encoded: str) -> bytes:
    return _der(_OID, bytes.fromhex(encoded))


def _moment(seconds: float) -> bytes:
    return _der(_TIME, time.strftime("%y%m%d%H%M%SZ", time.gmtime(seconds)).encode())
