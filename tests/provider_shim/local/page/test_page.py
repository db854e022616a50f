"""The page without a browser: who sees it, what it finds, what it can't do."""

import asyncio
import html
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI

from provider_shim.local.app import PREFIX, create_app
from provider_shim.local.page import listing, reading
from provider_shim.local.page.html import element
from provider_shim.local.page.layout import excerpt
from provider_shim.local.page.reading import Reader
from provider_shim.local.page.routes import routes
from provider_shim.local.page.words import age, size
from tests.provider_shim.local.page import contents
from tests.support.embedded_server import started, stopped


class Parsed(HTMLParser):
    """What a browser makes of a document: its elements in order, and its text."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def links(self, beginning: str) -> list[str]:
        """Return where the links lead whose address begins so, in order."""
        hrefs = (attributes.get("href") or "" for tag, attributes in self.elements if tag == "a")
        return [href for href in hrefs if href.startswith(beginning)]


def got(address: str) -> Parsed:
    answer = httpx2.get(address)
    assert answer.status_code == 200, answer.text
    return Parsed(answer.text)


@pytest.mark.parametrize("name", ["threads", "hostile", "vector store", "binary", "missing"])
def test_no_page_may_run_load_or_frame_anything(site: str, paths: Mapping[str, str], name: str) -> None:
    answer = httpx2.get(site + paths[name])
    policy = dict(each.split(" ", 1) for each in answer.headers["content-security-policy"].split("; "))
    elements = Parsed(answer.text).elements

    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert {tag for tag, _ in elements}.isdisjoint({"script", "style", "iframe", "object", "base"})
    assert [
        name for _, attributes in elements for name in attributes if name == "style" or name.startswith("on")
    ] == []


def test_style_and_icon_are_kept_by_the_browser_under_an_address_that_changes_with_them(site: str) -> None:
    linked = [each["href"] for tag, each in got(site).elements if tag == "link"]
    answers = [httpx2.get(f"{site}{path}") for path in linked]

    assert [each.headers["content-type"].partition(";")[0] for each in answers] == [
        "image/svg+xml",
        "text/css",
    ]
    assert all("immutable" in each.headers["cache-control"] for each in answers)
    assert httpx2.get(f"{site}/assets/000000000000/page.py").status_code == 404
    assert not any(word in answers[1].text for word in ("url(", "@import", "http"))


@pytest.mark.parametrize("headers", [{"host": "rebound.example.com"}, {"origin": "https://example.com"}])
def test_the_page_has_the_doors_of_the_api(site: str, headers: dict[str, str]) -> None:
    assert httpx2.get(site, headers=headers).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/files", "/conversations", "/threads/thread_1"])
def test_what_is_not_below_v1_can_only_be_looked_at_and_a_client_is_told_so(
    site: str, method: str, path: str
) -> None:
    answer = httpx2.request(method, site + path)

    # No 404: that could be taken for proof that an object does not exist.
    assert answer.status_code == 501
    assert "The embedded API is below /v1" in answer.json()["error"]["message"]


def test_the_database_is_opened_to_be_read_only(tmp_path: Path) -> None:
    path = tmp_path / "a #?% name.db"
    create_app(path).state.store.close()
    reader = Reader(path)

    assert asyncio.run(reader.read(lambda db: db.execute("SELECT count(*) FROM threads").fetchone()[0])) == 0
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        asyncio.run(reader.read(lambda db: db.execute("DELETE FROM threads")))


def test_the_api_goes_on_while_the_page_reads(tmp_path: Path) -> None:
    app = create_app(tmp_path / "threads.db")
    order = []

    async def page() -> None:
        await Reader(app.state.store.path).read(lambda _db: time.sleep(0.5))
        order.append("page")

    async def api() -> None:
        await app.state.store.write(lambda db: db.execute("DELETE FROM threads"))
        order.append("api")

    async def both() -> None:
        reading = asyncio.create_task(page())
        await asyncio.sleep(0.05)
        await api()
        await reading

    asyncio.run(both())
    app.state.store.close()

    assert order == ["api", "page"]


def test_a_page_that_would_read_for_too_long_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SECONDS", -1.0)
    app = create_app(tmp_path / "threads.db")
    app.routes.extend(routes(app.state.store.path, PREFIX))
    db = app.state.store._db
    db.execute("INSERT INTO conversations (id, created_at, metadata) VALUES ('conv_1', 0, '{}')")
    db.executemany(
        "INSERT INTO items (id, conversation, created_at, body) VALUES (?, 1, 0, '{}')",
        ((f"msg_{number}",) for number in range(2_000)),
    )
    answer = asyncio.run(asked(app, "/threads/conv_1"))
    app.state.store.close()

    assert answer.status_code == 503
    assert "Reading took longer than" in answer.text


def test_in_process_nothing_of_the_page_is_loaded() -> None:
    program = "import sys, provider_shim.local.app; print(*[m for m in sys.modules if '.local.' in m])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "provider_shim.local.store" in done.stdout
    assert "provider_shim.local.page" not in done.stdout


async def asked(app: Any, path: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.get(path)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve 60 threads of both APIs, three a second, and one conversation of 120 messages."""
    path = tmp_path_factory.mktemp("many") / "threads.db"
    app = create_app(path)
    db = app.state.store._db
    for number in range(60):
        table, prefix = (("conversations", "conv"), ("threads", "thread"))[number % 2]
        columns = {"id": f"{prefix}_{number:03}", "created_at": 1_700_000_000 + number // 3, "metadata": "{}"}
        if prefix == "thread":
            columns["tool_resources"] = "{}"
        db.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608 - names of ours; what is given is bound
            [*columns.values()],
        )
    body = '{"type":"message","role":"user","content":[{"type":"input_text","text":"Number %d"}]}'
    db.executemany(
        "INSERT INTO items (id, conversation, created_at, body) VALUES (?, 1, 1700000000, ?)",
        ((f"msg_{number}", body % number) for number in range(120)),
    )
    app.state.store.close()
    process, url = started(path)
    yield url.removesuffix("/v1")
    stopped(process)


