"""Ask a real API what it answers, and print it beside what the product assumes: `make live`.

Exit status: 0 if all agrees, 1 if a fact differs or something could not be deleted, 2 if nothing was asked.
"""

import argparse
import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx2

from provider_shim.api.settings import Settings
from provider_shim.contract.environment import unusable_network
from provider_shim.contract.provider import (
    DEFAULT_BASE_URL,
    EMBEDDED,
    base_url_problem,
    needs_key,
    unusable_character,
)
from provider_shim.contract.secrets import proxy_passwords
from provider_shim.local.errors import DatabaseError
from provider_shim.terraform.secrets import hide, redacted
from scripts.live.facts import PLAN, SHOWN, Fact, facts
from scripts.live.server import Server

KEY: Final = "OPENAI_API_KEY"
REFUSED: Final = 2
_MARKS: Final = {True: "ok", False: "DIFFERS", None: "-"}


def show(text: str = "") -> None:
    """Print a line in which no secret is."""
    print(redacted(text), flush=True)


def main() -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser("make live", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "--base-url",
        default=os.environ.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL,
        help="%(default)s; sqlite: for the embedded API",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before anything is made")
    given = parser.parse_args()
    with TemporaryDirectory(prefix="openai-thread-live-") as folder:
        url = given.base_url
        if url == EMBEDDED:
            url = f"{EMBEDDED}{Path(folder, 'live.db')}"
        key = os.environ.get(KEY) or None
        problem = base_url_problem(url, allow_http=False)
        if problem is not None:
            return _refuse(f"The base URL {problem}")
        if needs_key(url) and key is None:
            return _refuse(
                f"Set {KEY}: it is read from the environment and nowhere else. Without a key: "
                f"make live BASE_URL={EMBEDDED}"
            )
        if key is not None and (wrong := unusable_character(key, inner_blanks=False)):
            return _refuse(f"{KEY} {wrong}")
        hide(key)
        settings = Settings(
            url,
            key,
            os.environ.get("OPENAI_ORG_ID") or None,
            os.environ.get("OPENAI_PROJECT_ID") or None,
        )
        hide(*settings.secrets, *proxy_passwords(os.environ))
        server = _server(settings)
        if isinstance(server, str):
            return _refuse(server)
        show(f"Asks {settings.origin}.")
        show(f"Makes {PLAN}, and deletes all of it, also after Ctrl-C.")
        if needs_key(url):
            show(
                "Costs at most 1 cent: at OpenAI's prices what is stored is free as long as it is small, and "
                "it is gone in minutes."
            )
            if not given.yes and not _agreed():
                return REFUSED
        return asyncio.run(_run(server))


def _server(settings: Settings) -> Server | str:
    """Return what asks the API, or why it can't be asked."""
    if not settings.local and (broken := next(unusable_network(os.environ), None)):
        return broken.detail
    try:
        return Server(settings)
    except (DatabaseError, ImportError, OSError, ValueError) as unusable:
        return f"{settings.origin} can't be asked: {type(unusable).__name__}: {unusable}"


def _refuse(why: str) -> int:
    print(redacted(why), file=sys.stderr)
    return REFUSED


def _agreed() -> bool:
    if not sys.stdin.isatty():
        _refuse("Nobody is there to agree: give --yes (make live YES=1).")
        return False
    try:
        return input("Go on? [y/N] ").strip().lower() in ("y", "yes")
    except (EOFError, KeyboardInterrupt):
        show()
        return False


async def _run(server: Server) -> int:
    """Ask all, until the end or Ctrl-C."""
    found: list[Fact] = []
    stopped = False
    asking = asyncio.ensure_future(_ask(server, found))

    def stop() -> None:
        """End the questions, and not what is deleted after them: a second Ctrl-C changes nothing."""
        nonlocal stopped
        show("Ends, and deletes what was made.")
        if not stopped and not server.ending:
            asking.cancel()
        stopped = True

    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop)
    ended = ""
    try:
        await asking
    except asyncio.CancelledError:
        ended = "Interrupted: not all was asked."
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as problem:
        ended = f"The API could not be asked: {type(problem).__name__} {problem}"
    except (AttributeError, LookupError, TypeError, ValueError) as problem:
        ended = f"An answer has another shape than any that is known: {type(problem).__name__} {problem}"
    _report(found, server, ended)
    return int(bool(ended or server.left or any(each.agrees is False for each in found)))


async def _ask(server: Server, found: list[Fact]) -> None:
    async with server:
        async for fact in facts(server):
            found.append(fact)
            show(f"{_MARKS[fact.agrees]:8}{fact.what}")


def _report(found: list[Fact], server: Server, ended: str) -> None:
    show()
    show("| | asked | answered | assumed |")
    show("| --- | --- | --- | --- |")
    for each in found:
        # Masked before it is cut: a part of a key is one, too.
        answered = redacted(" ".join(each.answered.split())).replace("|", "\\|")
        if len(answered) > SHOWN:
            answered = f"{answered[:SHOWN]}…"
        show(f"| {_MARKS[each.agrees]} | {each.what} | {answered} | {each.assumed} |")
    show()
    differ = sum(each.agrees is False for each in found)
    show(f"{len(found)} facts, {differ} that differ, {len(server.answers)} calls.")
    if ended:
        show(ended)
    for path in server.left:
        show(f"NOT DELETED: {path}")


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        raise SystemExit(main())
