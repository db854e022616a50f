"""Finds, and on demand deletes, what interrupted runs left at the API."""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from provider_shim.api.client import Client
from provider_shim.api.leftovers import Leftover, leftover_of
from provider_shim.api.problem import ApiProblem
from provider_shim.api.settings import Settings
from provider_shim.api.threads import store_of
from provider_shim.commands.configured import configured_in, settings_of
from provider_shim.commands.problems import said
from provider_shim.commands.stored import Stored, stored
from provider_shim.contract.identifiers import api_of
from provider_shim.contract.provider import DEFAULT_BASE_URL, EMBEDDED
from provider_shim.journal.file import Unusable
from provider_shim.journal.journal import Journal, journals
from provider_shim.journal.matches import Account, Asker, account_of
from provider_shim.journal.records import WHY, Record, Run, when
from provider_shim.system.engine import chosen, in_words_of

_NO_ID: Final = (
    "was asked for, and the answer did not come. The API has no list to find it in: look for it in the API's "
    "own log by its time. Once you have seen to it, --forget takes it out of the journal"
)
_ADDED: Final = (
    "messages may have been added to it. The next apply of the same change takes over those that are there; "
    "if you have seen to them, --forget takes the record out of the journal"
)
_ELSEWHERE: Final = (
    "is not found, but perhaps by another account than the one that made it. Set the key, organization and "
    "project of that one. If it is gone, --forget takes the record out of the journal"
)
_GONE: Final = "does not exist any more"

Status = Literal["in the state", "gone", "not made", "deleted", "forgotten", "kept", "left", "not known"]
_SETTLED: Final = ("in the state", "gone", "not made", "deleted", "forgotten")


class _Found(NamedTuple):
    """What is to be said of a record."""

    status: Status
    said: str


class Wishes(NamedTuple):
    """What the command is to do beside listing."""

    delete: bool = False
    forget: bool = False
    everything: bool = False
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    """What a stack's state and the journals in the folder tell of objects at the API."""

    state: Stored
    journals: list[Journal]
    origin: str
    """The API that they are at."""

    def holds(self, identifier: str) -> bool:
        """Return whether an object has an owner."""
        return identifier in self.state or any(identifier in each.anew().ids for each in self.journals)

    def unanswered(self, looked_for: str) -> list[Record]:
        """Return the records without an answer whose object has this digest."""
        found = (each.anew().unanswered(looked_for, self.origin) for each in self.journals)
        return [record for each in found for record in each]


def orphans(folder: Path, *, base_url: str | None, wishes: Wishes) -> int:
    """List what the journals in ``folder`` have left; return the exit code: 1 if anything is left unasked.

    Args:
        folder: A CDKTF project's folder, one that terraform runs in, or that of the provider's ``journal``.
        base_url: As the provider's; the key goes to this API alone.
        wishes: Delete what the API has and is proven to be in no state; forget what has no id and was not
            found, or was kept on purpose; list what is in a state as well; write JSON.
    """
    if not folder.is_dir():
        print(f"openai-thread orphans: {folder} is no folder. Give the project's folder.", file=sys.stderr)
        return 1
    opened = [Journal(path) for path in journals(folder.resolve())]
    try:
        records = [(journal, each) for journal in opened for each in journal.unsettled()]
        found = asyncio.run(_each(records, opened, base_url, wishes))
    except Unusable as unusable:
        print(f"The journal can't be written. {unusable}", file=sys.stderr)
        return 1
    finally:
        for journal in opened:
            journal.close()
    _report(found, folder.resolve(), len(opened), wishes)
    return int(any(each.status in ("left", "not known") for _, each in found))


def _report(found: list[tuple[Record, _Found]], folder: Path, count: int, wishes: Wishes) -> None:
    """Print what was found, and one line that sums it up."""
    shown = [(record, each) for record, each in found if wishes.everything or each.status != "in the state"]
    counts = Counter(each.status for _, each in shown)
    if wishes.as_json:
        print(json.dumps({"objects": [_as_json(*each) for each in shown], "summary": counts}, indent=2))
        return
    for record, each in shown:
        name = record.thread if record.adds else record.id or "(id not known)"
        print(f"{record.type_name} {name}  {when(record.at)}  {record.origin}\n  {each.said}.")
    if not shown:
        print(f"Nothing is left. Journals in {folder}: {count}.")
        return
    summary = ", ".join(f"{number} {status}" for status, number in counts.items())
    print(f"{summary}. Journals in {folder}: {count}.")


def _as_json(record: Record, found: _Found) -> dict[str, Any]:
    return {
        "type": record.type_name,
        "id": record.thread if record.adds else record.id,
        "at": record.at,
        "origin": record.origin,
        "status": found.status,
        "text": found.said,
    }


