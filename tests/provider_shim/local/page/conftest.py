"""A served database with everything in it."""

from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser

from tests.provider_shim.local.page.contents import fill
from tests.support.browser import chromium
from tests.support.embedded_server import started, stopped


# Playwright's event loop runs for as long as the browser does, and other tests run loops of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Give the page's address and the ids of what the database holds."""
    process, url = started(tmp_path_factory.mktemp("filled") / "threads.db")
    yield url.removesuffix("/v1"), fill(url)
    stopped(process)


@pytest.fixture(scope="session")
def site(filled: tuple[str, Mapping[str, str]]) -> str:
    return filled[0]


@pytest.fixture(scope="session")
def paths(filled: tuple[str, Mapping[str, str]]) -> Mapping[str, str]:
    """Every address of the page, by name."""
    ids = filled[1]
    return {
        "threads": "/",
        "found": "/?q=parcel",
        "nothing found": "/?q=nowhere",
        "conversation": f"/threads/{ids['conversation']}",
        "hostile": f"/threads/{ids['hostile']}",
        "large": f"/threads/{ids['large']}",
        "thread": f"/threads/{ids['thread']}",
        "vector stores": "/vector_stores",
        "vector store": f"/vector_stores/{ids['store']}?q=parcel",
        "files": "/files",
        "document": f"/files/{ids['document']}",
        "binary": f"/files/{ids['binary']}",
        "missing": "/threads/conv_gone",
    }
