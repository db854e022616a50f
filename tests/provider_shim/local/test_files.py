"""``/files``, through the SDK and by hand where the SDK can't send what is wrong."""

import http.client
import sqlite3
import time
from pathlib import Path

import httpx2
import openai
import pytest

from provider_shim.contract.limits import FILE_BYTES
from tests.support.embedded_server import started, stopped


def test_a_file_comes_back_byte_for_byte(client: openai.OpenAI) -> None:
    content = bytes(range(256)) * 20_000

    made = client.files.create(file=("dump.bin", content), purpose="user_data")

    assert (made.filename, made.bytes, made.purpose) == ("dump.bin", len(content), "user_data")
    assert client.files.retrieve(made.id) == made
    assert client.files.content(made.id).content == content


def test_only_the_last_part_of_a_path_is_the_name(client: openai.OpenAI) -> None:
    made = client.files.create(file=("../../etc/passwd", b"x"), purpose="assistants")

    assert made.filename == "passwd"


@pytest.mark.parametrize(
    "name",
    [
        'the "new" one.txt',
        "tab\tx.txt",
        "two\r\nlines.txt",
        "back\\slash.txt",
        "100%25 x%20.txt",
        "Größe 大.txt",
    ],
)
def test_a_name_is_kept_as_it_was_given(client: openai.OpenAI, name: str) -> None:
    made = client.files.create(file=(name, b"x"), purpose="assistants")

    assert made.filename == name
    assert client.files.content(made.id).content == b"x"


def test_files_are_listed_newest_first_by_purpose(client: openai.OpenAI) -> None:
    made = [client.files.create(file=(f"{number}.jsonl", b"{}"), purpose="batch") for number in range(3)]

    listed = list(client.files.list(purpose="batch", limit=2))

    assert [file.id for file in listed] == [file.id for file in reversed(made)]
    assert client.files.list(purpose="fine-tune").data == []


def test_expiry_is_counted_from_the_upload(client: openai.OpenAI) -> None:
    made = client.files.create(
        file=("a.txt", b"a"), purpose="assistants", expires_after={"anchor": "created_at", "seconds": 3600}
    )

    assert made.expires_at == made.created_at + 3600


def test_an_expired_file_is_gone_and_its_content_is_removed(tmp_path: Path) -> None:
    database = tmp_path / "threads.db"
    process, url = started(database)
    try:
        with httpx2.Client() as transport:
            sdk = openai.OpenAI(base_url=url, api_key="unused", max_retries=0, http_client=transport)
            made = sdk.files.create(file=("a.txt", b"a"), purpose="assistants")
            with sqlite3.connect(database, timeout=10) as db:
                db.execute("UPDATE files SET expires_at = ?", (int(time.time()) - 1,))
            db.close()

            with pytest.raises(openai.NotFoundError, match=made.id):
                sdk.files.retrieve(made.id)
            assert sdk.files.list().data == []
            later = sdk.files.create(file=("b.txt", b"b"), purpose="assistants")
            assert [path.name for path in tmp_path.joinpath("threads.db.files").iterdir()] == [later.id]
    finally:
        stopped(process)


def test_a_deleted_file_is_gone_everywhere(client: openai.OpenAI) -> None:
    made = client.files.create(file=("a.txt", b"some words"), purpose="assistants")
    store = client.vector_stores.create(file_ids=[made.id])

    assert client.files.delete(made.id).deleted
    for call in (client.files.retrieve, client.files.content, client.files.delete):
        with pytest.raises(openai.NotFoundError, match=f"No such File object: {made.id}"):
            call(made.id)
    assert client.vector_stores.retrieve(store.id).file_counts.total == 0


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "purpose"),
        ({"purpose": "fun"}, "purpose"),
        ({"purpose": "vision", "colour": "red"}, "colour"),
        ({"purpose": "vision", "expires_after[seconds]": "3600"}, "expires_after.anchor"),
        (
            {"purpose": "vision", "expires_after[anchor]": "created_at", "expires_after[seconds]": "1"},
            "expires_after.seconds",
        ),
        (
            {"purpose": "vision", "expires_after[anchor]": "created_at", "expires_after[seconds]": "x"},
            "expires_after.seconds",
        ),
        ({"purpose": "vision", "expires_after": "x", "expires_after[seconds]": "3600"}, "expires_after"),
    ],
)
def test_wrong_fields_of_an_upload_are_refused(base_url: str, fields: dict[str, str], param: str) -> None:
    answer = httpx2.post(f"{base_url}/files", data=fields, files={"file": ("a.txt", b"a")})

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b"--y\r\n"),
        ("multipart/form-data; boundary=x", b"--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\na\r\n--x--',
        ),
    ],
    ids=["no multipart", "no boundary", "another boundary", "nothing in it", "no file name"],
)
def test_a_malformed_upload_is_refused(base_url: str, content_type: str, body: bytes) -> None:
    answer = httpx2.post(f"{base_url}/files", content=body, headers={"content-type": content_type})

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_refused_upload_leaves_nothing_behind(tmp_path: Path) -> None:
    process, url = started(tmp_path / "threads.db")
    try:
        answer = httpx2.post(f"{url}/files", data={"purpose": "fun"}, files={"file": ("a.txt", b"a")})
    finally:
        stopped(process)

    assert answer.status_code == 400
    assert list(tmp_path.joinpath("threads.db.files").iterdir()) == []


def test_a_field_beyond_bounds_is_refused_before_it_is_read(base_url: str) -> None:
    answer = httpx2.post(
        f"{base_url}/files", data={"purpose": "x" * 1_000_000}, files={"file": ("a.txt", b"a")}
    )

    assert answer.status_code == 413


def test_a_file_announced_larger_than_the_limit_is_refused(base_url: str) -> None:
    port = int(base_url.rpartition(":")[2].removesuffix("/v1"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest("POST", "/v1/files")
    connection.putheader("content-type", "multipart/form-data; boundary=x")
    connection.putheader("content-length", str(FILE_BYTES * 2))
    connection.endheaders()

    status = connection.getresponse().status
    connection.close()

    assert status == 413