def test_older_leads_through_all_threads_of_both_apis_each_once_and_newest_first(many: str) -> None:
    seen: list[str] = []
    lengths = []
    path = "/"
    while path:
        page = got(many + path)
        shown = [each.removeprefix("/threads/") for each in page.links("/threads/")]
        lengths.append(len(shown))
        seen += shown
        path = next((each for each in page.links("/?before=")), "")
    numbers = [int(each.partition("_")[2]) for each in seen]

    assert lengths == [25, 25, 10]
    assert sorted(numbers) == list(range(60))
    assert [each // 3 for each in numbers] == sorted((each // 3 for each in numbers), reverse=True)


def test_a_long_conversation_has_pages_oldest_first(many: str) -> None:
    first, last = got(f"{many}/threads/conv_000"), got(f"{many}/threads/conv_000?page=3")
    beyond = got(f"{many}/threads/conv_000?page=99999999999999")
    message = got(f"{many}/threads/conv_000/messages/msg_119")

    assert "1 to 50 of 120" in first.text
    assert "Number 0" in first.text
    assert "101 to 120 of 120" in last.text
    assert "Number 119" in last.text
    assert "1 to 50 of 120" in beyond.text
    assert message.links("/threads/conv_000?page")[0] == "/threads/conv_000?page=3#msg_119"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/threads/conv_gone", "There is no thread conv_gone"),
        ("/threads/<script>", "There is no thread <script>"),
        ("/threads/conv_000/messages/msg_gone", "conv_000 has no message msg_gone"),
        ("/vector_stores/vs_gone", "There is no vector store vs_gone"),
        ("/files/file-gone", "There is no file file-gone"),
    ],
)
def test_what_is_not_there_is_a_404_that_says_so(many: str, path: str, said: str) -> None:
    answer = httpx2.get(many + path)

    assert answer.status_code == 404
    assert said in Parsed(answer.text).text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("parcel", ["conversation"]),
        ("WHERE Parcel", ["conversation"]),
        ("parcel nowhere", []),
        ("größe", ["conversation"]),
        ("über", ["conversation"]),
        ("4711", ["conversation"]),
        ('"number":4711', ["conversation"]),
        ("onerror=alert(1)", ["hostile"]),
        ("<script>document.title", ["hostile"]),
        (contents.ATTRIBUTE.split()[0], ["hostile"]),
        ("مرحبا", ["hostile"]),
        ("abcdef0123456789abcdef", ["large"]),
        ("older", ["thread"]),
        ("topic", ["thread"]),
        # A word of the JSON around the texts, and what LIKE would take for a pattern.
        ("input_text", []),
        ("role", []),
        ("par%el", []),
        ("par_el", []),
        ("\\", []),
    ],
)
def test_a_search_finds_texts_and_metadata_whatever_the_case(
    filled: tuple[str, Mapping[str, str]], query: str, found: list[str]
) -> None:
    site, ids = filled
    answer = httpx2.get(site, params={"q": query})

    assert Parsed(answer.text).links("/threads/") == [f"/threads/{ids[name]}" for name in found]


