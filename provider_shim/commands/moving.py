"""Threads out of an API into a file, and out of a file into an API."""

import asyncio
import contextlib
import os
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, TextIO

from provider_shim.api.client import Client, Request, path_to
from provider_shim.api.pages import listed, pages
from provider_shim.api.problem import ApiProblem
from provider_shim.api.retry import Repeat
from provider_shim.api.settings import Settings
from provider_shim.commands.problems import said
from provider_shim.commands.transcripts import (
    entry_of_item,
    entry_of_message,
    item_of_entry,
    message_of_entry,
)
from provider_shim.contract.check import check
from provider_shim.contract.limits import ITEMS_PER_CALL
from provider_shim.contract.provider import (
    DEFAULT_BASE_URL,
    EMBEDDED,
    ENVIRONMENT,
    PROVIDER,
    base_url_problem,
)
from provider_shim.contract.transcript import Transcript, TranscriptError, lines, read

ASSISTANTS: Final = {"OpenAI-Beta": "assistants=v2"}
# What is seeded is not what Terraform has made, and the page of `serve` does not say so.
SEEDED: Final = {"x-openai-thread-client": "seed"}


@dataclass(frozen=True)
class Target:
    """Which API is meant, as the options say."""

    base_url: str | None
    api: str | None
    query: Sequence[str]
    header: Sequence[str]
    """NAME=VARIABLE each: a value may be secret, and everybody on a machine sees a command's arguments."""
    allow_http: bool

    @classmethod
    def of(cls, given: Namespace) -> Self:
        """Return the target that the options of a command name."""
        return cls(given.base_url, given.api, given.query, given.header, given.allow_http)


class _Problem(Exception):  # noqa: N818 - is said, in its own words
    """What is wrong with what was given."""


def export(ids: Sequence[str], to: Path | None, target: Target) -> int:
    """Write threads as JSON lines, to a file or to stdout; return the exit code."""
    return asyncio.run(_said("export", _export(ids, to, target)))


def seed(files: Sequence[Path], target: Target) -> int:
    """Make the threads of files anew; return the exit code."""
    return asyncio.run(_said("seed", _seed(files, target)))


