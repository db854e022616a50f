"""``/vector_stores``: files in them, batches, search."""

import io
import sqlite3
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from tests.support.embedded_server import started, stopped

HANDBOOK = b"# Refunds\n\nA refund is granted within 30 days of the purchase.\n"
MENU = "<html><script>var refunds</script><h1>Menu</h1><p>Café crème and cake</p></html>".encode()


def uploaded(client: openai.OpenAI, name: str, content: bytes) -> str:
    return client.files.create(file=(name, content), purpose="assistants").id


def settled(read: Callable[[], Any]) -> Any:
    """Read until nothing is in progress, for at most 20 seconds."""
    for _ in range(1_000):
        found = read()
        if found.status != "in_progress":
            return found
        time.sleep(0.02)
    pytest.fail("still in progress after 20 seconds")


def indexed(client: openai.OpenAI, **body: Any) -> Any:
    made = client.vector_stores.create(**body)
    return settled(lambda: client.vector_stores.retrieve(made.id))


def word_document(text: str) -> bytes:
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    paragraph = f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
    body = f'<w:document xmlns:w="{namespace}"><w:body>{paragraph}</w:body></w:document>'
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("word/document.xml", body)
    return target.getvalue()


def pdf_document(text: str) -> bytes:
    """Write the smallest PDF that shows a line of text."""
    stream = f"BT /F1 12 Tf 10 100 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    document = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(document))
        document += b"%d 0 obj%b endobj\n" % (number, content)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return document + table + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(document)


def test_a_vector_store_comes_back_with_what_it_was_made_of(client: openai.OpenAI) -> None:
    file = uploaded(client, "handbook.md", HANDBOOK)

    store = indexed(
        client,
        name="Handbook",
        description="What we do",
        file_ids=[file],
        metadata={"team": "support"},
        expires_after={"anchor": "last_active_at", "days": 7},
    )

    assert (store.name, store.status, store.metadata) == ("Handbook", "completed", {"team": "support"})
    assert store.file_counts.to_dict() == {
        "in_progress": 0, "completed": 1, "failed": 0, "cancelled": 0, "total": 1,
    }  # fmt: skip
    assert store.expires_at == store.last_active_at + 7 * 86_400
    assert store.usage_bytes > 0


def test_a_file_without_text_fails_alone(client: openai.OpenAI) -> None:
    good = uploaded(client, "handbook.md", HANDBOOK)
    bad = uploaded(client, "photo.jpg", b"\xff\xd8\xff\x00\x01")

    store = indexed(client, file_ids=[good, bad])

    failed = client.vector_stores.files.retrieve(bad, vector_store_id=store.id)
    assert (store.status, store.file_counts.completed, store.file_counts.failed) == ("completed", 1, 1)
    assert failed.status == "failed"
    assert failed.last_error is not None
    assert failed.last_error.code == "unsupported_file"
    assert [one.id for one in client.vector_stores.files.list(store.id, filter="failed")] == [bad]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", b"\xef\xbb\xbfThe unicorn clause"),
        ("a.txt", "The unicorn clause".encode("utf-16")),
        ("a.html", b"<p>The <b>unicorn</b> clause</p>"),
        ("a.docx", word_document("The unicorn clause")),
        ("a.pdf", pdf_document("The unicorn clause")),
    ],
    ids=["UTF-8", "UTF-16", "HTML", "Word", "PDF"],
)
def test_text_is_found_in_every_kind_of_file(client: openai.OpenAI, name: str, content: bytes) -> None:
    store = indexed(client, file_ids=[uploaded(client, name, content)])

    (found,) = client.vector_stores.search(store.id, query="unicorns")

    assert found.content[0].text == "The unicorn clause"


@pytest.mark.parametrize("name", ["a.docx", "a.pdf"])
def test_a_damaged_document_fails_with_a_reason(client: openai.OpenAI, name: str) -> None:
    file = uploaded(client, name, b"%PDF-1.4 not really")

    store = indexed(client, file_ids=[file])

    failed = client.vector_stores.files.retrieve(file, vector_store_id=store.id)
    assert failed.last_error is not None
    assert failed.last_error.code in {"invalid_file", "unsupported_file"}


