"""The page as a person meets it: in the real Chromium, wide and narrow, light and dark, by keyboard."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, ViewportSize, expect

from tests.provider_shim.local.page import contents
from tests.support.embedded_server import started, stopped

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1_100, "height": 800}
KEY = "sk-for-this-page"

NAMES = [
    "threads",
    "found",
    "nothing found",
    "conversation",
    "hostile",
    "large",
    "thread",
    "vector stores",
    "vector store",
    "files",
    "document",
    "binary",
    "missing",
]

# The contrast of each text to the ground it lies on, as WCAG 2 counts it; those below 4.5.
FAINT = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = color => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const linear = v => v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4;
    const [x, y, z] = [r, g, b].map(linear);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = element => {
    for (let each = element; each; each = each.parentElement) {
      const color = rgba(getComputedStyle(each).backgroundColor);
      if (color[3] === 255) return color;
    }
    return rgba("Canvas");
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    const both = [light(rgba(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  return faint;
}
"""

BRIGHTNESS = """
() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((sum, each) => sum + +each, 0)
"""

# What can be operated and has no name that a screen reader could say.
NAMELESS = """
() => [...document.querySelectorAll("a, button, input, summary")]
  .filter(each => !(each.innerText || each.getAttribute("aria-label") || "").trim())
  .map(each => each.outerHTML)
"""


@contextmanager
def opened(browser: Browser, site: str, size: ViewportSize = DESK) -> Iterator[Page]:
    """Open a page; whatever it complains of, or asks another server for, ends the test."""
    wrong: list[str] = []

    def asked(request: Request) -> None:
        if not request.url.startswith(site):
            wrong.append(f"asks {request.url}")

    def stopped_by(dialog: Dialog) -> None:
        wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    context = browser.new_context(base_url=site, viewport=size, color_scheme="light")
    page = context.new_page()
    page.on("console", lambda message: wrong.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("dialog", stopped_by)
    page.on("request", asked)
    yield page
    context.close()
    # That an address is answered 404 is no complaint of the page's.
    assert [each for each in wrong if "404 (Not Found)" not in each] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_page_fits_a_phone_can_be_read_and_is_well_formed(
    browser: Browser, site: str, paths: Mapping[str, str], name: str
) -> None:
    with opened(browser, site, PHONE) as page:
        page.goto(paths[name])
        width = page.evaluate("document.documentElement.scrollWidth")
        headings = page.get_by_role("heading", level=1).count()
        landmarks = [page.get_by_role(role).count() for role in ("banner", "main", "contentinfo")]
        nameless = page.evaluate(NAMELESS)
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)")
        faint = page.evaluate(FAINT)
        page.emulate_media(color_scheme="dark")
        faint_in_the_dark = page.evaluate(FAINT)

        assert width == PHONE["width"]
        assert headings == 1
        assert landmarks == [1, 1, 1]
        assert nameless == []
        assert len(ids) == len(set(ids))
        assert faint == []
        assert faint_in_the_dark == []


def test_light_and_dark_are_two_looks(browser: Browser, site: str) -> None:
    with opened(browser, site) as page:
        page.goto("/")
        light = page.evaluate(BRIGHTNESS)
        page.emulate_media(color_scheme="dark")
        dark = page.evaluate(BRIGHTNESS)

    assert light > 3 * 200
    assert dark < 3 * 60


def test_what_is_hostile_is_text(browser: Browser, site: str, paths: Mapping[str, str]) -> None:
    with opened(browser, site) as page:
        page.goto(paths["hostile"])
        messages = page.locator("article")
        title = page.title()

        assert title.startswith("conv_")
        expect(messages.nth(0)).to_contain_text(contents.MARKUP)
        expect(messages.nth(1)).to_contain_text(contents.ATTRIBUTE)
        expect(messages.nth(2)).to_contain_text(contents.ELSEWHERE)
        expect(messages.nth(2)).to_contain_text(contents.TURNED_SHOWN)
        assert "\u2400\u241b[31m a\nb\tc" in messages.nth(3).locator(".text").inner_text()
        expect(messages.nth(4)).to_contain_text(contents.RIGHT_TO_LEFT)
        expect(messages.nth(6)).to_contain_text(contents.MARKUP)
        expect(messages.nth(7)).to_contain_text(contents.ATTRIBUTE)
        expect(page.locator("main dl").first).to_contain_text(contents.ATTRIBUTE)
        assert page.locator("script, style, [style], main img, main b").count() == 0


def test_right_to_left_text_starts_on_the_right(
    browser: Browser, site: str, paths: Mapping[str, str]
) -> None:
    with opened(browser, site) as page:
        page.goto(paths["hostile"])
        direction = (
            page.locator("article").nth(4).locator(".text").evaluate("e => getComputedStyle(e).direction")
        )

        assert direction == "rtl"


