"""Third-party servers of the Conversations API, each in an environment of its own."""

import fcntl
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.environment import ROOT

PEER = "TEST_PEER"
"""The environment variable that names a peer to run the tests marked `peers` against: `smg`."""

SMG = "1.13.0"


@contextmanager
def smg(folder: Path) -> Iterator[str]:
    """Install smg once, run it on loopback until the block ends, and give its origin."""
    program = _installed(ROOT / ".engines" / f"smg-{SMG}", f"smg=={SMG}") / "smg"
    port, metrics = _free_port(), _free_port()
    command = [str(program), "launch", "--backend", "openai", "--worker-urls", "http://127.0.0.1:9"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--history-backend", "memory"]
    command += ["--prometheus-host", "127.0.0.1", "--prometheus-port", str(metrics), "--disable-health-check"]
    with (folder / "smg.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        _wait(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _installed(environment: Path, requirement: str) -> Path:
    """Make the environment, once for all test processes; return the folder of its programs."""
    environment.parent.mkdir(exist_ok=True)
    with environment.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = environment / "installed"
        if not done.exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
            python = str(environment / "bin" / "python")
            pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement]
            subprocess.run(pip, check=True)
            done.touch()
    return environment / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until:
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("smg did not start")
