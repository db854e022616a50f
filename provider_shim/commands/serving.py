"""Serves the embedded API to whoever speaks HTTP."""

import os
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from provider_shim.contract.provider import is_loopback
from provider_shim.local.errors import DatabaseError
from provider_shim.local.serve import ServeError, serve

KEY: Final = "OPENAI_THREAD_SERVE_KEY"
"""The environment variable with the key to ask for. An argument would show in the list of processes."""


def serving(database: Path, host: str, port: int) -> int:
    """Serve ``database`` until Ctrl-C; return the exit code."""
    key = os.environ.get(KEY) or None

    def ready(url: str) -> None:
        page = urljoin(url, "/")
        given = f"the key in {KEY}" if key else '"none"'
        entrance = f"  (any user name; the password is {given})" if key else ""
        print(
            f"Serving {database} until Ctrl-C\n"
            f"  page  {page}{entrance}\n"
            f"  API   {url}\n"
            f'        OpenAI(base_url="{url}", api_key={given})',
            flush=True,
        )

    try:
        serve(database, host, port, key, ready=ready)
    except ServeError as problem:
        print(f"openai-thread serve: {problem}", file=sys.stderr)
        if key is None and not is_loopback(host):
            print(f"The key is taken from the environment variable {KEY}.", file=sys.stderr)
        return 1
    except DatabaseError as problem:
        print(f"openai-thread serve: {problem}", file=sys.stderr)
        return 1
    return 0
