"""The built site: complete, without a broken link, and without a request to anybody."""

import os
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Page as Tab

from tests.support.blocks import documents
from tests.support.browser import chromium
from tests.support.environment import BIN, ROOT


class Page(HTMLParser):
    """What a page refers to, and what can be referred to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        leads = tag == "a" or given.get("rel") in ("canonical", "prev", "next")
        if leads and "href" in given:
            self.links.append(given["href"])
        else:
            self.loaded += [given[name] for name in ("src", "href", "data") if name in given]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site, built with warnings as errors."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [BIN / "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (done.stdout + done.stderr, done.returncode) == ("", 0)
    return folder


@cache
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text()) for path in site.rglob("*.html") if path.name != "404.html"}


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    """Give a browser that is as wide as a small laptop and has no network."""
    with chromium() as browser, browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.set_offline(True)
        yield context.new_page()


def test_a_site_that_was_opened_from_a_file_is_searched(site: Path, tab: Tab) -> None:
    problems: list[str] = []
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.on("requestfailed", lambda request: problems.append(f"{request.failure} {request.url}"))
    for start in ("index.html", "how-to/azure.html"):
        tab.goto((site / start).as_uri())
        tab.locator(".md-search__input").click()
        tab.locator(".md-search__input").press_sequentially("retain_on_destroy")
        tab.locator('.md-search-result__link[href*="explanation/ownership.html"]').first.click()
        tab.wait_for_url("**/explanation/ownership.html*")

    # The next page is opened while an icon is still on its way.
    assert [each for each in problems if not each.startswith("net::ERR_ABORTED ")] == []


def test_each_page_and_its_drawings_fit_a_small_laptop(site: Path, tab: Tab) -> None:
    wide = []
    drawings = 0
    for path in pages(site):
        tab.goto(path.as_uri())
        found = tab.evaluate(_WIDTHS)
        drawings += found["drawings"]
        wide += [f"{path.relative_to(site)}: {each}" for each in found["wide"]]

    assert wide == []
    assert drawings > 0


_WIDTHS = """() => {
    const all = [...document.querySelectorAll(".md-content .drawing, .md-content__inner > p > img")];
    const room = document.querySelector(".md-content__inner")?.clientWidth;
    const wide = (each) => each.scrollWidth > each.clientWidth || each.clientWidth > room;
    const pages = [document.documentElement].filter((each) => each.scrollWidth > each.clientWidth);
    const found = [...pages, ...all.filter(wide)].map((each) => each.outerHTML.slice(0, 80));
    return { drawings: all.length, wide: found };
}"""


def test_each_link_and_each_anchor_leads_somewhere(site: Path) -> None:
    dead = []
    for path, page in pages(site).items():
        for link in [*page.links, *page.loaded]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists() or (
                parts.fragment
                and target in pages(site)
                and unquote(parts.fragment) not in pages(site)[target].anchors
            ):
                dead.append(f"{path.relative_to(site)}: {link}")

    assert dead == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    loaded = {each for page in pages(site).values() for each in page.loaded if urlsplit(each).netloc}
    styles = "".join(path.read_text() for path in site.rglob("*.css"))

    assert loaded == set()
    assert re.findall(r"url\([\"']?(?:https?:)?//[^)]*\)|@import[^;]*", styles) == []


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_each_link_of_the_sources_leads_to_a_file(document: Path) -> None:
    text = re.sub(r"^ *```.*?^ *```$", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\(([^)#\s]+)", text)

    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []
