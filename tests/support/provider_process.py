"""Starts the tiny provider as Terraform does, and calls it with a real gRPC client."""

import datetime as dt
import os
import shutil
import ssl
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import msgpack
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from provider_shim.terraform import tfplugin6, values
from provider_shim.terraform.handshake import COOKIE, COOKIE_VALUE
from tests.support.tiny_provider import BOX

TINY = Path(__file__).with_name("tiny_provider.py")
ROOT = TINY.parents[2]


class Identity(NamedTuple):
    certificate: bytes
    key: bytes


class Started(NamedTuple):
    process: "subprocess.Popen[str]"
    path: str
    certificate: bytes
    line: str


def identity(curve: ec.EllipticCurve | None = None) -> Identity:
    key = ec.generate_private_key(curve or ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Identity(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def environment(**more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "PLUGIN_"))}
    return {**inherited, "PYTHONPATH": str(ROOT), COOKIE: COOKIE_VALUE, **more}


@contextmanager
def started(
    allowed: Identity, program: Path = TINY, surroundings: Sequence[str] = (), **more: str
) -> Iterator[Started]:
    process = subprocess.Popen(
        [*surroundings, sys.executable, str(program)],
        env=environment(PLUGIN_CLIENT_CERT=allowed.certificate.decode(), **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    folder = None
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline().strip()
            _, _, _, path, _, text = line.split("|")
            folder = Path(path).parent
            der = b64decode(text + "=" * (-len(text) % 4))
            certificate = x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)
            yield Started(process, path, certificate, line)
        finally:
            process.kill()
            process.wait()
            if folder is not None and folder.name.startswith("openai-thread-"):
                shutil.rmtree(folder, ignore_errors=True)


def tls(provider: Started, who: Identity | None, folder: Path) -> ssl.SSLContext:
    """Trust the provider, and show it this identity."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=provider.certificate.decode())
    context.set_alpn_protocols(["h2"])
    if who:
        chain = folder / "chain.pem"
        chain.write_bytes(who.certificate + who.key)
        context.load_cert_chain(chain)
    return context


class Client:
    """A client that knows the protocol's messages."""

    def __init__(self, provider: Started, who: Identity) -> None:
        credentials = grpc.ssl_channel_credentials(provider.certificate, who.key, who.certificate)
        options = [
            ("grpc.ssl_target_name_override", "localhost"),
            ("grpc.enable_retries", 0),
            ("grpc.max_receive_message_length", 64 << 20),  # as Terraform has it
        ]
        self.channel = grpc.secure_channel(f"unix:{provider.path}", credentials, options)

    def raw(self, method: str, data: bytes = b"") -> bytes:
        answer: bytes = self.channel.unary_unary(method, bytes, bytes)(data, timeout=20)
        return answer

    def call(self, name: str, **fields: object) -> Any:
        rpc = getattr(tfplugin6, name)
        return rpc.Response.FromString(
            self.raw(f"/tfplugin6.Provider/{name}", rpc.Request(**fields).SerializeToString())
        )


@contextmanager
def connected(**more: str) -> Iterator[Client]:
    who = identity()
    with started(who, TINY, **more) as provider:
        client = Client(provider, who)
        with client.channel:
            yield client


def dynamic(value: object) -> tfplugin6.DynamicValue:
    return tfplugin6.DynamicValue(msgpack=msgpack.packb(value))


def box(**attributes: object) -> tfplugin6.DynamicValue:
    complete = dict.fromkeys(BOX.attributes) | attributes

    def refuse(path: object, problem: str) -> None:
        raise AssertionError(path, problem)

    return tfplugin6.DynamicValue(msgpack=values.encode(BOX.attributes, complete, refuse))


def opened(value: tfplugin6.DynamicValue) -> dict[str, Any] | None:
    return values.decode(BOX.attributes, value.msgpack)
