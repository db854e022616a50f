"""``openai-thread export`` and ``seed``: threads out of an API, into a file, and back."""

import asyncio
import json
import sqlite3
import stat
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
import pytest

from provider_shim.local.app import create_app
from provider_shim.local.server import Server
from tests.support.engines import served
from tests.support.environment import BIN, clean

ITEMS: list[dict[str, Any]] = [
    {"role": "developer", "content": "Be brief.", "type": "message"},
    {
        "type": "message",
        "role": "user",
        "content": [
            {"type": "input_text", "text": "Zwei Teile:\n\u2028 ✓"},
            {"type": "input_file", "file_id": "file-1", "filename": "a.md"},
            {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "low"},
        ],
    },
    {"type": "function_call", "call_id": "c1", "name": "find", "arguments": '{"n": 1}'},
    {"type": "function_call_output", "call_id": "c1", "output": "found"},
    {
        "type": "message",
        "role": "assistant",
        "phase": "final_answer",
        "content": [
            {
                "type": "output_text",
                "text": "Within 30 days.",
                "annotations": [{"type": "file_citation", "file_id": "f", "filename": "a.md", "index": 3}],
            }
        ],
    },
    {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
    {
        "type": "file_search_call",
        "id": "fs_1",
        "status": "completed",
        "queries": ["a"],
        "results": [{"file_id": "f", "filename": "a.md", "text": "t", "score": 0.5}],
    },
]
MANY = 147


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "openai-thread", *arguments],
        env=clean(environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def in_database(database: Path, use: Callable[[openai.AsyncOpenAI], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        app = create_app(database)
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app)) as http:
            sdk = openai.AsyncOpenAI(base_url="http://embedded/v1", api_key="none", http_client=http)
            result = await use(sdk)
        app.state.store.close()
        return result

    return asyncio.run(main())


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "threads.db"


@pytest.fixture
def conversation(database: Path) -> str:
    async def use(sdk: openai.AsyncOpenAI) -> str:
        items: Any = ITEMS
        made = await sdk.conversations.create(metadata={"team": "support"}, items=items)
        said: list[Any] = [{"role": "user", "content": f"Message {number}"} for number in range(MANY)]
        for start in range(0, MANY, 20):
            await sdk.conversations.items.create(made.id, items=said[start : start + 20])
        return made.id

    made: str = in_database(database, use)
    return made


def content(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a transcript without what differs between two threads with the same content."""
    lines = [json.loads(line) for line in path.read_text().splitlines() if line]
    return [
        {name: value for name, value in line.items() if name not in {"id", "created_at"}} for line in lines
    ]


def test_what_was_exported_is_seeded_and_exported_the_same(
    database: Path, conversation: str, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    url = f"sqlite:{database}"

    exported = run("export", conversation, "--to", str(first), "--base-url", url)
    with Server(tmp_path / "other.db") as other:
        seeded = run("seed", str(first), "--base-url", other.base_url)
        made = seeded.stdout.split()[2]
        again = run("export", made, "--to", str(second), "--base-url", other.base_url)

    assert exported.stdout == f"{first}: 1 thread, {len(ITEMS) + MANY} items\n"
    assert (seeded.returncode, seeded.stderr, again.returncode) == (0, "", 0)
    assert seeded.stdout == f"{conversation} -> {made}  {len(ITEMS) + MANY} items\n"
    assert made != conversation
    assert content(second) == content(first)
    assert content(first)[0] == {"type": "thread", "api": "conversations", "metadata": {"team": "support"}}
    assert [line.get("content") for line in content(first)[-MANY:]] == [f"Message {n}" for n in range(MANY)]
    assert content(first)[2]["parts"] == [
        {"type": "text", "text": "Zwei Teile:\n\u2028 ✓"},
        {"type": "file", "file_id": "file-1", "filename": "a.md"},
        {"type": "image", "image_url": "https://example.com/a.png", "detail": "low"},
    ]
    assert content(first)[7]["item"]["results"][0]["filename"] == "a.md"
    assert stat.S_IMODE(first.stat().st_mode) == 0o600


def test_a_thread_of_threads_becomes_a_conversation(database: Path, tmp_path: Path) -> None:
    async def use(sdk: openai.AsyncOpenAI) -> str:
        made = await sdk.post(
            "/threads",
            cast_to=object,
            body={
                "metadata": {"team": "support"},
                "messages": [
                    {"role": "user", "content": "Hello", "metadata": {"a": "b"}},
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "See this"},
                            {"type": "image_file", "image_file": {"file_id": "file-1"}},
                        ],
                        "attachments": [{"file_id": "file-2", "tools": [{"type": "file_search"}]}],
                    },
                    {"role": "assistant", "content": "I see."},
                ],
            },
        )
        return str(dict(made)["id"])  # type: ignore[call-overload]

    thread = in_database(database, use)
    url = f"sqlite:{database}"
    written, moved, kept = (tmp_path / name for name in ("threads.jsonl", "moved.jsonl", "kept.jsonl"))

    run("export", thread, "--to", str(written), "--base-url", url)
    same = run("seed", str(written), "--api", "threads", "--base-url", url)
    run("export", same.stdout.split()[2], "--to", str(kept), "--base-url", url)
    conversation = run("seed", str(written), "--base-url", url)
    run("export", conversation.stdout.split()[2], "--to", str(moved), "--base-url", url)

    assert content(kept) == content(written)
    assert content(written)[1] == {
        "type": "message", "role": "user", "content": "Hello", "metadata": {"a": "b"}
    }  # fmt: skip
    assert conversation.stderr == (
        "Not kept by /conversations: metadata of a message (1).\n"
        "Not kept by /conversations: tools of attachments (1).\n"
    )
    assert content(moved)[1:] == [
        {"type": "message", "role": "user", "content": "Hello"},
        {
            "type": "message",
            "role": "user",
            "parts": [
                {"type": "text", "text": "See this"},
                {"type": "image", "file_id": "file-1"},
                {"type": "file", "file_id": "file-2"},
            ],
        },
        {"type": "message", "role": "assistant", "content": "I see."},
    ]


def test_what_threads_can_not_keep_is_said(database: Path, conversation: str, tmp_path: Path) -> None:
    written = tmp_path / "first.jsonl"
    run("export", conversation, "--to", str(written), "--base-url", f"sqlite:{database}")

    seeded = run("seed", str(written), "--api", "threads", "--base-url", f"sqlite:{database}")

    with sqlite3.connect(database) as db:
        origins = db.execute(
            "SELECT DISTINCT origin FROM threads UNION SELECT origin FROM messages"
        ).fetchall()
    db.close()

    assert seeded.returncode == 0
    assert origins == [(None,)]
    assert "Not kept by /threads: items of the type function_call (1).\n" in seeded.stderr
    assert "messages of the role developer (1)" in seeded.stderr


def test_an_image_of_a_conversation_gets_the_detail_that_threads_have(database: Path, tmp_path: Path) -> None:
    image = {"type": "image", "image_url": "https://example.com/a.png", "detail": "original"}
    lines = [{"type": "thread", "id": "conv_1"}, {"type": "message", "role": "user", "parts": [image]}]
    written = tmp_path / "one.jsonl"
    written.write_text("\n".join(map(json.dumps, lines)))

    seeded = run("seed", str(written), "--api", "threads", "--base-url", f"sqlite:{database}")

    assert (seeded.returncode, seeded.stderr) == (
        0,
        "Not kept by /threads: the detail original of an image (1).\n",
    )


def test_a_thread_that_is_not_there_leaves_no_file(database: Path, conversation: str, tmp_path: Path) -> None:
    written = tmp_path / "first.jsonl"
    written.write_text("as it was")

    done = run("export", conversation, "conv_0", "--to", str(written), "--base-url", f"sqlite:{database}")

    assert done.returncode == 1
    assert "conv_0" in done.stderr
    assert "Traceback" not in done.stderr
    assert written.read_text() == "as it was"
    assert sorted(path.name for path in tmp_path.glob("*jsonl*")) == ["first.jsonl"]


def test_an_interrupted_seed_names_what_it_has_made(
    database: Path, conversation: str, tmp_path: Path
) -> None:
    written = tmp_path / "first.jsonl"
    run("export", conversation, "--to", str(written), "--base-url", f"sqlite:{database}")
    with Server(tmp_path / "other.db") as other:
        other.fail_next(400, path="/conversations/*/items", message="No more.")

        done = run("seed", str(written), "--base-url", other.base_url)

    assert done.returncode == 1
    assert f"has 0 of {len(ITEMS) + MANY} items." in done.stderr
    assert "conv_" in done.stderr
    assert "No more." in done.stderr


def test_a_gateway_gets_its_header_and_a_server_in_the_own_network_is_reached(
    database: Path, conversation: str
) -> None:
    app = create_app(database)
    seen: list[bytes | None] = []

    async def network(scope: Any, receive: Any, send: Any) -> None:
        """Stand for the gateway, whose name is nobody's, as the proxy on the way to it."""
        if scope["type"] == "http":
            seen.append(dict(scope["headers"]).get(b"x-gateway-key"))
            path = urlsplit(scope["path"]).path
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await app(scope, receive, send)

    with served(network) as url:
        place = ["--base-url", "http://gateway.example/v1", "--header", "x-gateway-key=GATEWAY_KEY"]
        environment = {"GATEWAY_KEY": "s3cret", "HTTP_PROXY": url.removesuffix("/v1")}
        refused = run("export", conversation, *place, **environment)
        done = run("export", conversation, *place, "--allow-http", "--query", "trace=", **environment)
    app.state.store.close()

    assert (refused.returncode, done.returncode, done.stderr) == (1, 0, "")
    assert len(done.stdout.splitlines()) == 1 + len(ITEMS) + MANY
    assert set(seen) == {b"s3cret"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "conv_1", "--base-url", "sqlite:none.db"], "there is no database"),
        (["export", "conv_1", "--base-url", "ftp://x"], "Allowed: https://HOST/v1"),
        (["seed", "none.jsonl", "--base-url", "sqlite:x.db"], "none.jsonl: No such file"),
        (["export", "conv_1", "--base-url", "sqlite:x.db", "--query", "a"], "Allowed: NAME=VALUE"),
        (["export", "conv_1", "--base-url", "http://llm.example/v1"], "Use https://, or add --allow-http"),
        (["export", "conv_1", "--base-url", "sqlite:x.db", "--header", "a"], "Allowed: NAME=VARIABLE"),
        (["export", "conv_1", "--base-url", "sqlite:x.db", "--header", "a=NONE"], "NONE', which is not set"),
        (["export", "c_1", "--base-url", "sqlite:x.db", "--header", "a b=HOME"], "the name 'a b'. Allowed"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "x.db").touch()
    done = subprocess.run(
        [BIN / "openai-thread", *arguments],
        cwd=tmp_path,
        env=clean({}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(f"openai-thread {arguments[0]}: ")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
