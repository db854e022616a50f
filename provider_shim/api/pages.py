"""Lists of the API, page by page, to their end or as far as one asks."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from typing import Any, Final, NamedTuple

from provider_shim.api.client import Client, Request
from provider_shim.api.problem import ApiProblem, CallFailed
from provider_shim.api.problems import capital
from provider_shim.api.records import Others
from provider_shim.contract.limits import PAGE

MOST_PAGES: Final = 10_000
"""Of one list."""
SHORTER: Final = 10
"""By how much a page is shorter than one that was too large."""
SHORT_PAGE: Final = 10
MOST_SHORT_PAGES: Final = 1_000
"""Pages of one list with fewer objects than that, although more follow. Each is asked for a hundred."""


class Page(NamedTuple):
    """One page of a list, whether the server has more, and how many objects it was asked for."""

    objects: list[dict[str, Any]]
    more: bool
    limit: int = PAGE


async def pages(  # noqa: PLR0913 - what a list call is made of
    client: Client,
    action: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, object] | None = None,
    after: str | None = None,
) -> AsyncIterator[Page]:
    """Return the pages of a list call, in the order asked for (default: oldest first).

    Where a page of long texts is larger than an answer may be, shorter ones are asked for.

    Raises:
        ApiProblem: the list has no end: its pages come again, or are more than any list has.
    """
    cursors, short, limit = {after}, 0, PAGE
    for _ in range(MOST_PAGES):
        asked = {"limit": limit, "order": "asc", **(query or {}), **({"after": after} if after else {})}
        try:
            page = await client.call(Request(action, "GET", path, query=asked, headers=headers or {}))
        except CallFailed as failed:
            if failed.answer is None or not failed.answer.too_large or limit == 1:
                raise
            limit //= SHORTER
            continue
        objects: list[dict[str, Any]] = page["data"]
        after = page.get("last_id") or (objects[-1]["id"] if objects else None)
        more = bool(page.get("has_more") and objects)
        yield Page(objects, more, limit)
        if not more:
            return
        short += len(objects) < min(SHORT_PAGE, limit)
        if short > MOST_SHORT_PAGES:
            raise _endless(
                client, action, path, f"{short:,} of its pages have almost nothing, and it goes on"
            )
        if after in cursors:
            raise _endless(client, action, path, f"the page behind {after} comes again")
        cursors.add(after)
    raise _endless(client, action, path, f"it has more than {MOST_PAGES:,} pages")


async def listed(pages: AsyncIterator[Page]) -> AsyncIterator[dict[str, Any]]:
    """Yield the objects of all pages."""
    async for page in pages:
        for each in page.objects:
            yield each


async def others_in(
    pages: AsyncIterator[Page],
    own: Collection[str],
    counts: Callable[[Mapping[str, object]], bool] = lambda _: True,
) -> Others:
    """Return what is in an object beside ``own``: none if the object is absent for certain.

    Args:
        pages: Newest first. The first that has something of others is the last that is read.
        own: Ids.
        counts: Returns whether an object would be lost with what it is in.
    """
    known = set(own)
    left = to_read(known)
    try:
        async for page in pages:
            theirs = (each for each in page.objects if each.get("id") not in known and counts(each))
            found = tuple(str(each.get("id")) for each in theirs)
            left -= page.limit
            if found or left <= 0:
                return Others(found, page.more)
    except CallFailed as failed:
        if not failed.absent:
            raise
    return Others()


def to_read(own: Collection[str]) -> int:
    """Return of how many objects pages are read to find our own: what they fill, and a page more."""
    return (1 + -(-len(own) // PAGE)) * PAGE


def _endless(client: Client, action: str, path: str, why: str) -> ApiProblem:
    return ApiProblem(
        "endless",
        f"{capital(action)} failed: the list has no end",
        f"GET {path} at {client.settings.origin}: {why}. The server has a mistake; ask who runs it.",
    )
