"""Runs of the provider's journal that are killed, each a process."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

from provider_shim.api.journal import Journal
from provider_shim.api.lines import fingerprint

ORIGIN = "https://api.openai.com"
CONTENT = {"metadata": {"topic": "leave"}, "messages": [{"role": "user", "content": "my secret question"}]}
PLANNED = fingerprint("openai_thread", CONTENT)

RUN = """
    import asyncio, os, signal, sys
    from pathlib import Path
    from provider_shim.api.journal import Journal

    async def run():
        journal = Journal(Path(sys.argv[1]), "https://api.openai.com")
        async with journal.making("openai_thread", sys.argv[2]) as entry:
            print("making", flush=True)
            if sys.argv[3] == "sent":
                os.kill(os.getpid(), signal.SIGKILL)
            entry.made(sys.argv[4])
            if sys.argv[3] == "made":
                os.kill(os.getpid(), signal.SIGKILL)
        print("done", flush=True)
        if sys.argv[3] == "wait":
            sys.stdin.read()
        os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(run())
"""


def killed_run(path: Path, when: str, identifier: str = "conv_1") -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(RUN), str(path), PLANNED, when, identifier],
        check=False,
        timeout=30,
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


async def make(journal: Journal, identifier: str, planned: str = PLANNED) -> str | None:
    """Create, or take over what is there; give the id that was taken over."""
    async with journal.making("openai_thread", planned) as entry:
        entry.made(entry.adopted or identifier)
        return entry.adopted
