"""Serves the embedded API to whoever speaks HTTP."""

import os
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from provider_shim.contract.provider import is_loopback
from provider_shim.local.errors import DatabaseError
from provider_shim.local.responses import DEFAULT
from provider_shim.local.responses.errors import ModelError
from provider_shim.local.serve import Ready, ServeError, serve

KEY: Final = "OPENAI_THREAD_SERVE_KEY"
"""The environment variable with the key to ask for. An argument would show in the list of processes."""


def serving(database: Path, host: str, port: int, *, model: str, quiet: bool) -> int:
    """Serve ``database`` until Ctrl-C; return the exit code.

    Args:
        database: The SQLite file.
        host: The address to listen on.
        port: The TCP port; 0 takes a free one.
        model: What answers responses.
        quiet: Log no requests.
    """
    key = os.environ.get(KEY) or None

    def ready(it: Ready) -> None:
        given = f"the key in {KEY}" if key else '"none"'
        entrance = f"  (any user name; the password is {given})" if key else ""
        reached = "this machine" if is_loopback(host) else "other machines too"
        _say(
            f"Serving {database} until Ctrl-C\n"
            f"  page  {urljoin(it.url, '/')}{entrance}\n"
            f"  API   {it.url}\n"
            f'        OpenAI(base_url="{it.url}", api_key={given})\n'
            f"  holds {_held(it)}\n"
            f"  for   programs on {reached}, {f'with {given}' if key else 'without a key'}\n"
            f"  model {_answering(model)}"
        )

    try:
        serve(database, host, port, key, model=model, log=not quiet, ready=ready)
    except ServeError as problem:
        print(f"openai-thread serve: {problem}", file=sys.stderr)
        if key is None and not is_loopback(host):
            print(f"The key is taken from the environment variable {KEY}.", file=sys.stderr)
        return 1
    except (DatabaseError, ModelError) as problem:
        print(f"openai-thread serve: {problem}", file=sys.stderr)
        return 1
    return 0


def _say(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Whoever read our output has seen enough: the server goes on, and says no more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _held(it: Ready) -> str:
    counts = [
        f"{number:,} {kind}{'' if number == 1 else 's'}" for kind, number in it.counts.items() if number
    ]
    if it.is_new:
        return "nothing yet: the file is new"
    return ", ".join(counts) or "nothing yet"


def _answering(model: str) -> str:
    return f"{model}, which says what it was given" if model == DEFAULT else model
