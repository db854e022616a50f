"""Garbage on the provider's socket: frames of HTTP/2 and requests of every RPC, bent at random.

The provider must go on answering, and no answer may hold a traceback.
"""

import random
import socket
import ssl
import sys
from collections import Counter
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import grpc

from provider_shim.resources.provider import OpenaiProvider
from provider_shim.terraform import tfplugin6 as pb
from provider_shim.terraform.server import AT_ONCE, PLAN, WAITING
from tests.faults.ground import report
from tests.faults.plans import packed
from tests.support.provider_process import Client, Started, identity, started, tls

HEALTH: Final = "/grpc.health.v1.Health/Check"
PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
MAIN: Final = Path(sys.modules[OpenaiProvider.__module__].__file__ or "").parents[1] / "__main__.py"
RPCS: Final = sorted({*AT_ONCE, *WAITING, PLAN} - {"StopProvider"})


def main(count: int = 10_000) -> None:
    """Send frames and requests, and see whether Terraform still gets its answers."""
    with TemporaryDirectory(prefix="faults-") as folder:
        report("Garbage on the socket", **fuzzed(Path(folder), count))


def fuzzed(folder: Path, count: int) -> dict[str, Any]:
    """Send as many requests, and a tenth as many connections of bent frames; give what came back."""
    chance = random.Random(11)  # noqa: S311 - no secret
    terraform = identity()
    with chdir(folder), started(terraform, program=MAIN) as provider:
        client = Client(provider, terraform)
        with client.channel:
            configure(client, folder)
            context = tls(provider, terraform, folder)
            for _ in range(count // 10):
                talk(provider, context, bent(frames(chance), chance))
            answers = Counter(request(client, chance, folder) for _ in range(count))
            alive = client.raw(HEALTH) == b"\x08\x01"
        assert provider.process.poll() is None
        provider.process.kill()
        _, said = provider.process.communicate(timeout=20)
    return {
        "requests": count,
        "connections": count // 10,
        "answers": dict(answers),
        "alive": alive,
        "tracebacks": said.count("Traceback") + answers["traceback"],
    }


def configure(client: Client, folder: Path) -> None:
    contract = OpenaiProvider({}).contract
    config = packed(contract, {"base_url": f"sqlite:{folder}/threads.db"})
    assert not client.call("ConfigureProvider", config=config).diagnostics


def talk(provider: Started, context: ssl.SSLContext, data: bytes) -> None:
    """Say something on a connection of its own, as somebody with the right certificate."""
    with socket.socket(socket.AF_UNIX) as plain:
        plain.settimeout(10)
        plain.connect(provider.path)
        with context.wrap_socket(plain, server_hostname="localhost") as secured:
            try:
                secured.sendall(data)
            except OSError:
                return  # thrown out before it was said


def frames(chance: random.Random) -> bytes:
    """Make a beginning as it should be: settings, a call, its data."""
    from h2.connection import H2Connection  # noqa: PLC0415 - for this alone

    http = H2Connection()
    http.initiate_connection()
    for stream in range(1, 2 * chance.randint(1, 4), 2):
        path = f"/tfplugin6.Provider/{chance.choice(RPCS)}"
        headers = [(":method", "POST"), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
        http.send_headers(stream, [*headers, ("content-type", "application/grpc"), ("te", "trailers")])
        body = chance.randbytes(chance.randint(0, 50))
        http.send_data(stream, b"\0" + len(body).to_bytes(4) + body, end_stream=chance.random() < 0.8)
    return http.data_to_send()


def bent(data: bytes, chance: random.Random) -> bytes:
    """Change a few bytes behind the preface, cut some out, or put some in."""
    body = bytearray(data.removeprefix(PREFACE))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(body) + 1)
        match chance.randrange(3):
            case 0:
                body[at : at + 1] = chance.randbytes(1)
            case 1:
                del body[at : at + chance.randint(1, 20)]
            case _:
                body[at:at] = chance.randbytes(chance.randint(1, 20))
    return PREFACE + bytes(body)


def request(client: Client, chance: random.Random, folder: Path) -> str:
    """Send one bent request; tell how it was answered."""
    rpc = chance.choice(RPCS)
    data = sample(rpc, chance, folder)
    if chance.random() < 0.8:
        data = bent(PREFACE + data, chance).removeprefix(PREFACE)
    try:
        answer = client.raw(f"/tfplugin6.Provider/{rpc}", data)
    except grpc.RpcError as refused:
        return str(refused.code().name)
    return "traceback" if b"Traceback" in answer else "answered"


def sample(rpc: str, chance: random.Random, folder: Path) -> bytes:
    """Make a request of an RPC that would be in order."""
    provider = OpenaiProvider({})
    name = chance.choice(sorted(provider.resources))
    contract = provider.resources[name].contract
    config = {each: _value(chance) for each in contract.attributes}
    value = pb.DynamicValue(msgpack=_msgpack(config))
    fields: dict[str, object] = {
        "type_name": name,
        "config": value,
        "prior_state": value if chance.random() < 0.5 else pb.DynamicValue(msgpack=b"\xc0"),
        "proposed_new_state": value,
        "planned_state": value if chance.random() < 0.8 else pb.DynamicValue(msgpack=b"\xc0"),
        "current_state": value,
        "id": chance.choice(["conv_1", "../conv_1", "\n", "x" * 600]),
        "raw_state": pb.RawState(json=chance.choice([b"{}", b"[", b'{"id": 1}', b"null"])),
        "source_state": pb.RawState(json=b'{"id": "conv_1"}'),
        "source_type_name": name,
        "target_type_name": name,
        "private": chance.choice([b"", b"{}", b"["]),
        "prior_private": chance.choice([b"", b"{}", b"7"]),
    }
    if rpc in ("ConfigureProvider", "ValidateProviderConfig"):
        fields["config"] = packed(provider.contract, {"base_url": f"sqlite:{folder}/threads.db"})
    message = getattr(pb, rpc).Request
    known = {key: each for key, each in fields.items() if hasattr(message, key)}
    return bytes(message(**known).SerializeToString())


def _value(chance: random.Random) -> object:
    return chance.choice(
        [
            None,
            "text",
            "",
            7,
            -1,
            0.5,
            True,
            [],
            {},
            ["a"],
            {"a": "b"},
            [{"role": "user", "content": "x"}],
            2**60,
        ]
    )


def _msgpack(value: object) -> bytes:
    import msgpack  # noqa: PLC0415 - for this alone

    return bytes(msgpack.packb(value))


if __name__ == "__main__":
    main()
