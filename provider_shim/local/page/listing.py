"""All threads, newest first: those of the Conversations API and those of ``/threads`` together."""

import json
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request

from provider_shim.local.page.html import Child, Html, element
from provider_shim.local.page.kinds import KINDS, Tables
from provider_shim.local.page.layout import (
    FOLLOW_SECONDS,
    Place,
    View,
    code,
    excerpt,
    facts,
    follow,
    is_followed,
    nothing_yet,
    search,
)
from provider_shim.local.page.reading import SECONDS, limit, took_too_long
from provider_shim.local.page.texts import holding, spoken, teach, words
from provider_shim.local.page.words import age, badge, counted, made_by, pairs
from provider_shim.local.requests import TERRAFORM

PAGE: Final = 25
SEARCH_SECONDS: Final = 3.0
"""How long a search looks; what it found by then is shown."""

_CURSOR: Final = re.compile(r"(\d{1,18})-(\d{1,18})")

_EMPTY_PROGRAM: Final = """\
from cdktf import App, TerraformStack
from cdktf_openai_thread import OpenaiProvider, Thread

app = App()
stack = TerraformStack(app, "support")
OpenaiProvider(stack, "openai", base_url="sqlite:{database}")
Thread(stack, "onboarding", messages=[{{"role": "user", "content": "Hi! I'm new here."}}])
app.synth()
"""
_EMPTY_CLIENT: Final = """\
from openai import OpenAI

client = OpenAI(base_url="{base_url}", api_key="{api_key}")
client.conversations.create(items=[{{"role": "user", "content": "Hi! I'm new here."}}])
"""


@dataclass(frozen=True)
class _Found:
    """The threads of one page; `older` is the cursor of the next, `stopped` that time was up."""

    rows: list[tuple[Tables, sqlite3.Row]]
    older: str | None
    stopped: bool


def threads(db: sqlite3.Connection, request: Request, place: Place) -> View:
    """Show the newest threads, or those that hold every word of the query."""
    query = request.query_params.get("q", "").strip()
    wanted = words(query)
    before = request.query_params.get("before")
    # What is new comes first on the first page of all threads, and nowhere else.
    newest = not wanted and not before
    follows = newest and is_followed(request)
    again = FOLLOW_SECONDS if follows else None
    following = follow("/", follows=follows) if newest else None
    teach(db)
    total = sum(db.execute(f"SELECT count(*) FROM {kind.table}").fetchone()[0] for kind in KINDS)  # noqa: S608 - names of ours; what is given is bound
    if not total:
        return View("Threads", "/", [element("h1", "Threads"), following, _nothing(place)], again=again)
    found = _found(db, wanted, before)
    body = [
        element("h1", "Threads", element("span", f"{total:,}", class_="count")),
        search("/", "Search threads", query, "Text, metadata or an id"),
        _outcome(query, found) if wanted else following,
        element("ol", [_entry(db, kind, row, wanted) for kind, row in found.rows], class_="cards"),
        _older(request, query, found.older),
    ]
    return View(f"“{query}”" if query else "Threads", "/", body, again=again)


def _found(db: sqlite3.Connection, wanted: list[str], before: str | None) -> _Found:
    cursor = _CURSOR.fullmatch(before or "")
    positions = [int(one) for one in cursor.groups()] if cursor else [2**62, 2**62]
    rows: list[tuple[int, Tables, sqlite3.Row]] = []
    stopped = False
    limit(db, SEARCH_SECONDS)
    for index, kind in enumerate(KINDS):
        condition, arguments = _condition(kind, wanted)
        try:
            chosen = db.execute(
                f"SELECT * FROM {kind.table} t WHERE seq < ? AND {condition} ORDER BY seq DESC",  # noqa: S608 - names of ours; what is given is bound
                (positions[index], *arguments),
            )
            # Row by row: what was found before time was up is shown.
            rows.extend((index, kind, row) for row in islice(chosen, PAGE + 1))
        except sqlite3.OperationalError as error:
            if not took_too_long(error):
                raise
            stopped = True
    limit(db, SECONDS)
    # Each kind is in the order of `seq`, which is that of time.
    rows.sort(key=lambda one: (-one[2]["created_at"], one[0], -one[2]["seq"]))
    for index, _, row in rows[:PAGE]:
        positions[index] = row["seq"]
    older = "-".join(map(str, positions)) if len(rows) > PAGE else None
    return _Found([(kind, row) for _, kind, row in rows[:PAGE]], older, stopped)


