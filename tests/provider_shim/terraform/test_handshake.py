import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from provider_shim.terraform import certificate
from tests.support.provider_process import ROOT, TINY, environment, identity, started


def run(arguments: list[str], environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_a_person_is_told_what_this_is() -> None:
    without_cookie = {
        name: value for name, value in environment().items() if name != "TF_PLUGIN_MAGIC_COOKIE"
    }

    done = run(["-m", "provider_shim"], without_cookie)

    assert done.returncode == 1
    assert done.stdout == ""
    assert "Terraform provider of cdktf-openai-thread" in done.stderr
    assert "--help" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "PLUGIN_CLIENT_CERT is not set"),
        ({"PLUGIN_CLIENT_CERT": "nonsense"}, "PLUGIN_CLIENT_CERT is not a certificate"),
        (
            {"PLUGIN_CLIENT_CERT": "-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----"},
            "PLUGIN_CLIENT_CERT is not a certificate",
        ),
        (
            {"PLUGIN_CLIENT_CERT": identity().certificate.decode(), "PLUGIN_PROTOCOL_VERSIONS": "4,5"},
            "speaks plugin protocol 4,5",
        ),
    ],
)
def test_an_environment_that_terraform_does_not_make_is_refused_in_one_line(
    variables: dict[str, str], expected: str
) -> None:
    done = run(["-m", "provider_shim"], environment(**variables))

    assert done.returncode == 1
    assert expected in done.stdout.splitlines()[0]
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_a_certificate_that_only_looks_like_one_ends_the_provider_without_a_traceback(tmp_path: Path) -> None:
    pem = "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----"

    done = run([str(TINY)], environment(PLUGIN_CLIENT_CERT=pem, PLUGIN_UNIX_SOCKET_DIR=str(tmp_path)))

    assert done.returncode == 1
    assert "PLUGIN_CLIENT_CERT is not a certificate" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_line_names_a_socket_in_a_folder_of_our_own() -> None:
    # pytest's own folders have names too long for a socket.
    with TemporaryDirectory() as folder, started(identity(), PLUGIN_UNIX_SOCKET_DIR=folder) as provider:
        assert re.fullmatch(r"1\|6\|unix\|[^|]+\|grpc\|[A-Za-z0-9+/]+", provider.line)
        path = Path(provider.path)
        assert path.parent.parent == Path(folder)
        assert path.is_socket()
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert [each.name for each in path.parent.iterdir()] == ["provider"]


def test_a_folder_with_a_long_name_is_no_place_for_a_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()

    with started(identity(), TMPDIR=str(folder)) as provider:
        assert Path(provider.path).is_socket()
        assert len(os.fsencode(provider.path)) <= 100


@pytest.mark.parametrize("folder", ["/nowhere/at/all", "/proc", "/etc/hostname"])
def test_a_folder_that_can_not_be_used_is_no_place_for_a_socket(folder: str) -> None:
    with started(identity(), TMPDIR=folder) as provider:
        assert provider.path.startswith("/tmp/openai-thread-")  # noqa: S108 - what it falls back to


def test_the_certificate_is_for_localhost_and_signed_by_its_own_key() -> None:
    der, key = certificate.make()

    made = x509.load_der_x509_certificate(der)
    secret = load_pem_private_key(certificate.pem("EC PRIVATE KEY", key).encode(), None)

    made.verify_directly_issued_by(made)
    assert isinstance(secret, ec.EllipticCurvePrivateKey)
    assert isinstance(secret.curve, ec.SECP256R1)
    assert secret.public_key() == made.public_key()
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert made.serial_number > 0


def test_no_two_certificates_are_the_same() -> None:
    assert certificate.make() != certificate.make()


def test_nothing_heavy_is_imported_before_the_line() -> None:
    program = (
        "import sys\n"
        "from provider_shim.terraform import handshake\n"
        "from provider_shim.system.signals import ignore_the_end\n"
        "ignore_the_end()\n"
        "handshake.announce().listener.close()\n"
        "heavy = {'asyncio', 'cryptography.x509', 'dataclasses', 'h2', 'logging', 'msgpack', 'openai',\n"
        "         'pathlib', 'signal', 'socket', 'ssl'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )

    done = run(["-c", program], environment(PLUGIN_CLIENT_CERT=identity().certificate.decode()))

    assert done.stdout.splitlines()[1] == "[]"
