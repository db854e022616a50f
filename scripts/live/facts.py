"""What an API answers, beside what the product assumes: by the constants and the functions that decide."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final, NamedTuple

from provider_shim.api.absence import is_absent
from provider_shim.api.items import message_record
from provider_shim.contract.identifiers import LONGEST_ID, PREFIXES, id_problem
from provider_shim.contract.limits import (
    CHUNK_TOKENS,
    FILE_EXPIRES_SECONDS,
    ITEMS_PER_CALL,
    METADATA_KEY,
    METADATA_PAIRS,
    METADATA_VALUE,
    PAGE,
    VECTOR_STORE_EXPIRES_DAYS,
)
from scripts.live.server import Said, Server

LONG_MESSAGE: Final = 1024 * 1024
"""Characters of the longest message that is tried."""
SECONDS_TO_INDEX: Final = 120
SHOWN: Final = 90
"""Characters of an answer in the table."""
FINAL: Final = ("completed", "failed", "cancelled")


class Fact(NamedTuple):
    """A line of the table. ``agrees`` is None where the product works with either answer."""

    what: str
    answered: str
    assumed: str
    agrees: bool | None


PLAN: Final = (
    "at most 7 conversations with 50 short items and one of 1 MiB, 4 files of some bytes, 2 vector stores "
    "with one file; no model is asked"
)
"""What is made, at most."""


async def facts(server: Server) -> AsyncIterator[Fact]:
    """Yield all facts, in the order in which they are found."""
    for found in (
        conversations,
        limits_of_metadata,
        limits_of_items,
        long_messages,
        pages,
        deletion_of_items,
        files,
        vector_stores,
        absence,
        wrong_keys,
    ):
        async for fact in found(server):
            yield fact
    yield headers(server.answers)
    yield shapes(server.answers)


async def conversations(server: Server) -> AsyncIterator[Fact]:
    """A conversation and its items: ids, roles, how content comes back, what an update does."""
    made = await server.post("conversations", body={"metadata": {"mark": server.mark, "a": "1"}})
    if not made.success:
        yield Fact("POST /conversations", made.words, "makes one", agrees=False)
        return
    conversation = made.body["id"]
    yield _id("a conversation's id", conversation, next(iter(PREFIXES)))
    found = await server.get("conversations", conversation)
    yield Fact("read right after it was made", found.words, "found, or looked for again", agrees=None)
    changed = await server.post("conversations", conversation, body={"metadata": {"b": "2"}})
    kept = sorted(changed.body.get("metadata") or {}) if changed.success else changed.words
    yield Fact(
        "an update of metadata leaves", str(kept), "replaces or merges: either is handled", agrees=None
    )
    roles = ["user", "assistant", "system", "developer"]
    items = [{"type": "message", "role": role, "content": f"as {role}"} for role in roles]
    added = await server.post("conversations", conversation, "items", body={"items": items})
    there = added.body.get("data", []) if added.success else []
    read = [message_record(each) for each in there]
    said = [(each.role, each.content) for each in read]
    wanted = [(role, f"as {role}") for role in roles]
    answered = str(said) if said else added.words
    yield Fact("items of four roles", answered, "come back as sent", said == wanted)
    if read:
        yield _id("an item's id", read[0].id)
        kind = type(there[0].get("content")).__name__
        yield Fact("content comes back as", kind, "a text or parts: either is read", agrees=None)


async def limits_of_metadata(server: Server) -> AsyncIterator[Fact]:
    """How much metadata is taken."""

    def body(pairs: int = 1, key: int = 1, value: int = 1) -> dict[str, Any]:
        return {"metadata": {f"{number:0{key}}": "v" * value for number in range(pairs)}}

    made = await server.post("conversations", body={"metadata": {"mark": server.mark}})
    steps = ("conversations", str(made.body["id"]))
    for what, limit, size in (
        ("pairs of metadata", METADATA_PAIRS, lambda limit: body(pairs=limit, key=2)),
        ("characters of a key of metadata", METADATA_KEY, lambda limit: body(key=limit)),
        ("characters of a value of metadata", METADATA_VALUE, lambda limit: body(value=limit)),
    ):
        yield await _at_most(server, what, limit, steps, size)


async def limits_of_items(server: Server) -> AsyncIterator[Fact]:
    """How many items one call adds."""
    made = await server.post("conversations", body={"metadata": {"mark": server.mark}})
    steps = ("conversations", str(made.body["id"]), "items")
    yield await _at_most(
        server, "items in one call", ITEMS_PER_CALL, steps, lambda limit: {"items": [_item("x")] * limit}
    )
    empty = await server.post(*steps, body={"items": [_item("")]})
    yield Fact("a message without text", empty.words, "refused, so it is refused at synth", agrees=None)


async def long_messages(server: Server) -> AsyncIterator[Fact]:
    """How long a message may be."""
    made = await server.post("conversations", body={"metadata": {"mark": server.mark}})
    text = "x" * LONG_MESSAGE
    steps = ("conversations", str(made.body["id"]), "items")
    added = await server.post(*steps, body={"items": [_item(text)]})
    same = added.success and message_record(added.body["data"][0]).content == text
    answered = "the same" if same else added.words
    yield Fact(f"a message of {LONG_MESSAGE:,} characters", answered, "comes back as sent", same)


async def pages(server: Server) -> AsyncIterator[Fact]:
    """How many objects a page has."""
    made = await server.post("conversations", body={"metadata": {"mark": server.mark}})
    steps = ("conversations", str(made.body["id"]), "items")
    most = await server.get(*steps, query={"limit": PAGE, "order": "asc"})
    more = await server.get(*steps, query={"limit": PAGE + 1, "order": "asc"})
    yield Fact(f"a page of {PAGE}", most.words, "is given", most.success)
    yield Fact(f"a page of {PAGE + 1}", more.words, "is not asked for", agrees=None)


async def deletion_of_items(server: Server) -> AsyncIterator[Fact]:
    """What goes with an item, and with a conversation."""
    made = await server.post("conversations", body={"metadata": {"mark": server.mark}})
    conversation = str(made.body["id"])
    added = await server.post(
        "conversations", conversation, "items", body={"items": [_item("a"), _item("b")]}
    )
    first, second = (str(each["id"]) for each in added.body["data"])
    gone = await server.delete("conversations", conversation, "items", first)
    yield _deleted("an item is deleted", gone)
    yield _absent("a deleted item", await server.get("conversations", conversation, "items", first))
    yield _absent(
        "it is deleted again",
        await server.delete("conversations", conversation, "items", first),
        or_taken=True,
    )
    yield _deleted("a conversation is deleted", await server.delete("conversations", conversation))
    yield _absent("a deleted conversation", await server.get("conversations", conversation))
    yield _absent("it is deleted again", await server.delete("conversations", conversation), or_taken=True)
    yield _absent("an item of it", await server.get("conversations", conversation, "items", second))


async def files(server: Server) -> AsyncIterator[Fact]:
    """A file: its id, how long it lasts, how it goes."""
    low, high = FILE_EXPIRES_SECONDS
    made = await server.upload("live.txt", server.mark.encode(), **_expires(low))
    yield Fact(f"a file that expires after {low:,} s", made.words, "is taken", made.success)
    for seconds in (low - 1, high + 1):
        refused = await server.upload("live.txt", server.mark.encode(), **_expires(seconds))
        yield Fact(
            f"a file that expires after {seconds:,} s", refused.words, "is refused", not refused.success
        )
    if not made.success:
        return
    identifier = str(made.body["id"])
    yield _id("a file's id", identifier)
    listed = await server.get("files", query={"limit": PAGE, "order": "desc"})
    there = listed.success and any(each["id"] == identifier for each in listed.body["data"])
    yield Fact(
        "a new file is listed first", "yes" if there else listed.words, "at once, or it is named", agrees=None
    )
    yield _deleted("a file is deleted", await server.delete("files", identifier))
    yield _absent("a deleted file", await server.get("files", identifier))


async def vector_stores(server: Server) -> AsyncIterator[Fact]:
    """A vector store: limits, attributes, counts that lag behind, how it goes."""
    low, high = VECTOR_STORE_EXPIRES_DAYS
    made = await server.post(
        "vector_stores", body={"name": server.mark, **_days(low), "metadata": {"m": "1"}}
    )
    yield Fact(f"a store that expires after {low} day", made.words, "is taken", made.success)
    refused = await server.post("vector_stores", body={"name": server.mark, **_days(high + 1)})
    yield Fact(
        f"a store that expires after {high + 1} days", refused.words, "is refused", not refused.success
    )
    file = await server.upload("live.txt", f"{server.mark} is what this file says".encode())
    if not (made.success and file.success):
        return
    store, identifier = str(made.body["id"]), str(file.body["id"])
    yield _id("a store's id", store)
    fewest, _ = CHUNK_TOKENS
    small = {"max_chunk_size_tokens": fewest - 1, "chunk_overlap_tokens": 0}
    chunks = {"chunking_strategy": {"type": "static", "static": small}}
    refused = await server.post("vector_stores", store, "files", body={"file_id": identifier, **chunks})
    yield Fact(f"chunks of {fewest - 1} tokens", refused.words, "are refused", not refused.success)
    attributes = {"text": "a", "number": 1.5, "flag": True}
    added = await server.post(
        "vector_stores",
        store,
        "file_batches",
        body={"files": [{"file_id": identifier, "attributes": attributes}]},
    )
    if not added.success:
        added = await server.post("vector_stores", store, "file_batches", body={"file_ids": [identifier]})
        yield Fact("a batch of files with attributes", added.words, "file_ids are enough", agrees=None)
    async for fact in _indexed(server, store, added):
        yield fact
    read = await server.get("vector_stores", store, "files", identifier)
    back = read.body.get("attributes") if read.success else read.words
    yield Fact("attributes of a file come back", str(back), f"as sent: {attributes}", back == attributes)
    yield _deleted("a file leaves a store", await server.delete("vector_stores", store, "files", identifier))
    yield _absent("a file that left", await server.get("vector_stores", store, "files", identifier))
    yield _deleted("a store is deleted", await server.delete("vector_stores", store))
    yield _absent("a deleted store", await server.get("vector_stores", store))


async def _indexed(server: Server, store: str, added: Said) -> AsyncIterator[Fact]:
    """Watch a batch and the store's counts until the batch is done."""
    began, lagged, status = time.monotonic(), 0, ""
    while time.monotonic() - began < SECONDS_TO_INDEX:
        counts = await server.get("vector_stores", store)
        batch = await server.get("vector_stores", store, "file_batches", str(added.body.get("id")))
        status = str(batch.body.get("status")) if batch.success else batch.words
        total = (counts.body.get("file_counts") or {}).get("total") if counts.success else None
        lagged += total == 0
        if status in FINAL or not batch.success:
            break
        await asyncio.sleep(0.5)
    seconds = time.monotonic() - began
    yield Fact(
        "a batch ends as", f"{status} after {seconds:.1f} s", f"one of {', '.join(FINAL)}", status in FINAL
    )
    yield Fact(
        "looks at which the store counted 0 files",
        str(lagged),
        "counts may lag: they end no wait",
        agrees=None,
    )