def _condition(kind: Tables, wanted: Iterable[str]) -> tuple[str, list[str]]:
    clauses, arguments = ["1"], []
    for word in wanted:
        metadata, of_metadata = holding(word, "t.metadata", "has")
        body, of_body = holding(word, "m.body", "says")
        labels, of_labels = holding(word, "m.metadata", "has") if kind.labelled else ("0", [])
        clauses.append(
            f"(instr(t.id, ?) OR {metadata} OR EXISTS (SELECT 1 FROM {kind.messages} m"  # noqa: S608 - names of ours; what is given is bound
            f" WHERE m.{kind.parent} = t.seq AND (m.id = ? OR {body} OR {labels})))"
        )
        arguments += [word, *of_metadata, word, *of_body, *of_labels]
    return " AND ".join(clauses), arguments


def _entry(db: sqlite3.Connection, kind: Tables, row: sqlite3.Row, wanted: list[str]) -> Html:
    count, ours, last = db.execute(
        f"SELECT count(*), count(*) FILTER (WHERE origin = ?), max(created_at) FROM {kind.messages}"  # noqa: S608 - names of ours; what is given is bound
        f" WHERE {kind.parent} = ?",
        (TERRAFORM, row["seq"]),
    ).fetchone()
    says = element("p", _text(db, kind, row, wanted), class_="says", dir="auto")
    told: list[Child] = [
        made_by(row["origin"]),
        badge("/threads", "plain") if kind.name == "Thread" else None,
        age(row["created_at"]),
        counted(count, "message") + (f", {count - ours:,} added later" if ours and count > ours else ""),
        ["last ", age(last)] if last and last > row["created_at"] else None,
        element("code", row["id"]),
    ]
    link = element("a", says, href=f"/threads/{row['id']}", class_="whole")
    return element("li", link, pairs(row["metadata"]), facts(*told))


def _text(db: sqlite3.Connection, kind: Tables, row: sqlite3.Row, wanted: list[str]) -> Child:
    """Show what the first message says, or the first one that has a word of the query."""
    conditions, arguments = ["1"], []
    for word in wanted:
        condition, of_word = holding(word, "body", "says")
        conditions.append(condition)
        arguments += of_word
    # With a query, those that hold a word are asked for first; without, there is no condition.
    for where, args in ((" OR ".join(conditions[1:]) or "1", arguments), ("1", [])):
        first = db.execute(
            f"SELECT body FROM {kind.messages} WHERE {kind.parent} = ? AND ({where}) ORDER BY seq LIMIT 1",  # noqa: S608 - names of ours; what is given is bound
            (row["seq"], *args),
        ).fetchone()
        if first is not None:
            said = " ".join(" ".join(spoken(json.loads(first["body"]))).split())
            return excerpt(said, wanted) if said else element("em", "A message without text")
    return element("em", "No messages yet")


def _outcome(query: str, found: _Found) -> Html:
    shown = len(found.rows)
    number = f"More than {shown}" if found.older else f"{shown:,}" if shown else "No"
    holds = "thread holds" if shown == 1 and not found.older else "threads hold"
    clear = element("a", "Clear", href="/")
    sentence: list[Child] = [f"{number} {holds} ", element("q", query, dir="auto"), ". "]
    if not shown:
        sentence.append("Every word has to be in a thread's messages, metadata or ids. ")
    if found.stopped:
        sentence.append(f"The search was ended after {SEARCH_SECONDS:.0f} s, so older ones may be missing. ")
    return element("p", sentence, clear, class_="outcome", role="status")


def _older(request: Request, query: str, older: str | None) -> Html | None:
    before = request.query_params.get("before")
    if older is None and before is None:
        return None
    asked = {"q": query} if query else {}
    newest = "/?" + urlencode(asked) if asked else "/"
    return element(
        "nav",
        element("a", "Newest", href=newest) if before else element("span", "Newest"),
        element("a", "Older", href="/?" + urlencode({**asked, "before": older}))
        if older
        else element("span", "Older"),
        class_="pages",
        aria_label="Pages",
    )


def _nothing(place: Place) -> Html:
    values = asdict(place)
    return nothing_yet(
        "No threads yet",
        element(
            "p",
            "Deploy one into this database: write this to main.py, then ",
            element("code", "cdktf deploy"),
            ".",
        ),
        code(_EMPTY_PROGRAM.format(**values)),
        element("p", "Or make one with the OpenAI SDK, while this server runs:"),
        code(_EMPTY_CLIENT.format(**values)),
        element("p", "Then reload this page, or follow what comes."),
    )
