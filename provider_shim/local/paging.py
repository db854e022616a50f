"""Lists by cursor: ``limit``, ``order``, ``after`` and, where the API has it, ``before``."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import Request

from provider_shim.contract.limits import PAGE
from provider_shim.local.errors import invalid
from provider_shim.local.shapes import choice, named, within

_order = choice("asc", "desc")


@dataclass(frozen=True)
class Paging:
    """The part of a query that asks for a page."""

    limit: int
    order: Literal["asc", "desc"]
    after: str | None
    before: str | None


@dataclass(frozen=True)
class Listing:
    """What to list: rows of `table` that meet `where`, in the order of ``seq``.

    `key` is the column that holds the cursor.
    """

    table: str
    where: str = "1"
    args: tuple[Any, ...] = ()
    key: str = "id"


def paging(request: Request, *, most: int = PAGE, default: int = 20, before: bool = False) -> Paging:
    """Read the query; `most` is the largest `limit`, `before` whether the API has that cursor."""
    query = request.query_params
    order = _order(query.get("order", "desc"), "order")
    return Paging(
        limit=_limit(query.get("limit"), default, most),
        order=order,
        after=query.get("after") or None,
        before=(query.get("before") or None) if before else None,
    )


def _limit(text: str | None, default: int, most: int) -> int:
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError as error:
        raise invalid(
            f"Invalid type for 'limit': expected an integer, but got {named(text)} instead.",
            "limit",
            "invalid_type",
        ) from error
    return within(value, "limit", 1, most)


def page(
    db: sqlite3.Connection,
    listing: Listing,
    wanted: Paging,
    show: Callable[[sqlite3.Row], dict[str, Any]],
) -> dict[str, Any]:
    """One page in the shape of the API's lists; the ids of an empty one are empty strings."""
    descending = wanted.order == "desc"
    clauses = [listing.where]
    args = list(listing.args)
    for cursor, name, older in (
        (wanted.after, "after", descending),
        (wanted.before, "before", not descending),
    ):
        if cursor is not None:
            clauses.append("seq < ?" if older else "seq > ?")
            args.append(_position(db, listing, cursor, name))
    # "before" asks for the neighbours of the cursor, so those are read first and turned round.
    backwards = wanted.before is not None and wanted.after is None
    direction = "DESC" if descending != backwards else "ASC"
    # All that is put into the statement is ours; what came with the request is bound.
    rows: Sequence[sqlite3.Row] = db.execute(
        f"SELECT * FROM {listing.table} WHERE {' AND '.join(clauses)}"  # noqa: S608 - names of ours; what is given is bound
        f" ORDER BY seq {direction} LIMIT ?",
        (*args, wanted.limit + 1),
    ).fetchall()
    has_more = len(rows) > wanted.limit
    rows = rows[: wanted.limit]
    if backwards:
        rows = rows[::-1]
    data = [show(row) for row in rows]
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else "",
        "last_id": data[-1]["id"] if data else "",
        "has_more": has_more,
    }


def _position(db: sqlite3.Connection, listing: Listing, cursor: str, name: str) -> int:
    row = db.execute(
        f"SELECT seq FROM {listing.table} WHERE {listing.where} AND {listing.key} = ?",  # noqa: S608 - names of ours; what is given is bound
        (*listing.args, cursor),
    ).fetchone()
    if row is None:
        raise invalid(f"Invalid '{name}': no object with id '{cursor}' in this list.", name, "invalid_value")
    return int(row["seq"])
