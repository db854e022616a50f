"""The real Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

PROGRAM: Final = "chromium"
# Nothing but what a test asks for: no sandbox, which root has none of, no GPU, no calls home.
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the Chromium of the PATH; without one the test is skipped, but not where CI=true."""
    program = shutil.which(PROGRAM)
    if program is None and os.environ.get("CI") != "true":
        pytest.skip(f"needs {PROGRAM}: sh scripts/system.sh chromium installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()
