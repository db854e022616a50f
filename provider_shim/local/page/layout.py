"""What every document of the page has: head, navigation, footer; lists in pages; what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request

from provider_shim import __version__
from provider_shim.local.page.assets import ICON, STYLE
from provider_shim.local.page.html import Child, Html, element, join

SECTIONS: Final = (("/", "Threads"), ("/vector_stores", "Vector stores"), ("/files", "Files"))
FOLLOW_SECONDS: Final = 2
"""After how many seconds a page that is followed is asked for again."""


@dataclass(frozen=True)
class View:
    """The part of a document that is its own; `section` is the path of the navigation's entry."""

    title: str
    section: str
    body: Child
    status: int = HTTPStatus.OK
    again: int | None = None
    """After how many seconds the browser asks for it again."""


@dataclass(frozen=True)
class Place:
    """Where the page is served, and how a program would write it."""

    database: str
    api: str
    """The path that the API is below."""
    base_url: str
    api_key: str


def document(view: View, place: Place) -> Html:
    """Write the whole document."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="refresh", content=view.again) if view.again else None,
        element("title", f"{view.title} · openai-thread"),
        element("link", rel="icon", type="image/svg+xml", href=ICON),
        element("link", rel="stylesheet", href=STYLE),
    )
    links = [
        element("a", name, href=path, aria_current="page" if path == view.section else None)
        for path, name in SECTIONS
    ]
    header = element(
        "header",
        element("a", element("img", src=ICON, alt="", width=28, height=28), "openai-thread", href="/"),
        element("nav", links, aria_label="Sections"),
    )
    footer = element(
        "footer",
        element("p", element("span", "Database"), " ", element("code", place.database, dir="ltr")),
        element("p", element("span", "API"), " ", element("code", place.base_url)),
        element("p", f"cdktf-openai-thread {__version__}. This page changes nothing."),
    )
    body = element(
        "body",
        element("a", "Skip to content", href="#content", class_="skip"),
        header,
        element("main", view.body, id="content"),
        footer,
    )
    return Html("<!doctype html>\n" + element("html", head, body, lang="en"))


def nothing_yet(title: str, *advice: Child) -> Html:
    """Say that there is nothing here, and what to do about it."""
    return element("section", element("h2", title), *advice, class_="empty")


def code(text: str) -> Html:
    """Show a program or a command; long lines scroll inside it, for a keyboard too."""
    return element("pre", element("code", text), tabindex=0)


def facts(*shown: Child) -> Html:
    """List short facts on one line, or as many as it takes."""
    return element("ul", [element("li", one) for one in shown if one is not None], class_="facts")


def told(*pairs: tuple[str, Child]) -> Html:
    """List what is known of one thing, each fact with its name."""
    shown = [element("div", element("dt", name), element("dd", value)) for name, value in pairs if value]
    return element("dl", shown, class_="told")


def is_followed(request: Request) -> bool:
    """Return whether the page is to show by itself what comes."""
    return request.query_params.get("follow") == "1"


def follow(path: str, *, follows: bool) -> Html:
    """Let the reader choose: a page that loads itself again takes focus, and what was typed, away."""
    if not follows:
        return element("p", element("a", "Follow what comes", href=f"{path}?follow=1"))
    return element("p", f"Asks for what is new every {FOLLOW_SECONDS} s. ", element("a", "Stop", href=path))


def search(path: str, label: str, query: str, hint: str) -> Html:
    """Ask what to look for."""
    field = element(
        "input", type="search", name="q", value=query, placeholder=hint, aria_label=label, maxlength=200
    )
    return element(
        "form", field, element("button", "Search", type="submit"), role="search", method="get", action=path
    )


def excerpt(text: str, words: Sequence[str], length: int = 200) -> Html:
    """Show the beginning of a text, or the surroundings of the first word that it holds, marked."""
    folded = text.casefold()
    # Where folding changes the length, positions in one are none in the other.
    found = [folded.find(word) for word in words] if len(folded) == len(text) else []
    start = max(0, min((at for at in found if at >= 0), default=0) - length // 4)
    shown = text[start : start + length]
    pieces: list[Child] = ["… "] if start else []
    position = 0
    folded = shown.casefold() if found else ""
    while hits := [(at, -len(word)) for word in words if (at := folded.find(word, position)) >= 0]:
        at, negative = min(hits)
        pieces += (shown[position:at], element("mark", shown[at : at - negative]))
        position = at - negative
    pieces.append(shown[position:])
    if start + length < len(text):
        pieces.append(" …")
    return join(pieces)


@dataclass(frozen=True)
class Part:
    """One page, from 1, of a list of `total`."""

    number: int
    total: int
    length: int

    @property
    def offset(self) -> int:
        """How many come before."""
        return (self.number - 1) * self.length


def part(asked: str | None, total: int, length: int) -> Part:
    """Take the page that is asked for, or the nearest that there is."""
    last = max(1, -(-total // length))
    # More digits than any list has entries are no number that needs to be read.
    wanted = int(asked) if asked and asked.isdecimal() and len(asked) < 10 else 1  # noqa: PLR2004 - more digits than any page's number
    return Part(min(max(wanted, 1), last), total, length)


def pages(shown: Part, path: str, **query: str) -> Html | None:
    """Link to the pages around; None where there is one page."""
    last = max(1, -(-shown.total // shown.length))
    if last == 1:
        return None

    def link(name: str, number: int) -> Html:
        if not 1 <= number <= last or number == shown.number:
            return element("span", name)
        return element("a", name, href=f"{path}?{urlencode({**query, 'page': number})}")

    first, final = shown.offset + 1, min(shown.offset + shown.length, shown.total)
    return element(
        "nav",
        link("First", 1),
        link("Previous", shown.number - 1),
        element("span", f"{first:,} to {final:,} of {shown.total:,}", class_="where"),
        link("Next", shown.number + 1),
        link("Last", last),
        class_="pages",
        aria_label="Pages",
    )
