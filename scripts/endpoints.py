"""Write docs/reference/embedded-api.md: each endpoint, how it is checked, and what differs from OpenAI.

    python -m scripts.endpoints

What is served comes from the application's routes, what is checked from the checks themselves: the
operations that schemathesis is given, and those that the SDK has just called. What differs is
declared below; an operation that does not exist can have no difference.
"""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from starlette.routing import Route

from provider_shim.contract.limits import (
    FILE_BYTES,
    ITEMS_PER_CALL,
    METADATA_KEY,
    METADATA_PAIRS,
    METADATA_VALUE,
)
from provider_shim.local.app import PREFIX, create_app
from provider_shim.local.items import KINDS, MODEL_ITEMS
from provider_shim.local.requests import BODY_BYTES
from provider_shim.local.search import WORDS
from provider_shim.local.text import READ_BYTES
from tests.support.every_operation import Operation, walk_in
from tests.support.openapi import METHODS, operations
from tests.support.served_document import served_document

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "embedded-api.md"
MEBIBYTE: Final = 1024 * 1024

DIFFERENCES: Final[Mapping[Operation, str]] = {
    ("POST", "/conversations"): "Items that only a model's run makes are a 501, see below.",
    ("POST", "/conversations/{conversation_id}"): "The metadata that is given replaces what was kept; the "
    "document does not say whether OpenAI's does or merges.",
    ("DELETE", "/conversations/{conversation_id}"): "The items are deleted with it; OpenAI keeps them.",
    ("GET", "/conversations/{conversation_id}/items"): "`include` adds nothing.",
    ("POST", "/conversations/{conversation_id}/items"): "As for `POST /conversations`.",
    ("POST", "/threads"): "OpenAI switched `/threads` off on 2026-08-26. No runs.",
    ("GET", "/threads/{thread_id}/messages"): "No message belongs to a run, so `run_id` finds none.",
    ("POST", "/files"): "An expired file is gone at once; the next upload removes its content.",
    ("GET", "/files/{file_id}/content"): "For every purpose; OpenAI refuses some.",
    ("POST", "/vector_stores"): "The text is extracted from plain text, HTML, Word and PDF, of files up to "
    f"{READ_BYTES // MEBIBYTE} MiB. A token counts as four characters.",
    ("GET", "/vector_stores/{vector_store_id}/files/{file_id}/content"): "The pieces that a search finds, "
    "their overlaps included.",
    ("POST", "/vector_stores/{vector_store_id}/search"): f"Full text, ranked by BM25: words (the first "
    f"{WORDS}), not meanings. `rewrite_query` and `ranker` change nothing.",
}

HEAD: Final = """\
# The embedded API, endpoint by endpoint

Written by `make reference` from the application's routes and the checks. Do not edit.

`base_url = "sqlite:PATH"` uses these in process, `openai-thread serve` over HTTP below `/v1`.
**schemathesis**: generated requests, valid and not, and their answers, against OpenAI's OpenAPI document.
**SDK**: called through the `openai` package, synchronous and asynchronous, each request
and answer checked against the same document.

| Endpoint | Checked by | What differs from OpenAI |
| --- | --- | --- |
"""


def served(folder: Path) -> Iterator[Operation]:
    """Yield the operations that the application has routes for."""
    app = create_app(folder / "routes.db")
    for route in app.routes:
        if isinstance(route, Route):
            path = route.path.removeprefix(PREFIX)
            yield from ((method, path) for method in route.methods or () if method != "HEAD")
    app.state.store.close()


async def called(folder: Path) -> set[Operation]:
    """Return what the SDK calls, after it has."""
    app = create_app(folder / "called.db")
    try:
        return await walk_in(app)
    finally:
        await app.state.indexer.stop()
        app.state.store.close()


def written() -> str:
    """Return the document."""
    with tempfile.TemporaryDirectory() as folder:
        routes = set(served(Path(folder)))
        by_sdk = asyncio.run(called(Path(folder)))
    paths = served_document()["paths"]
    by_schemathesis = {
        (method.upper(), path) for path in paths for method in METHODS if method in paths[path]
    }
    if unknown := set(DIFFERENCES) - routes:
        raise SystemExit(f"A difference is declared for what is not served: {sorted(unknown)}")
    known = list(operations())
    lines = []
    for operation in [*(each for each in known if each in routes), *sorted(routes - set(known))]:
        checks = [
            name
            for name, checked in (("schemathesis", by_schemathesis), ("SDK", by_sdk))
            if operation in checked
        ]
        endpoint = "`{} {}`".format(*operation)
        difference = DIFFERENCES.get(operation, "")
        lines.append(f"| {endpoint} | {', '.join(checks) or 'not at all'} | {difference} |\n")
    missing = [f"`{method} {path}`" for method, path in known if (method, path) not in routes]
    return HEAD + "".join(lines) + _rest(missing)


def _rest(missing: list[str]) -> str:
    kept = ", ".join(f"`{kind}`" for kind in KINDS)
    elsewhere = ", ".join(f"`{kind}`" for kind in sorted(MODEL_ITEMS))
    return f"""
## What is not served

A model is not run. {", ".join(missing)} and every other path below `/v1` (`/models`, `/assistants`,
`/threads/{{thread_id}}/runs`, …) answer 501 in OpenAI's error shape,
with `"code": "not_served"` and a message that says so:

```json
{{"error": {{"message": "POST /v1/responses is not served by the embedded API. …", "type": "server_error",
  "param": null, "code": "not_served"}}}}
```

A conversation keeps {kept}. Items that only a model's run makes are a 501 too: {elsewhere}.

## What holds everywhere

- Limits are OpenAI's: {ITEMS_PER_CALL} items a call, {METADATA_PAIRS} pairs of metadata with keys of
  {METADATA_KEY} and values of {METADATA_VALUE} characters, files of {FILE_BYTES // MEBIBYTE} MiB.
  A JSON body has at most {BODY_BYTES // MEBIBYTE} MiB; a larger one is a 413.
- Errors have OpenAI's shape, `param` is the path in the request (`items[0].role`), and every answer has an
  `x-request-id`.
- Nothing limits how often a client may ask: there is no 429. Where another process writes for longer than
  30 s, the answer is a 503 with `Retry-After`.
- The key is compared where the server was started with one; organization and project are not looked at.
"""


def main() -> None:
    """Write the document."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(written())
    print(PAGE)


if __name__ == "__main__":
    main()
