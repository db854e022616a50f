"""From the start of the launcher to the line Terraform waits for, against `python -c pass`."""

import datetime as dt
import subprocess
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from benchmarks.measure import Cost, Figures, cost, interleaved
from provider_shim.launcher.mirror import POINTER, executable_name, launcher, write_pointer
from tests.support.environment import BIN, clean

COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"

NOTHING, LINE = "python -c pass", "launcher to handshake line"


def measure(folder: Path, runs: int) -> dict[str, Figures]:
    """Return what `python -c pass` and what the handshake cost."""
    program = folder / executable_name()
    program.write_bytes(launcher())
    program.chmod(0o755)
    write_pointer(folder / POINTER, str(BIN / "python"))
    environment = clean({"TF_PLUGIN_MAGIC_COOKIE": COOKIE, "PLUGIN_CLIENT_CERT": client_certificate()})

    return interleaved(
        runs,
        {
            NOTHING: lambda: cost([BIN / "python", "-c", "pass"], folder, clean({})),
            LINE: lambda: until_the_line(program, folder, environment),
        },
    )


def until_the_line(program: Path, folder: Path, environment: dict[str, str]) -> Cost:
    """Start a provider and return what it took until the line that Terraform waits for."""
    started = time.perf_counter()
    with subprocess.Popen(
        [program], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as provider:
        assert provider.stdout is not None
        line = provider.stdout.readline()
        wall = time.perf_counter() - started
        # The first field is the time on a CPU in nanoseconds; it goes on through the launcher's exec.
        tasks = Path(f"/proc/{provider.pid}/task").glob("*/schedstat")
        cpu = sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
        provider.kill()
    if not line.startswith("1|6|"):
        raise SystemExit(f"no handshake, but: {line}")
    return Cost(cpu * 1000, wall * 1000)


def client_certificate() -> str:
    """Return a certificate like the one Terraform makes for itself: P-521, self-signed."""
    key = ec.generate_private_key(ec.SECP521R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA512())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