async def _said(command: str, work: Any) -> int:  # noqa: ANN401 - a coroutine
    try:
        await work
    except (_Problem, TranscriptError) as problem:
        print(f"openai-thread {command}: {problem}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        raise
    except OSError as problem:
        print(f"openai-thread {command}: {problem.filename}: {problem.strerror}", file=sys.stderr)
        return 1
    except ApiProblem as problem:
        print(f"openai-thread {command}: {said(problem)}", file=sys.stderr)
        return 1
    return 0


async def _export(ids: Sequence[str], to: Path | None, target: Target) -> None:
    async with _client(target, must_exist=True) as client:
        if to is None:
            for identifier in ids:
                for line in lines(await _read(client, identifier, target.api)):
                    sys.stdout.write(line)
            return
        items = 0
        with _whole(to) as file:
            for identifier in ids:
                transcript = await _read(client, identifier, target.api)
                file.writelines(lines(transcript))
                items += len(transcript.entries)
    print(f"{to}: {_counted(len(ids), 'thread')}, {_counted(items, 'item')}")


@contextlib.contextmanager
def _whole(to: Path) -> Iterator[TextIO]:
    """Write beside a file, for its owner alone, and put it in its place when it is whole."""
    partial = to.with_name(f".{to.name}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as target:  # noqa: PTH123 - from a descriptor
            yield target
        partial.replace(to)
    finally:
        partial.unlink(missing_ok=True)


async def _read(client: Client, identifier: str, api: str | None) -> Transcript:
    kind = api or ("threads" if identifier.startswith("thread_") else "conversations")
    path = path_to(kind, identifier)
    thread = await client.call(Request("read the thread", "GET", path, headers=_headers(kind)))
    transcript = Transcript(
        metadata={
            str(name): str(value)
            for name, value in (thread.get("metadata") or thread.get("metadata_") or {}).items()
            if value is not None
        },
        id=identifier,
        api=kind,
        created_at=int(thread.get("created_at") or 0),
    )
    entry = entry_of_item if kind == "conversations" else entry_of_message
    async for each in _listed(client, kind, identifier):
        transcript.entries.append(entry(each))
    return transcript


def _listed(client: Client, kind: str, identifier: str) -> AsyncIterator[dict[str, Any]]:
    path = path_to(kind, identifier, "items" if kind == "conversations" else "messages")
    query = {"include[]": "file_search_call.results"} if kind == "conversations" else {}
    return listed(pages(client, "list the thread's items", path, headers=_headers(kind), query=query))


async def _seed(files: Sequence[Path], target: Target) -> None:
    found = [transcript for path in files for transcript in read(path)]
    lost: Counter[str] = Counter()
    async with _client(target, must_exist=False) as client:
        kind = target.api or "conversations"
        for transcript in found:
            made = await _make(client, kind, transcript, lost)
            print(f"{transcript.id or '(no id)'} -> {made}  {_counted(len(transcript.entries), 'item')}")
    for what, number in lost.items():
        print(f"Not kept by /{kind}: {what} ({number}).", file=sys.stderr)


async def _make(client: Client, kind: str, transcript: Transcript, lost: Counter[str]) -> str:
    created = await client.call(
        Request(
            "create the thread",
            "POST",
            f"/{kind}",
            body={"metadata": transcript.metadata},
            headers=_headers(kind),
            repeat=Repeat.NEVER_TWICE,
        )
    )
    identifier = str(created.get("id"))
    convert = item_of_entry if kind == "conversations" else message_of_entry
    bodies = []
    for entry in transcript.entries:
        body, missing = convert(entry)
        lost.update(missing)
        if body is not None:
            bodies.append(body)
    added = 0
    try:
        for batch in _batches(kind, bodies):
            await client.call(_adding(kind, identifier, batch))
            added += len(batch)
    except BaseException:
        # Whatever ends it, Ctrl-C included: nobody lists conversations, so the id has to be said.
        print(f"{identifier} was made, and has {added} of {len(bodies)} items.", file=sys.stderr)
        raise
    return identifier


def _batches(kind: str, bodies: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    size = ITEMS_PER_CALL if kind == "conversations" else 1
    return [bodies[start : start + size] for start in range(0, len(bodies), size)]


def _adding(kind: str, identifier: str, batch: list[dict[str, Any]]) -> Request:
    path, body = path_to(kind, identifier, "items"), {"items": batch}
    if kind == "threads":
        path, body = path_to(kind, identifier, "messages"), batch[0]
    return Request(
        "add to the thread", "POST", path, body=body, headers=_headers(kind), repeat=Repeat.NEVER_TWICE
    )


def _headers(kind: str) -> Mapping[str, str]:
    return {**SEEDED, **(ASSISTANTS if kind == "threads" else {})}


@contextlib.asynccontextmanager
async def _client(target: Target, *, must_exist: bool) -> AsyncIterator[Client]:
    client = Client(_settings(target, must_exist=must_exist))
    try:
        yield client
    finally:
        await client.close()


def _settings(target: Target, *, must_exist: bool) -> Settings:
    url = target.base_url or os.environ.get(ENVIRONMENT["base_url"]) or DEFAULT_BASE_URL
    if wrong := base_url_problem(url, allow_http=target.allow_http, allow="add --allow-http"):
        raise _Problem(f"the base URL {wrong}")
    if url.startswith(EMBEDDED):
        database = Path(url.removeprefix(EMBEDDED)).absolute()
        if must_exist and not database.is_file():
            raise _Problem(f"there is no database {database}. Give the file that the threads are in.")
        url = f"{EMBEDDED}{database}"
    given: dict[str, Any] = {
        **{
            name: os.environ.get(ENVIRONMENT[name]) or None for name in ("api_key", "organization", "project")
        },
        "query": _pairs("--query", target.query, "NAME=VALUE"),
        "headers": _headers_given(target.header),
    }
    if problem := next(check(PROVIDER, given, lambda _: False), None):
        raise _Problem(problem.detail)
    return Settings(base_url=url, **given)


def _headers_given(given: Sequence[str]) -> dict[str, str]:
    pairs = _pairs("--header", given, "NAME=VARIABLE")
    for name, variable in pairs.items():
        if not os.environ.get(variable):
            raise _Problem(
                f"--header {name} takes its value from the environment variable {variable[:40]!r}, which is "
                f"not set. Set it, and give its name: --header {name}=VARIABLE."
            )
    return {name: os.environ[variable] for name, variable in pairs.items()}


def _pairs(option: str, given: Sequence[str], form: str) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    for name, sign, _ in pairs:
        if not name or not sign:
            raise _Problem(f"{option} is {name!r}. Allowed: {form}.")
    return {name: value for name, _, value in pairs}


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
