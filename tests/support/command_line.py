"""The command line, as a person starts it."""

import re
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.environment import BIN, clean

COMMAND = BIN / "openai-thread"
LINES = 7
"""What a server says once it is ready."""
ADDRESS = re.compile(r"^  API   (http://\S+)$", re.MULTILINE)


def run(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=cwd,
        env=clean(environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def serving(*arguments: str, **environment: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Serve until the block ends; give the base URL and the process."""
    process = subprocess.Popen(
        [COMMAND, "serve", "--port", "0", *arguments],
        env=clean(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        readable, _, _ = select.select([process.stdout], [], [], 30)
        assert readable, "no line within 30 s"
        said = "".join(process.stdout.readline() for _ in range(LINES))
        yield ADDRESS.findall(said)[0], process
    finally:
        process.terminate()
        process.communicate(timeout=20)
