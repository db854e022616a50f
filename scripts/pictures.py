"""Take the pictures in docs/images: the page of `openai-thread serve`, light and dark.

    python -m scripts.pictures

Deploys examples/data_analysis and examples/quickstart with the real cdktf into one database, lets an
application answer in a thread, and looks at that thread with Chromium.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Final

from openai import OpenAI
from playwright.sync_api import Browser, ViewportSize

from tests.support.browser import chromium
from tests.support.cdktf_project import CdktfProject
from tests.support.embedded_server import started, stopped
from tests.support.environment import ROOT
from tests.support.example import copied

PICTURES: Final = ROOT / "docs" / "images"
SIZE: Final[ViewportSize] = {"width": 820, "height": 600}
SCHEMES: Final = ("light", "dark")


def deploy(folder: Path) -> str:
    """Deploy both examples into one database; return the id of the thread that greets a new user."""
    project = CdktfProject(folder)
    project.deploy("--outputs-file", "outputs.json")
    shutil.copy(ROOT / "examples" / "quickstart" / "main.py", folder)
    project.deploy("--outputs-file", "outputs.json")
    outputs = json.loads((folder / "outputs.json").read_text())
    return str(outputs["quickstart"]["onboarding_thread_id"])


def answer(base_url: str, thread_id: str) -> None:
    """Go on in a thread as an application would."""
    with OpenAI(base_url=base_url, api_key="none") as client:
        client.conversations.items.create(
            thread_id,
            items=[
                {
                    "type": "message",
                    "role": "assistant",
                    "content": "Welcome! Let's begin with your first project. What are you building?",
                },
                {
                    "type": "message",
                    "role": "user",
                    "content": "A dashboard of our quarterly sales. Can you read CSV files?",
                },
            ],
        )


def take(browser: Browser, address: str) -> None:
    """Write one picture for each scheme, down to the last message."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport=SIZE, device_scale_factor=1.5)
    page.goto(address)
    last = page.locator("article").last.bounding_box()
    if last is None:
        raise SystemExit(f"{address} shows no message.")
    height = last["y"] + last["height"] + 14
    for scheme in SCHEMES:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        picture = PICTURES / f"thread-{scheme}.png"
        page.screenshot(path=picture, clip={"x": 0, "y": 0, "width": SIZE["width"], "height": height})
        print(f"{picture.relative_to(ROOT)}: {picture.stat().st_size // 1024} KB")


def main() -> None:
    """Take the pictures."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = copied("data_analysis", Path(temporary))
        thread_id = deploy(folder)
        process, url = started(folder / "threads.db")
        try:
            answer(url, thread_id)
            with chromium() as browser:
                take(browser, f"{url.removesuffix('/v1')}/threads/{thread_id}")
        finally:
            stopped(process)


if __name__ == "__main__":
    main()