async def absence(server: Server) -> AsyncIterator[Fact]:
    """What is answered for objects that never were, and for what is no object at all."""
    never = {
        "a conversation that never was": ("conversations", f"conv_{'0' * 48}"),
        "a file that never was": ("files", "file-AAAAAAAAAAAAAAAAAAAAAA"),
        "a store that never was": ("vector_stores", f"vs_{'0' * 32}"),
    }
    for what, steps in never.items():
        yield _absent(what, await server.get(*steps))
    route = await server.get("conversations", f"conv_{'0' * 48}", "no_such_route", "x")
    alone = Said(route.method, "/no_such_route/x", route.status, route.headers, route.body)
    for what, said in (
        ("a path that is none", await server.get("no_such_route", "x")),
        ("a part that is none", alone),
    ):
        yield Fact(what, said.words, "proves no absence", not is_absent(said.status, said.body, "/files/x"))
    thread = await server.get("threads", f"thread_{'A' * 24}")
    yield Fact("a thread of the earlier API", thread.words, "switched off, or never was", agrees=None)


async def wrong_keys(server: Server) -> AsyncIterator[Fact]:
    """What a key that is none is answered."""
    key = "sk-live-0000000000000000wrong"
    said = await server.post("conversations", body={"metadata": {"mark": server.mark}}, by=key)
    told = "its text repeats parts of the key" if key[-5:] in str(said.body) else "its text repeats nothing"
    agrees = None if said.success else not said.absent
    yield Fact("a key that is none", f"{said.status}, {told}", "an error; a key is masked anyway", agrees)