def test_a_search_finds_threads_by_the_ids_in_them(filled: tuple[str, Mapping[str, str]]) -> None:
    site, ids = filled
    message_id = got(f"{site}/threads/{ids['large']}").links("/threads/")[0].rpartition("/")[2]

    assert got(f"{site}/?q={ids['hostile']}").links("/threads/") == [f"/threads/{ids['hostile']}"]
    assert got(f"{site}/?q={message_id}").links("/threads/") == [f"/threads/{ids['large']}"]
    assert f"/threads/{ids['conversation']}" in got(f"{site}/?q={ids['document']}").links("/threads/")


def test_a_search_that_takes_too_long_shows_what_it_found_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "SEARCH_SECONDS", -1.0)
    app = create_app(tmp_path / "threads.db")
    app.routes.extend(routes(app.state.store.path, PREFIX))
    app.state.store._db.executemany(
        "INSERT INTO conversations (id, created_at, metadata) VALUES (?, 0, ?)",
        ((f"conv_{number}", '{"team":"support"}') for number in range(2_000)),
    )
    answer = asyncio.run(asked(app, "/?q=nowhere"))
    app.state.store.close()

    assert answer.status_code == 200
    assert "The search was ended after" in answer.text


@given(st.text())
def test_any_text_is_text_and_nothing_else(text: str) -> None:
    parsed = Parsed(element("p", text, title=text))
    (tag, attributes), *more = parsed.elements

    assert (tag, more) == ("p", [])
    assert list(attributes) == ["title"]
    assert len(parsed.text) >= len(text)
    assert "\u202e" not in parsed.text


@given(st.text(), st.lists(st.text(min_size=1), max_size=3))
def test_an_excerpt_is_a_piece_of_the_text_with_nothing_added(text: str, words: list[str]) -> None:
    shown = Parsed(excerpt(text, [word.casefold() for word in words], 40))
    piece = shown.text.removeprefix("… ").removesuffix(" …")

    assert piece in html.unescape(element("p", text))
    assert {tag for tag, _ in shown.elements} <= {"mark"}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"),
        (60, "1 min ago"),
        (7_200, "2 h ago"),
        (86_400, "1 day ago"),
        (86_400 * 3, "3 days ago"),
    ],
)
def test_an_age_is_said_in_the_largest_unit(seconds: int, said: str) -> None:
    assert Parsed(age(int(time.time()) - seconds)).text == said


def test_what_is_older_than_a_month_has_its_date() -> None:
    parsed = Parsed(age(1_700_000_000))

    assert parsed.text == "2023-11-14"
    assert parsed.elements == [
        ("time", {"datetime": "2023-11-14T22:13:20+00:00", "title": "2023-11-14 22:13:20 UTC"})
    ]


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 B"), (1_023, "1023 B"), (1_536, "1.5 KB"), (5 * 1024**3, "5,120.0 MB")]
)
def test_a_size_has_the_unit_that_fits(number: int, said: str) -> None:
    assert size(number) == said