async def _each(
    records: list[tuple[Journal, Record]], opened: list[Journal], base_url: str | None, wishes: Wishes
) -> list[tuple[Record, _Found]]:
    clients: dict[str, Client] = {}
    told: list[tuple[Record, _Found]] = []
    try:
        for journal, record in records:
            run = journal.anew().run_of(record)
            known = _Known(stored(run, journal.path), opened, record.origin)
            found = await _one(journal, record, known, clients, base_url, delete=wishes.delete)
            lasting = record.id is None or record.adds or record.why or found.said == _ELSEWHERE
            if wishes.forget and lasting and found.status not in _SETTLED:
                found = _Found("forgotten", "forgotten")
            if found.status in _SETTLED:
                journal.forget(record)
            said = in_words_of(run.program[-1] if run.program else chosen(os.environ), found.said)
            told.append((record, found._replace(said=said)))
    finally:
        for client in clients.values():
            await client.close()
    return told


async def _one(  # noqa: PLR0911, PLR0913 - one return a case; the record and what it is held against
    journal: Journal,
    record: Record,
    known: _Known,
    clients: dict[str, Client],
    base_url: str | None,
    *,
    delete: bool,
) -> _Found:
    if record.id is not None and record.id in known.state and not record.why:
        return _Found("in the state", "is in the state: Terraform has it")
    if record.id is None and record.digest is None:
        return _Found("not known", _NO_ID)
    run = journal.anew().run_of(record)
    settings = _settings(record, run, base_url, journal.path.parent)
    if settings is not None and settings.database and not os.path.exists(settings.database):  # noqa: PTH110, ASYNC240 - nothing else runs
        return _Found("not known", f"can't be checked: {settings.database} does not exist")
    if settings is None:
        where = record.origin
        return _Found("not known", f"is at {where}. To check it, give its API: --base-url {where}/…")
    client = clients.setdefault(settings.identity, Client(settings))

    def absent() -> _Found:
        asker = Asker(Run(0), Account(settings.identity, client.account), record.origin)
        sure = settings.database or account_of(record, run, asker) == "same"
        return _Found("gone", _GONE) if sure else _Found("not known", _ELSEWHERE)

    try:
        if record.adds:
            thread = str(record.thread)
            there = await store_of(api_of(thread), client).read(thread)
            return _Found("left", _ADDED) if there else absent()
        left = leftover_of(record, client, known)
        return await _looked_at(record, left, known.state, absent, delete=delete)
    except ApiProblem as problem:
        return _Found("not known", " ".join(said(problem).split()).rstrip("."))


async def _looked_at(
    record: Record, left: Leftover, state: Stored, absent: Callable[[], _Found], *, delete: bool
) -> _Found:
    """Look at the API, and delete what is there if that is wished and it is proven to be in no state."""
    identifier = record.id or await left.look_up()
    if identifier is None and absent().status == "gone":
        return _Found("not made", "was asked for, and not made: it is not among those that the API lists")
    if identifier is None or await left.read(identifier) is None:
        return absent()
    if record.why:
        return _Found(
            "kept",
            f"{WHY[record.why]}. It exists; nothing manages it. Import it (terraform import), delete it by "
            "its id, or take it out of this list with --forget",
        )
    exists = "exists" if record.id else f"exists: {identifier}"
    if state.ids is None:
        return _Found("left", f"{exists}. Whether the state holds it is not known: {state.unknown}")
    if not delete:
        return _Found(
            "left",
            f"{exists}, and is in no state. The next apply of the same configuration takes it over; --delete "
            "deletes it",
        )
    await left.delete(identifier)
    return _Found("deleted", "deleted" if record.id else f"deleted: {identifier}")


def _settings(record: Record, run: Run, base_url: str | None, folder: Path) -> Settings | None:
    """Return how to reach the API of a record, best by its very account; None where that was not said."""
    origin = record.origin
    if origin.startswith(EMBEDDED):
        return Settings(base_url=f"{EMBEDDED}{folder / origin.removeprefix(EMBEDDED)}")
    every = [
        settings_of({"base_url": base_url}),
        *(configured_in(Path(run.folder)) if run.folder else ()),
        settings_of({"base_url": DEFAULT_BASE_URL}),
    ]
    there = [each for each in every if each is not None and each.origin == origin]

    def is_the_same(each: Settings) -> bool:
        return account_of(record, run, Asker(Run(0), Account(each.identity), origin)) == "same"

    return next(filter(is_the_same, there), there[0] if there else None)
