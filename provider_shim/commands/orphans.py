"""Finds, and on demand deletes, what interrupted runs left at the API."""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from provider_shim.api.client import Client
from provider_shim.api.conversations import Conversations
from provider_shim.api.files import Files
from provider_shim.api.journal import Journal, Line, journals
from provider_shim.api.settings import Settings
from provider_shim.api.threads import Threads
from provider_shim.api.vector_stores import VectorStores
from provider_shim.commands.states import Held, held
from provider_shim.contract.provider import DEFAULT_BASE_URL, EMBEDDED, base_url_problem
from provider_shim.terraform.diagnostics import Failure

_Act = Callable[[str], Awaitable[object]]

_NO_ID: Final = (
    "was asked for, and the answer did not come. Look for it at the API by its time; the Conversations API "
    "has no list"
)
_MESSAGE: Final = (
    "can't be checked: the journal does not say in which thread it is. Look for this id among the thread's "
    "messages"
)


def orphans(folder: Path, *, base_url: str | None, delete: bool) -> int:
    """List what the journals in ``folder`` have left; give the exit code: 1 if anything is left.

    Args:
        folder: A CDKTF project's folder, or one that terraform runs in.
        base_url: As the provider's; the key goes to this API alone.
        delete: Delete what the API has and no state holds.
    """
    if not folder.is_dir():
        print(f"openai-thread orphans: {folder} is no folder. Give the project's folder.", file=sys.stderr)
        return 1
    lines: list[tuple[Journal, Line]] = []
    opened = [Journal(path, "") for path in journals(folder.resolve())]
    try:
        for journal in opened:
            # What a run has answered is in Terraform's state; it only was not seen there again yet.
            lines += [(journal, line) for line in journal.unsettled() if not line.answered]
        if not lines:
            print(f"Nothing is left. Journals in {folder.resolve()}: {len(opened)}.")
            return 0
        paths = {journal.path for journal, _ in lines}
        states = {path: held(path, folder.resolve()) for path in paths}
        return asyncio.run(_each(lines, states, base_url, delete=delete))
    except Failure as failure:
        print("\n".join(f"{each.summary}. {each.detail}" for each in failure.diagnostics), file=sys.stderr)
        return 1
    finally:
        for journal in opened:
            journal.close()


async def _each(
    lines: list[tuple[Journal, Line]], states: dict[Path, Held], base_url: str | None, *, delete: bool
) -> int:
    clients: dict[str, Client] = {}
    remaining = 0
    try:
        for journal, line in lines:
            said, settled = await _one(journal, line, states[journal.path], clients, base_url, delete=delete)
            if settled and line.id is not None:
                journal.settle(line.id)
            remaining += not settled
            when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(line.at))
            print(f"{line.type_name} {line.id or '(id not known)'}  {when}  {line.origin}\n  {said}.")
    finally:
        for client in clients.values():
            await client.close()
    return int(remaining > 0)


async def _one(  # noqa: PLR0911, PLR0913 - one return a case; the line and what it is held against
    journal: Journal,
    line: Line,
    states: Held,
    clients: dict[str, Client],
    base_url: str | None,
    *,
    delete: bool,
) -> tuple[str, bool]:
    """Give what is to be said of one line, and whether it is settled with that."""
    if line.id is None:
        return _NO_ID, False
    if f'"{line.id}"' in states.text:
        return "is in the state: Terraform has it", True
    settings = _settings(line.origin, base_url, journal.path.parent)
    if settings is not None and settings.database and not os.path.exists(settings.database):  # noqa: PTH110, ASYNC240 - nothing else runs
        return f"can't be checked: {settings.database} does not exist", False
    if settings is None:
        return f"is at {line.origin}. To check it, give its API: --base-url {line.origin}/…", False
    client = clients.setdefault(line.origin, Client(settings))
    acts = _acts(line, client)
    if acts is None:
        return _MESSAGE, False
    read, remove = acts
    try:
        if await read(line.id) is None:
            return "does not exist any more", True
        if states.unknown:
            return f"exists. Whether the state holds it is not known: {states.unknown}", False
        if not delete:
            return (
                "exists. The next apply of the same configuration takes it over; --delete deletes it",
                False,
            )
        await remove(line.id)
    except Failure as failure:
        problem = failure.diagnostics[0]
        return f"{problem.summary}. {' '.join(problem.detail.split())}".rstrip("."), False
    return "deleted", True


def _settings(origin: str, base_url: str | None, folder: Path) -> Settings | None:
    """Give how to reach the API with this origin; None where that was not told."""
    if origin.startswith(EMBEDDED):
        return Settings(base_url=f"{EMBEDDED}{folder / origin.removeprefix(EMBEDDED)}")
    for candidate in (base_url, os.environ.get("OPENAI_BASE_URL"), DEFAULT_BASE_URL):
        if not candidate or base_url_problem(candidate, allow_http=False):
            continue
        settings = Settings(
            base_url=candidate,
            api_key=os.environ.get("OPENAI_API_KEY"),
            organization=os.environ.get("OPENAI_ORG_ID"),
            project=os.environ.get("OPENAI_PROJECT_ID"),
        )
        if settings.origin == origin:
            return settings
    return None


def _acts(line: Line, client: Client) -> tuple[_Act, _Act] | None:
    """Give what reads and what deletes an object of this kind."""
    match line.type_name:
        case "openai_thread":
            api = Threads(client) if str(line.id).startswith("thread_") else Conversations(client)
            return api.read, api.delete
        case "openai_file":
            files = Files(client)
            return files.read, files.delete
        case "openai_vector_store":
            stores = VectorStores(client)
            return stores.read, stores.delete
        case _:
            return None