def headers(answers: list[Said]) -> Fact:
    """Which headers tell who asks, and what support needs."""
    names = ("openai-organization", "openai-project", "x-request-id")
    told = {name: sum(bool(each.headers.get(name)) for each in answers) for name in names}
    shown = ", ".join(f"{name} in {count} of {len(answers)}" for name, count in told.items())
    return Fact("headers that tell the account", shown, "told or not: either is handled", agrees=None)


def shapes(answers: list[Said]) -> Fact:
    """Whether the product believes all that was answered."""
    wrong = sorted(
        {f"{each.method} of {each.path.split('/')[1]} {each.unlike}" for each in answers if each.unlike}
    )
    return Fact("answers that can't be believed", "; ".join(wrong) or "none", "none", not wrong)


def _item(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": text}


def _expires(seconds: int) -> Mapping[str, str]:
    return {"expires_after[anchor]": "created_at", "expires_after[seconds]": str(seconds)}


def _days(days: int) -> dict[str, Any]:
    return {"expires_after": {"anchor": "last_active_at", "days": days}}


async def _at_most(
    server: Server, what: str, limit: int, steps: tuple[str, ...], body: Callable[[int], dict[str, Any]]
) -> Fact:
    """Ask with as much as is allowed, and with one more."""
    most, more = [await server.post(*steps, body=body(each)) for each in (limit, limit + 1)]
    answered = f"{limit}: {most.words}; {limit + 1}: {more.words}"
    return Fact(what, answered, f"at most {limit}", most.success and not more.success)


def _id(what: str, identifier: str, prefix: str = "") -> Fact:
    problem = id_problem(identifier)
    shown = f"{identifier[:8]}…, {len(identifier)} characters"
    begins = f", begins with {prefix}" if prefix else ""
    right = problem is None and identifier.startswith(prefix)
    return Fact(what, shown, f"at most {LONGEST_ID} characters{begins}", right)


def _deleted(what: str, said: Said) -> Fact:
    answered = f"{said.status} {sorted(said.body) if isinstance(said.body, dict) else said.body}"
    return Fact(what, answered, "says so, or a read proves it", said.success)


def _absent(what: str, said: Said, *, or_taken: bool = False) -> Fact:
    """Hold an answer against what proves an absence; an API may take a DELETE twice."""
    return Fact(what, said.words, "proves that it is gone", said.absent or (or_taken and said.success))
