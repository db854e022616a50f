"""Runs of the provider's journal that are killed, each a process."""

import json
import signal
import subprocess
import sys
import textwrap
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from provider_shim.journal.journal import Journal
from provider_shim.journal.matches import Account
from provider_shim.journal.records import Lookup, Run, digest

ORIGIN = "https://api.openai.com"
CONTENT = {"metadata": {"topic": "leave"}, "messages": [{"role": "user", "content": "my secret question"}]}
PLANNED = digest("openai_thread", CONTENT)

RUN = """
    import asyncio, os, signal, sys
    from pathlib import Path
    from tests.support.killed_runs import opened

    async def run():
        journal = opened(Path(sys.argv[1]), engine="earlier")
        pending = journal.begin("openai_thread", sys.argv[2], None, None)
        await journal.on_disk()
        print("pending", flush=True)
        if sys.argv[3] == "sent":
            os.kill(os.getpid(), signal.SIGKILL)
        if sys.argv[3] == "slow":
            sys.stdin.read()
            os.kill(os.getpid(), signal.SIGKILL)
        pending.made(sys.argv[4])
        if sys.argv[3] == "made":
            os.kill(os.getpid(), signal.SIGKILL)
        await journal.on_disk()
        print("done", flush=True)
        if sys.argv[3] == "wait":
            sys.stdin.read()
        os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(run())
"""


def opened(
    path: Path,
    *,
    engine: str = "now",
    stack: str = "stack",
    account: Account = Account("key"),  # noqa: B008 - a value
    origin: str = ORIGIN,
) -> Journal:
    """Return the journal as a run of this engine has it."""
    return Journal(path, lambda: Run(0, engine, stack=stack), lambda: account, origin)


def killed_run(path: Path, when: str, identifier: str = "conv_1") -> None:
    """Leave the journal of a run that was killed: after it was ``sent``, ``made`` or when it was ``left``."""
    done = subprocess.run(
        _run(path, when, identifier),
        check=False,
        timeout=30,
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@contextmanager
def living_run(path: Path, when: str) -> Iterator[None]:
    """Have a run that lives as long as the block: ``slow`` has no answer by then, ``wait`` has left.

    Then it is killed.
    """
    with subprocess.Popen(_run(path, when, "conv_1"), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == b"pending\n"
        assert when == "slow" or other.stdout.readline() == b"done\n"
        yield
        other.stdin.close()
        other.wait(30)


def _run(path: Path, when: str, identifier: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(RUN), str(path), PLANNED, when, identifier]


def killed_while_it_was_sent(path: Path, looked_for: str = "digest") -> str:
    """Leave one more record of a run that died, of what can be looked for; return its key."""
    before = path.read_text() if path.exists() else ""
    path.unlink(missing_ok=True)
    killed_run(path, "sent")
    run, pending = path.read_text().splitlines()
    event = {**json.loads(pending), "digest": looked_for}
    path.write_text(f"{before}{run}\n{json.dumps(event)}\n")
    return str(event["key"])


def make(
    journal: Journal,
    identifier: str,
    planned: str = PLANNED,
    *,
    lookup: Lookup | None = None,
    state: Collection[str] | None = (),
) -> str | None:
    """Create, or take over what is there; return the id that was taken over."""
    pending = journal.begin("openai_thread", planned, lookup, state)
    pending.made(pending.adopted or identifier)
    return pending.adopted
