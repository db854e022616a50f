"""Who may come in, and what a guest can't break."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.provider_process import (
    ROOT,
    TINY,
    Client,
    Started,
    environment,
    identity,
    started,
    tls,
)

HEALTH = "/grpc.health.v1.Health/Check"


def first_bytes(provider: Started, context: ssl.SSLContext) -> bytes:
    """What the provider says once the handshake is over. TLS 1.3 refuses a client only then."""
    with socket.socket(socket.AF_UNIX) as plain:
        plain.settimeout(10)
        plain.connect(provider.path)
        with context.wrap_socket(plain, server_hostname="localhost") as secured:
            return secured.recv(100)


def ended(process: "subprocess.Popen[str]") -> int:
    return process.wait(timeout=20)


def test_terraform_with_its_certificate_comes_in(tmp_path: Path) -> None:
    terraform = identity(ec.SECP521R1())
    with started(terraform) as provider:
        assert first_bytes(provider, tls(provider, terraform, tmp_path))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_nobody_comes_in_without_a_certificate(tmp_path: Path, version: ssl.TLSVersion) -> None:
    with started(identity()) as provider:
        context = tls(provider, None, tmp_path)
        context.minimum_version = context.maximum_version = version

        with pytest.raises(ssl.SSLError, match=r"(?i)certificate|handshake"):
            first_bytes(provider, context)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_nobody_comes_in_with_another_certificate(tmp_path: Path, version: ssl.TLSVersion) -> None:
    with started(identity()) as provider:
        context = tls(provider, identity(), tmp_path)
        context.minimum_version = context.maximum_version = version

        with pytest.raises(ssl.SSLError, match=r"(?i)unknown.ca|certificate|handshake|decrypt"):
            first_bytes(provider, context)


def test_old_tls_is_refused(tmp_path: Path) -> None:
    terraform = identity()
    with started(terraform) as provider:
        context = tls(provider, terraform, tmp_path)
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")

        with pytest.raises(ssl.SSLError):
            first_bytes(provider, context)


def test_garbage_on_the_socket_does_not_keep_terraform_out() -> None:
    terraform = identity()
    with started(terraform) as provider:

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(data=st.binary(max_size=200) | st.binary(max_size=60).map(lambda rest: b"\x16\x03\x01" + rest))
        def knock(data: bytes) -> None:
            with socket.socket(socket.AF_UNIX) as guest:
                guest.connect(provider.path)
                guest.sendall(data)

        knock()
        client = Client(provider, terraform)
        with client.channel:
            assert client.raw(HEALTH) == b"\x08\x01"


def test_guests_who_say_nothing_do_not_keep_terraform_out() -> None:
    terraform = identity()
    with started(terraform) as provider:
        guests = [socket.socket(socket.AF_UNIX) for _ in range(10)]
        for guest in guests:
            guest.connect(provider.path)
        client = Client(provider, terraform)
        with client.channel:
            answer = client.raw(HEALTH)
        for guest in guests:
            guest.close()

        assert answer == b"\x08\x01"


def test_garbage_inside_tls_ends_that_connection_alone(tmp_path: Path) -> None:
    terraform = identity()
    with started(terraform) as provider:
        context = tls(provider, terraform, tmp_path)
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(data=st.binary(max_size=100), polite=st.booleans())
        def talk(data: bytes, polite: bool) -> None:
            with socket.socket(socket.AF_UNIX) as plain:
                plain.settimeout(10)
                plain.connect(provider.path)
                with context.wrap_socket(plain, server_hostname="localhost") as secured:
                    secured.sendall((preface if polite else b"") + data)

        talk()
        client = Client(provider, terraform)
        with client.channel:
            assert client.raw(HEALTH) == b"\x08\x01"


@pytest.mark.parametrize(
    ("method", "data", "code"),
    [
        ("/tfplugin6.Provider/CallFunction", b"", grpc.StatusCode.UNIMPLEMENTED),
        ("/tfplugin6.Provider/__init__", b"", grpc.StatusCode.UNIMPLEMENTED),
        ("/tfplugin5.Provider/GetSchema", b"", grpc.StatusCode.UNIMPLEMENTED),
        ("/plugin.GRPCBroker/StartStream", b"", grpc.StatusCode.UNIMPLEMENTED),
        ("/tfplugin6.Provider/ReadResource", b"\xff", grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
def test_what_is_no_call_of_ours_is_refused(method: str, data: bytes, code: grpc.StatusCode) -> None:
    terraform = identity()
    with started(terraform) as provider:
        client = Client(provider, terraform)
        with client.channel, pytest.raises(grpc.RpcError) as refused:
            client.raw(method, data)

        assert refused.value.code() is code


def test_shutdown_ends_the_provider_and_leaves_nothing() -> None:
    terraform = identity()
    with started(terraform) as provider:
        client = Client(provider, terraform)
        with client.channel:
            client.raw("/plugin.GRPCController/Shutdown")

        assert ended(provider.process) == 0
        assert not Path(provider.path).parent.exists()


def test_standard_output_stays_open_until_the_end() -> None:
    terraform = identity()
    with started(terraform) as provider:
        client = Client(provider, terraform)
        with client.channel, ThreadPoolExecutor(1) as pool:
            stream = client.channel.unary_stream("/plugin.GRPCStdio/StreamStdio", bytes, bytes)(b"")
            reading = pool.submit(lambda: next(iter(stream), None))
            assert client.raw(HEALTH) == b"\x08\x01"
            assert not reading.done()
            stream.cancel()
            assert isinstance(reading.exception(), grpc.RpcError)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_whole_terminal_or_job_is_left_to_terraform(number: signal.Signals) -> None:
    terraform = identity()
    with started(terraform, ROOT / "provider_shim" / "__main__.py") as provider:
        client = Client(provider, terraform)
        with client.channel:
            client.raw(HEALTH)
            provider.process.send_signal(number)

            assert client.raw(HEALTH) == b"\x08\x01"


def test_the_provider_ends_when_its_parent_has_gone(tmp_path: Path) -> None:
    program = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, sys.argv[1]], stdout=subprocess.PIPE)\n"
        "print(child.pid, child.stdout.readline().decode().split('|')[3], flush=True)\n"
    )
    parent = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(TINY)],
        env=environment(PLUGIN_CLIENT_CERT=identity().certificate.decode()),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=20,
    )
    pid, path = parent.stdout.split()
    end = time.monotonic() + 20
    while Path(path).parent.exists() and time.monotonic() < end:
        time.sleep(0.1)

    gone = not Path(path).parent.exists()
    if not gone:
        os.kill(int(pid), signal.SIGKILL)
    assert gone


def test_the_provider_ends_when_its_parent_had_gone_before_it_looked(tmp_path: Path) -> None:
    program = (
        "import runpy, sys\n"
        "from provider_shim.terraform import transport\n"
        "transport._ALONE = 0.5\n"
        "runpy.run_path(sys.argv[1], run_name='__main__')\n"
    )
    # The shell is gone at once; its output ends when the provider does.
    said = subprocess.run(
        ["sh", "-c", '"$@" &', "sh", sys.executable, "-c", program, str(TINY)],
        env=environment(PLUGIN_CLIENT_CERT=identity().certificate.decode()),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=20,
    )

    assert not Path(said.stdout.split("|")[3]).exists()


@pytest.mark.parametrize("waits", [False, True], ids=["polled", "in asyncio"])
def test_a_large_answer_arrives_whole(tmp_path: Path, waits: bool) -> None:
    from tests.support.provider_process import box, dynamic, opened  # noqa: PLC0415 - used here alone

    terraform = identity()
    large = "x" * 3_000_000
    with started(terraform) as provider:
        client = Client(provider, terraform)
        with client.channel:
            client.call("ConfigureProvider", config=dynamic({"folder": str(tmp_path), "key": None}))
            planned = client.call(
                "PlanResourceChange",
                type_name="tiny_box",
                prior_state=box(name="small") if waits else dynamic(None),
                proposed_new_state=box(name=large),
                config=box(name=large),
            )

    state = opened(planned.planned_state)
    assert state is not None
    assert state["name"] == large
