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
    SWITCHED_OFF,
)
from provider_shim.local.app import PREFIX, create_app
from provider_shim.local.items import KINDS
from provider_shim.local.requests import BODY_BYTES
from provider_shim.local.search import WORDS
from provider_shim.local.text import READ_BYTES
from tests.support.every_operation import Operation, walk_in
from tests.support.openapi import METHODS, operations
from tests.support.served_document import served_document

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "embedded-api.md"
MEBIBYTE: Final = 1024 * 1024

DIFFERENCES: Final[Mapping[Operation, str]] = {
    ("POST", "/conversations/{conversation_id}"): "The metadata that is given replaces what was kept; the "
    "document does not say whether OpenAI's does or merges.",
    ("DELETE", "/conversations/{conversation_id}"): "The items are deleted with it; OpenAI keeps them.",
    ("GET", "/conversations/{conversation_id}/items"): "`include` adds what a file search found, and nothing "
    "else: nothing else is left out.",
    ("GET", "/conversations"): "OpenAI does not list them; Azure AI Foundry does, in this way.",
    ("GET", "/threads"): "OpenAI did not list them; Azure AI Foundry does, in this way.",
    ("POST", "/responses"): "Answered by `echo`, a script or an engine; `model` may be left out. A file "
    "search is done once, with what the user said last. Tools that only OpenAI can run are a 501 unless a "
    "script answers. Two responses may be written in one conversation at once: there is no "
    "`conversation_locked`. Stored prompts are a 501.",
    ("GET", "/responses/{response_id}"): "With `stream=true` the events are written anew from what is kept.",
    ("GET", "/responses/{response_id}/input_items"): "The items of this request, without those before it.",
    ("POST", "/responses/{response_id}/cancel"): "A background response ends with the server that writes it.",
    ("GET", "/models"): "`echo`, `script`, or the engine's own.",
    ("POST", "/threads"): f"OpenAI switched `/threads` off on {SWITCHED_OFF}. No runs.",
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
        if isinstance(route, Route) and route.include_in_schema:
            path = route.path.removeprefix(PREFIX).replace(":path}", "}")
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
    unserved = f"{', '.join(missing)} and every other" if missing else "Every"
    kept = ", ".join(f"`{kind}`" for kind in KINDS)
    return f"""
## What is not served

{unserved} path below `/v1` that is not in the table (`/assistants`, `/responses/compact`,
`/threads/{{thread_id}}/runs`, …) answers 501 in OpenAI's error shape, with `"code": "not_served"`, a
message that says so and the header `x-should-retry: false`:

```json
{{"error": {{"message": "POST /v1/assistants is not served by the embedded API. …", "type": "server_error",
  "param": null, "code": "not_served"}}}}
```

A conversation keeps {kept}.
The items of tools that only OpenAI can run are kept, the tools are not run.

## What holds everywhere

- Limits are OpenAI's: {ITEMS_PER_CALL} items a call, {METADATA_PAIRS} pairs of metadata with keys of
  {METADATA_KEY} and values of {METADATA_VALUE} characters, files of {FILE_BYTES // MEBIBYTE} MiB.
  A JSON body has at most {BODY_BYTES // MEBIBYTE} MiB; a larger one is a 413.
- Errors have OpenAI's shape, `param` is the path in the request (`items[0].role`), and every answer has an
  `x-request-id`.
- Nothing limits how often a client may ask: there is no 429 but what a script or a test asks for. Where
  another process writes for longer than 30 s, the answer is a 503 with `Retry-After`.
- What is wrong with the machine is said, and not to be tried again (`x-should-retry: false`): a full disk is
  a 507 (`disk_full`), a database that was removed or replaced meanwhile a 500 (`database_gone`), one
  that can't be read or written a 500 (`database_unusable`, `files_unusable`).
- The database is one SQLite file with its `-wal` and `-shm` neighbours, and a folder `….files/` with the
  content of uploaded files. Only their owner can read them (0600, 0700). To keep or copy a database, take all
  of it.
- The key is compared where the server was started with one; organization and project are not looked at.
"""


def main() -> None:
    """Write the document."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(written())
    print(PAGE)


if __name__ == "__main__":
    main()