def test_a_search_finds_words_and_ranks_by_them(client: openai.OpenAI) -> None:
    handbook = uploaded(client, "handbook.md", HANDBOOK)
    menu = uploaded(client, "menu.html", MENU)
    store = indexed(client, file_ids=[handbook, menu])

    def found(query: Any, **options: Any) -> list[str]:
        return [one.file_id for one in client.vector_stores.search(store.id, query=query, **options)]

    assert found("refund purchase cake") == [handbook, menu]
    assert found(["creme", "cafe"]) == [menu]
    assert found("refund purchase cake", max_num_results=1) == [handbook]
    assert found("refund purchase cake", ranking_options={"score_threshold": 0.5}) == [handbook]
    assert found('zebra" OR refund') == [handbook]
    assert found("NEAR( *") == []
    assert found("…") == []


def test_filters_look_at_attributes(client: openai.OpenAI) -> None:
    ids = [uploaded(client, f"{number}.txt", b"the same words") for number in range(3)]
    store = client.vector_stores.create()
    for number, file in enumerate(ids):
        client.vector_stores.files.create(
            store.id, file_id=file, attributes={"number": number, "kind": "odd" if number % 2 else "even"}
        )
    settled(lambda: client.vector_stores.retrieve(store.id))

    def found(wanted: Any) -> set[int]:
        page = client.vector_stores.search(store.id, query="words", filters=wanted)
        return {ids.index(one.file_id) for one in page}

    def comparison(kind: str, key: str, value: Any) -> dict[str, Any]:
        return {"type": kind, "key": key, "value": value}

    assert found(comparison("eq", "kind", "even")) == {0, 2}
    assert found(comparison("ne", "kind", "even")) == {1}
    assert found(comparison("gte", "number", 1)) == {1, 2}
    assert found(comparison("lt", "number", 1)) == {0}
    assert found(comparison("in", "number", [0, 1])) == {0, 1}
    assert found(comparison("nin", "number", [0, 1])) == {2}
    assert found(comparison("gt", "kind", 1)) == set()
    assert found(comparison("eq", "absent", 1)) == set()
    either = {"type": "or", "filters": [comparison("eq", "number", 0), comparison("eq", "number", 1)]}
    assert found({"type": "and", "filters": [either, comparison("eq", "kind", "odd")]}) == {1}


def test_attributes_are_replaced(client: openai.OpenAI) -> None:
    file = uploaded(client, "a.txt", b"words")
    store = client.vector_stores.create(file_ids=[file])

    changed = client.vector_stores.files.update(
        file, vector_store_id=store.id, attributes={"a": True, "b": 1.5}
    )

    assert changed.attributes == {"a": True, "b": 1.5}


def test_the_text_is_cut_as_the_strategy_says(client: openai.OpenAI) -> None:
    words = " ".join(f"word{number}" for number in range(500))
    file = uploaded(client, "a.txt", words.encode())
    static: Any = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 50}}
    store = indexed(client, file_ids=[file], chunking_strategy=static)

    pieces = [one.text or "" for one in client.vector_stores.files.content(file, vector_store_id=store.id)]

    kept = client.vector_stores.files.retrieve(file, vector_store_id=store.id)
    assert kept.to_dict()["chunking_strategy"] == static
    assert max(map(len, pieces)) <= 400
    assert len(pieces) > 10
    assert {word for piece in pieces for word in piece.split()} >= set(words.split())


def test_a_batch_tells_how_far_it_is(client: openai.OpenAI) -> None:
    files = [uploaded(client, f"{number}.txt", b"words") for number in range(3)]
    store = client.vector_stores.create()

    made = client.vector_stores.file_batches.create(store.id, file_ids=files, attributes={"a": "b"})
    done = settled(lambda: client.vector_stores.file_batches.retrieve(made.id, vector_store_id=store.id))

    listed = client.vector_stores.file_batches.list_files(made.id, vector_store_id=store.id, order="asc")
    assert (made.status, made.file_counts.total) == ("in_progress", 3)
    assert (done.status, done.file_counts.completed) == ("completed", 3)
    assert [(one.id, one.attributes) for one in listed] == [(file, {"a": "b"}) for file in files]


def test_a_cancelled_batch_indexes_no_more(client: openai.OpenAI) -> None:
    big = b"some words to be cut into pieces " * 300_000
    files = [uploaded(client, f"{number}.txt", big) for number in range(3)]
    store = client.vector_stores.create()
    made = client.vector_stores.file_batches.create(store.id, file_ids=files)

    cancelled = client.vector_stores.file_batches.cancel(made.id, vector_store_id=store.id)

    assert cancelled.status == "cancelled"
    assert cancelled.file_counts.in_progress == 0
    assert cancelled.file_counts.cancelled >= 1
    assert client.vector_stores.retrieve(store.id).status == "completed"


