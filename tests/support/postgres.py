"""A PostgreSQL of a test's own, on loopback, from Debian's package."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

SECONDS = 300
"""After which a server ends by itself, whatever became of the test."""
PASSWORD = "only-for-this-test"
INITDB = ("--username=terraform", "--auth=scram-sha-256", "--no-sync", "--no-instructions")
SETTINGS = ("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off")


def programs() -> Path:
    """Return the folder of initdb and postgres; skip the test where there is none, except in CI."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = shutil.which("initdb") or (debian[-1] if debian else None)
    if found is None and os.environ.get("CI") != "true":
        pytest.skip("there is no PostgreSQL server: install Debian's package postgresql")
    assert found is not None, "there is no PostgreSQL server: scripts/system.sh installs it"
    return Path(found).resolve().parent


@contextmanager
def postgres(seconds: int = SECONDS) -> Iterator[Mapping[str, str]]:
    """Run a server, at most so long; give what a client has to have in its environment."""
    folder = programs()
    # PostgreSQL refuses to run as root.
    user, group, groups = ("nobody", "nogroup", ()) if os.geteuid() == 0 else (None, None, None)
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        data, password = Path(name, "data"), Path(name, "password")
        password.write_text(PASSWORD)
        if user:
            for path in (Path(name), password):
                shutil.chown(path, user, group)
        kept = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        initdb = [str(folder / "initdb"), f"--pgdata={data}", f"--pwfile={password}", *INITDB]
        subprocess.run(
            initdb,
            cwd=name,
            env=kept,
            check=True,
            capture_output=True,
            user=user,
            group=group,
            extra_groups=groups,
        )
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = str(free.getsockname()[1])
        command = ["timeout", "--signal=INT", str(seconds), str(folder / "postgres")]
        with Path(name, "log").open("w") as log:
            server = subprocess.Popen(
                [*command, "-D", str(data), "-p", port, *SETTINGS],
                cwd=name,
                env=kept,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=user,
                group=group,
                extra_groups=groups,
            )
        client = {
            "PGHOST": "127.0.0.1",
            "PGPORT": port,
            "PGUSER": "terraform",
            "PGPASSWORD": PASSWORD,
            "PGSSLMODE": "disable",
        }
        try:
            ask = [str(folder / "psql"), "--no-psqlrc", "--quiet", "--dbname=postgres"]
            create = [*ask, "--command=CREATE DATABASE terraform_state"]
            until = time.monotonic() + 30
            while subprocess.run(create, env={**kept, **client}, capture_output=True, check=False).returncode:
                assert server.poll() is None, Path(name, "log").read_text()
                assert time.monotonic() < until, Path(name, "log").read_text()
                time.sleep(0.1)
            yield client
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
