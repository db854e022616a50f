"""The embedded API in a process of its own."""

import subprocess
import sys
from pathlib import Path

SERVE = """
import sys
from provider_shim.local.serve import serve
serve(
    sys.argv[1],
    port=0,
    api_key=sys.argv[2] or None,
    model=sys.argv[3],
    ready=lambda ready: print(ready.url, flush=True),
)
"""


def started(database: Path, key: str = "", model: str = "echo") -> tuple["subprocess.Popen[str]", str]:
    """Serve the database in a process of its own; return it and its base URL."""
    command = [sys.executable, "-c", SERVE, str(database), key, model]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def stopped(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.communicate(timeout=20)