def test_a_response_is_shown_with_its_model_what_it_searched_and_what_it_cites(
    tmp_path: Path,
) -> None:
    process, url = started(tmp_path / "threads.db")
    site = url.removesuffix("/v1")
    with OpenAI(base_url=url, api_key="none") as client:
        text = b"A parcel can be returned within 30 days."
        file = client.files.create(file=("answers.md", text), purpose="assistants")
        store = client.vector_stores.create()
        client.vector_stores.files.create_and_poll(file.id, vector_store_id=store.id)
        made = client.conversations.create()
        response = client.responses.create(
            model=contents.MARKUP,
            conversation=made.id,
            input="Can a parcel be returned?",
            tools=[{"type": "file_search", "vector_store_ids": [store.id]}],
        )

    shown = httpx2.get(f"{site}/threads/{made.id}").text
    followed = httpx2.get(f"{site}/threads/{made.id}?follow=1").text
    stopped(process)

    assert shown.count(f"<code>{response.id}</code>") == 2
    assert contents.MARKUP not in shown
    assert '<q dir="auto">Can a parcel be returned?</q>' in shown
    assert 'aria-label="Found"' in shown
    assert 'aria-label="Citations"' in shown
    assert f'href="/files/{file.id}"' in shown
    assert 'http-equiv="refresh"' not in shown
    assert '<meta http-equiv="refresh" content="2">' in followed
    assert f'<a href="/threads/{made.id}">Stop</a>' in followed


def test_the_list_shows_threads_come_while_it_is_followed(tmp_path: Path) -> None:
    process, url = started(tmp_path / "threads.db")
    site = url.removesuffix("/v1")
    again = '<meta http-equiv="refresh" content="2">'
    empty = httpx2.get(site).text
    followed = httpx2.get(f"{site}/?follow=1").text
    with OpenAI(base_url=url, api_key="none") as client:
        made = client.conversations.create()
    come = httpx2.get(f"{site}/?follow=1").text
    elsewhere = [httpx2.get(f"{site}/?follow=1&{query}").text for query in ("q=conv", "before=9-9")]
    stopped(process)

    assert '<a href="/?follow=1">Follow what comes</a>' in empty
    assert again not in empty
    assert again in followed
    assert made.id in come
    assert again in come
    assert '<a href="/">Stop</a>' in come
    assert not any(again in each or "follow" in each for each in elsewhere)


def test_how_far_indexing_is_is_shown_and_followed_until_it_is_done(tmp_path: Path) -> None:
    process, url = started(tmp_path / "threads.db")
    try:
        api = OpenAI(base_url=url, api_key="none")
        ids = [
            api.files.create(file=(f"{number}.txt", b"text"), purpose="assistants").id for number in range(5)
        ]
        store = api.vector_stores.create(name="handbook", file_ids=ids)
        until = time.monotonic() + 20
        while api.vector_stores.retrieve(store.id).status != "completed" and time.monotonic() < until:
            time.sleep(0.05)
        pages = [url.removesuffix("/v1") + path for path in ("/vector_stores", f"/vector_stores/{store.id}")]
        done = [got(page).elements for page in pages]
        with sqlite3.connect(tmp_path / "threads.db") as db:
            db.execute("UPDATE vector_store_files SET status = 'in_progress' WHERE seq > 2")
        under_way = [got(page).elements for page in pages]
        searched = got(f"{pages[1]}?q=text").elements
    finally:
        stopped(process)

    def shown(elements: list[tuple[str, dict[str, str | None]]]) -> tuple[object, object]:
        bars = [each for tag, each in elements if tag == "progress"]
        again = [each["content"] for tag, each in elements if tag == "meta" and "http-equiv" in each]
        return [(each["value"], each["max"], each["aria-label"]) for each in bars], again

    assert [shown(each) for each in done] == [([], [])] * 2
    assert [shown(each) for each in under_way] == [([("2", "5", "2 of 5 files indexed")], ["2"])] * 2
    assert shown(searched)[1] == []
