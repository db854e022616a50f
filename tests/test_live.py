"""`make live`: what an API answers beside what is assumed; nothing stays there, and no key is shown."""

import json
import os
import pty
import select
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from provider_shim.contract.limits import ITEMS_PER_CALL, METADATA_PAIRS
from tests.support.environment import ROOT
from tests.support.faulty import Fault, Seen
from tests.support.openai_process import answering

KEY = "sk-live-canary-0123456789"
TABLES = ("conversations", "items", "files", "vector_stores")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "scripts.live", *arguments]


def environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")} | more


def live(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def left(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as db:
        counts = {
            name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - ours
            for name in TABLES
        }
    return {name: count for name, count in counts.items() if count}


def test_the_embedded_api_agrees_with_all_that_is_assumed() -> None:
    done = live("--base-url", "sqlite:")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 that differ" in done.stdout
    assert f"| at most {METADATA_PAIRS} |" in done.stdout
    assert f"| at most {ITEMS_PER_CALL} |" in done.stdout
    assert "DIFFERS" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "key", "said"),
    [
        ([], {"OPENAI_API_KEY": KEY}, "Nobody is there to agree: give --yes"),
        (["--yes"], {}, "Set OPENAI_API_KEY"),
        (["--yes"], {"OPENAI_API_KEY": f"{KEY}\n"}, "OPENAI_API_KEY"),
        (["--yes", "--base-url", "http://elsewhere.example/v1"], {"OPENAI_API_KEY": KEY}, "unencrypted"),
        (
            ["--yes"],
            {"OPENAI_API_KEY": KEY, "HTTPS_PROXY": "http://proxy:99999"},
            "HTTPS_PROXY is not a URL (Port out of range 0-65535)",
        ),
        (["--yes"], {"OPENAI_API_KEY": KEY, "SSL_CERT_FILE": "/no/ca.pem"}, "SSL_CERT_FILE is '/no/ca.pem'"),
        (["--base-url", "sqlite:/no/folder/live.db"], {}, "the folder /no/folder does not exist"),
    ],
)
def test_nothing_is_asked_without_a_key_and_somebody_who_agrees(
    arguments: list[str], key: dict[str, str], said: str
) -> None:
    done = live(*arguments, **key)

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert KEY not in done.stdout + done.stderr


def test_what_differs_is_told_with_status_1_and_all_is_deleted(tmp_path: Path) -> None:
    def decide(request: Seen, _number: int) -> Fault | None:
        # As of a gateway that lost its back end, and repeats the key.
        if request.method == "GET" and "conv_0000" in request.path:
            text = f"Not Found {'x' * 60} {KEY}"  # cut in the middle of the key
            return Fault(status=404, body=json.dumps({"error": {"message": text}}))
        return None

    with answering(tmp_path / "api.db", decide) as server:
        done = live("--base-url", server.url, OPENAI_API_KEY=KEY)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "| DIFFERS | a conversation that never was | 404 : Not Found" in done.stdout
    assert "1 that differ" in done.stdout
    assert "NOT DELETED" not in done.stdout
    assert KEY[:10] not in done.stdout + done.stderr
    assert left(tmp_path / "api.db") == {}


@pytest.mark.parametrize("key", [b"\x03", b"\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_ctrl_c_or_d_at_the_question_is_a_no(key: bytes) -> None:
    # A test's worker has threads: between fork and exec as little as can be is done. It may ignore SIGINT.
    arguments, surroundings = command(), environment(OPENAI_API_KEY=KEY)
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(ROOT)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.execve(sys.executable, arguments, surroundings)  # noqa: S606 - this Python
    said = b""
    with suppress(OSError):  # Linux says so where the other end is closed
        while True:
            # A key that comes before the question is waited for is pressed once more, as a person does.
            if said.endswith(b"[y/N] "):  # it may come in parts
                os.write(terminal, key)
            if select.select([terminal], [], [], 2)[0]:
                part = os.read(terminal, 4096)
                if not part:
                    break
                said += part
    os.close(terminal)

    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 2
    assert b"[y/N]" in said
    assert b"Traceback" not in said


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/conversations", {"id": None}),
        ("/items", {"object": "list", "data": []}),
        ("/items", {"object": "list", "data": ["msg_1"]}),
        ("/items", []),
    ],
)
def test_an_answer_of_another_shape_is_told_and_all_is_deleted(
    path: str, body: object, tmp_path: Path
) -> None:
    def decide(request: Seen, _number: int) -> Fault | None:
        strange = request.method == "POST" and request.path.endswith(path)
        return Fault(status=200, body=json.dumps(body)) if strange else None

    with answering(tmp_path / "api.db", decide) as server:
        done = live("--base-url", server.url)

    assert done.returncode == 1
    assert "An answer has another shape than any that is known" in done.stdout
    assert "Traceback" not in done.stderr
    assert left(tmp_path / "api.db") == {}


@pytest.mark.parametrize("keys", [1, 2])
def test_ctrl_c_leaves_nothing_at_the_api(tmp_path: Path, keys: int) -> None:
    slow = Fault(then="late", commit=True, seconds=0.5)
    process: subprocess.Popen[str] | None = None

    def decide(request: Seen, number: int) -> Fault | None:
        if number == 6 and process is not None:
            process.send_signal(signal.SIGINT)
        if number == 7 and process is not None and keys == 2:
            process.send_signal(signal.SIGINT)
        return slow if request.method != "GET" and number >= 6 else None

    with answering(tmp_path / "api.db", decide) as server:
        process = subprocess.Popen(
            command("--base-url", server.url),
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "Interrupted: not all was asked." in said
    assert "NOT DELETED" not in said
    assert any(each.method == "DELETE" for each in server.seen)
    assert left(tmp_path / "api.db") == {}