def test_a_message_of_a_mebibyte_is_shown_in_part_and_whole_by_itself(
    browser: Browser, site: str, paths: Mapping[str, str]
) -> None:
    with opened(browser, site, PHONE) as page:
        page.goto(paths["large"])
        part = len(page.locator("article .text").inner_text())
        page.get_by_role("link", name="Show all 1,048,576 characters").click()
        whole = page.locator("article .text").inner_text()
        page.get_by_role("link", name="In its thread").click()

        assert part == 20_001
        assert whole == contents.LARGE
        expect(page).to_have_url(re.compile(re.escape(paths["large"]) + "#msg_"))


def test_a_search_leads_to_the_thread_by_keyboard_alone(browser: Browser, site: str) -> None:
    with opened(browser, site) as page:
        page.goto("/")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to content")
        expect(skip).to_be_focused()
        box = skip.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("PARCEL where")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("1 thread holds")
        marked = page.locator("mark").all_inner_texts()
        page.keyboard.press("Tab")
        page.get_by_role("link", name="Where is my parcel?").focus()
        page.keyboard.press("Enter")

        assert marked == ["Where", "parcel"]
        expect(page.get_by_role("heading", level=1)).to_contain_text("Conversation")
        expect(page.locator("article")).to_have_count(8)


def test_a_conversation_tells_who_spoke_and_what_terraform_made(
    browser: Browser, site: str, paths: Mapping[str, str]
) -> None:
    with opened(browser, site) as page:
        page.goto(paths["conversation"])
        speakers = page.locator("article h2").all_inner_texts()
        origins = page.locator("article header .badge").all_inner_texts()
        summary = page.locator("main > .facts").inner_text()
        page.get_by_role("link", name="returns.md").click()

        assert speakers == [
            "system",
            "user",
            "function call",
            "function call output",
            "reasoning",
            "assistant",
            "assistant",
            "user",
        ]
        assert origins == ["Terraform"] * 2 + ["added later"] * 6
        assert "8 messages: 2 from Terraform, 6 added later" in summary
        expect(page.locator("pre")).to_contain_text("A parcel can be returned within 30 days.")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download").click()
        assert download.value.suggested_filename == "returns.md"


def test_a_vector_store_tells_the_state_of_each_file_and_why(browser: Browser, site: str) -> None:
    with opened(browser, site) as page:
        page.goto("/vector_stores")
        page.get_by_role("link", name="Knowledge").click()
        files = page.locator(".rows li").all_inner_texts()
        page.get_by_role("searchbox").fill("return parcel")
        page.keyboard.press("Enter")
        result = page.get_by_role("list", name="Results").inner_text()

        assert [re.findall(r"completed|failed", each) for each in files] == [["failed"], ["completed"]]
        assert contents.TURNED_SHOWN in files[0]
        assert "unsupported_file The file is binary" in files[0]
        assert "A parcel can be returned" in result


def test_a_browser_gets_in_with_the_key_as_password_and_not_without(browser: Browser, tmp_path: Path) -> None:
    process, url = started(tmp_path / "threads.db", KEY)
    site = url.removesuffix("/v1")
    try:
        contents.fill(url, KEY)
        context = browser.new_context(http_credentials={"username": "anyone", "password": KEY}, base_url=site)
        page = context.new_page()
        page.goto("/")
        styled = page.evaluate("getComputedStyle(document.body).display")
        cards = page.locator(".cards > li").count()
        context.close()
        stranger = browser.new_context(base_url=site)
        refused = stranger.request.get("/")
        said = refused.text()
        stranger.close()
    finally:
        stopped(process)

    assert styled == "flex"
    assert cards == 4
    assert refused.status == 401
    assert "in a browser as the password" in said
    assert KEY not in said


def test_an_empty_database_says_what_to_do_next(browser: Browser, tmp_path: Path) -> None:
    process, url = started(tmp_path / "empty.db")
    try:
        with opened(browser, url.removesuffix("/v1"), PHONE) as page:
            said = {}
            for path in ("/", "/vector_stores", "/files"):
                page.goto(path)
                said[path] = page.get_by_role("main").inner_text()
            width = page.evaluate("document.documentElement.scrollWidth")
    finally:
        stopped(process)

    assert width == PHONE["width"]
    assert f'base_url="sqlite:{tmp_path}/empty.db"' in said["/"]
    assert f'OpenAI(base_url="{url}", api_key="none")' in said["/"]
    assert "VectorStore(stack" in said["/vector_stores"]
    assert "File(stack" in said["/files"]
