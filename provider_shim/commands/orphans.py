"""Finds, and on demand deletes, what interrupted runs left at the API."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provider_shim.api.client import Client
from provider_shim.api.conversations import Conversations
from provider_shim.api.files import FileRecord, Files
from provider_shim.api.journal import Journal, journals
from provider_shim.api.lines import WHY, Line, when
from provider_shim.api.problem import ApiProblem
from provider_shim.api.settings import Settings
from provider_shim.api.threads import Threads
from provider_shim.api.vector_stores import VectorStoreRecord, VectorStores
from provider_shim.commands.terraform_states import Held, held
from provider_shim.contract.provider import DEFAULT_BASE_URL, EMBEDDED, ENVIRONMENT, base_url_problem
from provider_shim.terraform.diagnostics import Failure

_NO_ID: Final = (
    "was asked for, and the answer did not come. The API has no list to find it in: look for it in the API's "
    "own log by its time. Once you have seen to it, --forget takes it out of the journal"
)
_ADDED: Final = (
    "messages may have been added to it. The next apply of the same change takes over those that are there; "
    "if you have seen to them, --forget takes the line out of the journal"
)
_GONE: Final = "does not exist any more"


@dataclass(frozen=True, slots=True)
class _Found:
    """What is to be said of a line, and whether it is settled with that."""

    said: str
    settled: bool = False


@dataclass(frozen=True, slots=True)
class _Acts:
    """What can be done about an object of one kind: find one without an id, read and delete one with it."""

    find: Callable[[], Awaitable[str | None]]
    read: Callable[[str], Awaitable[object]]
    delete: Callable[[str], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class _Known:
    """What a stack's state and the journals in the folder tell of objects at the API."""

    states: Held
    journals: list[Journal]

    def holds(self, identifier: str) -> bool:
        """Tell whether an object has an owner."""
        return identifier in self.states or any(identifier in each.anew().ids for each in self.journals)

    def rivals(self, alike: str, origin: str) -> list[Line]:
        """Give the lines without an answer whose object has this digest."""
        return [line for each in self.journals for line in each.anew().unanswered(alike, origin)]


def orphans(folder: Path, *, base_url: str | None, delete: bool, forget: bool) -> int:
    """List what the journals in ``folder`` have left; return the exit code: 1 if anything is left unasked.

    Args:
        folder: A CDKTF project's folder, or one that terraform runs in.
        base_url: As the provider's; the key goes to this API alone.
        delete: Delete what the API has and no state holds.
        forget: Take out of the journal what has no id and was not found, and what was kept on purpose.
    """
    if not folder.is_dir():
        print(f"openai-thread orphans: {folder} is no folder. Give the project's folder.", file=sys.stderr)
        return 1
    lines: list[tuple[Journal, Line]] = []
    opened = [Journal(path, "") for path in journals(folder.resolve())]
    try:
        for journal in opened:
            # What a run has answered is in Terraform's state; it only was not seen there again yet.
            lines += [(journal, line) for line in journal.unsettled() if line.why or not line.answered]
        if not lines:
            print(f"Nothing is left. Journals in {folder.resolve()}: {len(opened)}.")
            return 0
        paths = {journal.path for journal, _ in lines}
        known = {path: _Known(held(path, folder.resolve()), opened) for path in paths}
        return asyncio.run(_each(lines, known, base_url, delete=delete, forget=forget))
    except Failure as failure:
        print("\n".join(f"{each.summary}. {each.detail}" for each in failure.diagnostics), file=sys.stderr)
        return 1
    finally:
        for journal in opened:
            journal.close()


async def _each(
    lines: list[tuple[Journal, Line]],
    known: dict[Path, _Known],
    base_url: str | None,
    *,
    delete: bool,
    forget: bool,
) -> int:
    clients: dict[str, Client] = {}
    remaining = 0
    try:
        for journal, line in lines:
            found = await _one(journal, line, known[journal.path], clients, base_url, delete=delete)
            if not found.settled and forget and (line.id is None or line.adds or line.why):
                found = _Found("forgotten", settled=True)
            if found.settled:
                journal.forget(line)
            remaining += not found.settled and not line.why
            name = line.thread if line.adds else line.id or "(id not known)"
            print(f"{line.type_name} {name}  {when(line.at)}  {line.origin}\n  {found.said}.")
    finally:
        for client in clients.values():
            await client.close()
    return int(remaining > 0)