def test_a_store_is_modified_in_place(client: openai.OpenAI) -> None:
    made = client.vector_stores.create(name="a", metadata={"a": "b"})

    client.vector_stores.update(made.id, name="b")
    changed = client.vector_stores.update(made.id, expires_after={"anchor": "last_active_at", "days": 1})

    assert (changed.name, changed.metadata) == ("b", {"a": "b"})
    assert changed.expires_after is not None
    assert changed.expires_after.days == 1


def test_a_file_leaves_a_store_and_stays_a_file(client: openai.OpenAI) -> None:
    file = uploaded(client, "a.txt", b"words")
    store = indexed(client, file_ids=[file])

    assert client.vector_stores.files.delete(file, vector_store_id=store.id).deleted
    assert client.vector_stores.search(store.id, query="words").data == []
    with pytest.raises(openai.NotFoundError, match=file):
        client.vector_stores.files.retrieve(file, vector_store_id=store.id)
    assert client.files.retrieve(file).id == file


def test_a_deleted_store_is_not_found(client: openai.OpenAI) -> None:
    store = client.vector_stores.create(name="short-lived")

    assert store.id in [one.id for one in client.vector_stores.list(limit=1)]
    assert client.vector_stores.delete(store.id).deleted
    with pytest.raises(openai.NotFoundError, match=f"Vector store with id '{store.id}' not found"):
        client.vector_stores.retrieve(store.id)


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"file_ids": ["file-none"]}, 400, "file_ids[0]"),
        ({"file_ids": ["f"] * 501}, 400, "file_ids"),
        ({"expires_after": {"anchor": "last_active_at", "days": 0}}, 400, "expires_after.days"),
        ({"expires_after": {"anchor": "created_at", "days": 1}}, 400, "expires_after.anchor"),
        ({"chunking_strategy": {"type": "other"}}, 400, "chunking_strategy.type"),
        (
            {
                "chunking_strategy": {
                    "type": "static",
                    "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 51},
                }
            },
            400,
            "chunking_strategy.static.chunk_overlap_tokens",
        ),
        ({"files": []}, 400, "files"),
    ],
)
def test_a_wrong_store_is_refused_with_the_path(
    client: openai.OpenAI, body: dict[str, Any], status: int, param: str
) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        client.post("/vector_stores", cast_to=object, body=body)

    assert (refused.value.status_code, refused.value.param) == (status, param)


@pytest.mark.parametrize(
    ("wanted", "param"),
    [
        ({"type": {}, "filters": []}, "filters.filters"),
        ({"type": "near", "key": "a", "value": 1}, "filters.type"),
        ({"type": "eq", "key": "a", "value": [1]}, "filters.value"),
        ({"type": "in", "key": "a", "value": 1}, "filters.value"),
        ({"type": "and", "filters": [{"type": "eq", "key": 1, "value": 1}]}, "filters.filters[0].key"),
    ],
)
def test_a_wrong_filter_is_refused_with_the_path(client: openai.OpenAI, wanted: Any, param: str) -> None:
    store = client.vector_stores.create()

    with pytest.raises(openai.BadRequestError) as refused:
        client.vector_stores.search(store.id, query="words", filters=wanted)

    assert refused.value.param == param


def test_a_store_that_was_not_used_for_its_days_is_expired_and_can_not_be_searched(tmp_path: Path) -> None:
    database = tmp_path / "threads.db"
    process, url = started(database)
    try:
        with openai.OpenAI(base_url=url, api_key="unused", max_retries=0) as sdk:
            made = sdk.vector_stores.create(expires_after={"anchor": "last_active_at", "days": 1})
            before = sdk.vector_stores.retrieve(made.id).status
            with sqlite3.connect(database, timeout=10) as db:
                db.execute("UPDATE vector_stores SET last_active_at = last_active_at - 86400")
            db.close()
            after = sdk.vector_stores.retrieve(made.id).status
            with pytest.raises(openai.BadRequestError, match="has expired") as refused:
                sdk.vector_stores.search(made.id, query="anything")
            shown = httpx2.get(f"{url.removesuffix('/v1')}/vector_stores/{made.id}?q=anything").text
            # Whoever uses it again makes it last again.
            revived = sdk.vector_stores.update(made.id, name="Used again").status
    finally:
        stopped(process)

    assert (before, after, revived) == ("completed", "expired", "completed")
    assert refused.value.code == "vector_store_expired"
    assert "An expired vector store can&#x27;t be searched." in shown