async def _one(  # noqa: PLR0911, PLR0913 - one return a case; the line and what it is held against
    journal: Journal,
    line: Line,
    known: _Known,
    clients: dict[str, Client],
    base_url: str | None,
    *,
    delete: bool,
) -> _Found:
    states = known.states
    if line.id is not None and line.id in states:
        return _Found("is in the state: Terraform has it", settled=True)
    if line.id is None and line.alike is None:
        return _Found(_NO_ID)
    settings = _settings(line.origin, base_url, journal.path.parent)
    if settings is not None and settings.database and not os.path.exists(settings.database):  # noqa: PTH110, ASYNC240 - nothing else runs
        return _Found(f"can't be checked: {settings.database} does not exist")
    if settings is None:
        return _Found(f"is at {line.origin}. To check it, give its API: --base-url {line.origin}/…")
    client = clients.setdefault(line.origin, Client(settings))
    try:
        if line.adds:
            thread = str(line.thread)
            there = await _thread_api(client, thread).read(thread)
            return _Found(_ADDED) if there else _Found(_GONE, settled=True)
        acts = _acts(line, client, known)
        return await _looked_at(line, acts, states, delete=delete)
    except ApiProblem as problem:
        return _Found(f"{problem.summary}. {' '.join(problem.detail.split())}".rstrip("."))


async def _looked_at(line: Line, acts: _Acts, states: Held, *, delete: bool) -> _Found:
    """Look at the API, and delete what is there if that is wished."""
    identifier = line.id or await acts.find()
    if identifier is None:
        return _Found("was asked for, and not made: it is not among those that the API lists", settled=True)
    if await acts.read(identifier) is None:
        return _Found(_GONE, settled=True)
    if line.why:
        return _Found(
            f"{WHY[line.why]}. It exists; nothing manages it. Import it (terraform import), delete it by its "
            "id, or take it out of this list with --forget"
        )
    exists = "exists" if line.id else f"exists: {identifier}"
    if states.unknown:
        return _Found(f"{exists}. Whether the state holds it is not known: {states.unknown}")
    if not delete:
        return _Found(
            f"{exists}. The next apply of the same configuration takes it over; --delete deletes it"
        )
    await acts.delete(identifier)
    return _Found("deleted" if line.id else f"deleted: {identifier}", settled=True)


def _settings(origin: str, base_url: str | None, folder: Path) -> Settings | None:
    """Return how to reach the API with this origin; None where that was not said."""
    if origin.startswith(EMBEDDED):
        return Settings(base_url=f"{EMBEDDED}{folder / origin.removeprefix(EMBEDDED)}")
    for candidate in (base_url, os.environ.get(ENVIRONMENT["base_url"]), DEFAULT_BASE_URL):
        if not candidate or base_url_problem(candidate, allow_http=False):
            continue
        settings = Settings(
            base_url=candidate,
            api_key=os.environ.get(ENVIRONMENT["api_key"]),
            organization=os.environ.get(ENVIRONMENT["organization"]),
            project=os.environ.get(ENVIRONMENT["project"]),
        )
        if settings.origin == origin:
            return settings
    return None


def _acts(line: Line, client: Client, known: _Known) -> _Acts:
    def rivals(alike: str) -> list[Line]:
        return known.rivals(alike, line.origin)

    match line.type_name:
        case "openai_file":
            files = Files(client, known.holds, rivals)
            return _Acts(lambda: _id(files.lost([line])), files.read, files.delete)
        case "openai_vector_store":
            stores = VectorStores(client, known.holds, rivals)
            return _Acts(lambda: _id(stores.lost([line])), stores.read, stores.delete)
        case "openai_message":
            thread = str(line.thread)
            api = _thread_api(client, thread)
            return _Acts(
                lambda: api.found(thread, line, known.holds),
                lambda identifier: api.message(thread, identifier),
                lambda identifier: api.delete_message(thread, identifier),
            )
        case _:
            api = _thread_api(client, str(line.id))
            return _Acts(_nothing, api.read, api.delete)


def _thread_api(client: Client, identifier: str) -> Conversations | Threads:
    return Threads(client) if identifier.startswith("thread_") else Conversations(client)


async def _id(looked: Awaitable[FileRecord | VectorStoreRecord | None]) -> str | None:
    found = await looked
    return found.id if found else None


async def _nothing() -> None:
    """Find no thread: no API lists them."""
