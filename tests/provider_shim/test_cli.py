"""The command line, as a person starts it."""

import os
import platform
import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import openai
import pytest
from openai import AuthenticationError, OpenAI

from provider_shim import __version__
from provider_shim.launcher.mirror import SOURCE, executable_name
from tests.support.command_line import ADDRESS, COMMAND, LINES, run, serving
from tests.support.environment import BIN, clean, engine

BLOCK = re.compile(r"^terraform \{\n.*?^\}\n", re.DOTALL | re.MULTILINE)


def test_each_command_is_in_the_help_and_has_its_own() -> None:
    overview = run("--help").stdout
    commands = re.findall(r"^    ([a-z]+) ", overview, re.MULTILINE)

    assert commands == ["install", "bundle", "serve", "orphans", "export", "seed", "graph", "doctor"]
    assert [run(command, "--help").returncode for command in commands] == [0] * len(commands)


def test_the_module_is_the_same_command_line() -> None:
    done = subprocess.run(
        [BIN / "python", "-m", "provider_shim", "--version"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0
    assert done.stdout == (
        f"cdktf-openai-thread {__version__}\n"
        f"Python {platform.python_version()}, {BIN / 'python'}\n"
        f"OpenAI SDK {openai.__version__}, {openai.__file__}\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "openai-thread: the following arguments are required: COMMAND. See openai-thread --help"),
        (
            ["serve"],
            (
                "openai-thread serve: the following arguments are required: --database. "
                "See openai-thread serve --help"
            ),
        ),
        (
            ["serve", "--database", "x.db", "--port", "65536"],
            (
                "openai-thread serve: argument --port: '65536' is no port. Allowed: 0 to 65535. "
                "See openai-thread serve --help"
            ),
        ),
        (["doctor", "--yaml"], "openai-thread: unrecognized arguments: --yaml. See openai-thread --help"),
    ],
)
def test_wrong_arguments_get_one_line(arguments: list[str], said: str) -> None:
    done = run(*arguments)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", said + "\n")


def test_terraform_finds_the_provider_after_install_with_the_block_that_it_prints(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "configuration"
    folder.mkdir()
    done = run("install", HOME=str(home))
    block = BLOCK.search(done.stdout)
    assert block is not None, done.stdout
    (folder / "main.tf").write_text(
        f'{block[0]}\nprovider "openai" {{\n  base_url = "sqlite:{tmp_path}/threads.db"\n}}\n'
        'resource "openai_thread" "one" {\n  metadata = { team = "support" }\n}\n'
    )
    said = [
        subprocess.run(
            [engine(), *arguments, "-no-color"],
            cwd=folder,
            env=clean({"HOME": str(home)}),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        for arguments in (["init"], ["apply", "-auto-approve"], ["plan", "-detailed-exitcode"])
    ]

    assert [each.returncode for each in said] == [0, 0, 0], "\n".join(each.stderr for each in said)
    assert f"Installed {SOURCE} v{__version__}" in said[0].stdout
    assert list((folder / ".terraform/providers").rglob(executable_name()))


def test_install_names_the_file_that_it_can_not_write(tmp_path: Path) -> None:
    (tmp_path / ".terraform.d").write_text("a file where a folder has to be")
    done = run("install", HOME=str(tmp_path))

    assert done.returncode == 1
    assert done.stderr.startswith(f"{tmp_path}/.terraform.d/plugins/")
    assert "Traceback" not in done.stderr


def test_the_openai_sdk_works_on_a_served_database_and_finds_it_again(tmp_path: Path) -> None:
    database = tmp_path / "threads.db"
    with serving("--database", str(database)) as (url, _), OpenAI(base_url=url, api_key="none") as client:
        made = client.conversations.create(metadata={"team": "support"})
    with serving("--database", str(database)) as (url, _), OpenAI(base_url=url, api_key="none") as client:
        found = client.conversations.retrieve(made.id)

    assert found.metadata == {"team": "support"}


def test_a_server_says_where_page_and_api_are(tmp_path: Path) -> None:
    database = str(tmp_path / "threads.db")
    with serving("--database", database) as (url, _):
        page = httpx2.get(urljoin(url, "/"))

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>Threads</h1>" in page.text
    assert f"<code>{url}</code>" in page.text


def test_a_server_says_what_it_holds_and_logs_each_request_without_its_text(tmp_path: Path) -> None:
    database = tmp_path / "threads.db"
    command = [str(COMMAND), "serve", "--port", "0", "--database", str(database)]
    process = subprocess.Popen(
        command, env=clean({}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = "".join(process.stdout.readline() for _ in range(LINES))
    url = ADDRESS.findall(said)[0]
    httpx2.post(f"{url}/responses", json={"input": "a word of mine"})
    httpx2.get(f"{url}/conversations/conv_%0Amine", params={"q": "a word of mine"})
    process.terminate()
    _, log = process.communicate(timeout=20)
    with serving("--database", str(database)) as (_, again):
        assert again.poll() is None

    assert "holds nothing yet: the file is new\n" in said
    assert "for   programs on this machine, without a key\n" in said
    assert "model echo" in said
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d POST /v1/responses 200 \d+ ms\n"
        r"\d\d:\d\d:\d\d GET /v1/conversations/conv_%0Amine 404 \d+ ms\n",
        log,
    )


def test_a_server_whose_output_nobody_reads_any_more_goes_on(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = f"{COMMAND} serve --database {tmp_path}/threads.db --port {port} 2>{tmp_path}/log | true"
    shell = subprocess.Popen(["sh", "-c", command], env=clean({}), start_new_session=True)
    try:
        until = time.monotonic() + 30
        answer = None
        while answer is None and time.monotonic() < until:
            try:
                answer = httpx2.get(f"http://127.0.0.1:{port}/v1/models")
            except httpx2.ConnectError:
                time.sleep(0.05)
    finally:
        os.killpg(shell.pid, signal.SIGTERM)
        shell.wait(20)

    assert answer is not None
    assert answer.status_code == 200
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_model_that_can_not_be_used_is_said_in_one_line(tmp_path: Path) -> None:
    done = run("serve", "--database", str(tmp_path / "threads.db"), "--model", "gpt-5")

    assert done.returncode == 1
    assert done.stderr.startswith('openai-thread serve: The model is "gpt-5". Allowed: "echo"')
    assert not (tmp_path / "threads.db").exists()


def test_a_server_ends_with_ctrl_c_and_says_nothing_about_it(tmp_path: Path) -> None:
    with serving("--database", str(tmp_path / "threads.db")) as (_, process):
        process.send_signal(signal.SIGINT)
        code = process.wait(20)
        assert process.stderr is not None
        said = process.stderr.read()

    assert code in (0, 130)
    assert said == ""


def test_a_server_with_a_key_answers_only_to_that_key(tmp_path: Path) -> None:
    key = "a-key-for-this-test"
    options = {"OPENAI_THREAD_SERVE_KEY": key}
    with serving("--database", str(tmp_path / "threads.db"), "--host", "0.0.0.0", **options) as (url, _):  # noqa: S104 - what is tested
        here = url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - as above
        with OpenAI(base_url=here, api_key=key) as client:
            made = client.conversations.create()
        with (
            OpenAI(base_url=here, api_key="another", max_retries=0) as stranger,
            pytest.raises(AuthenticationError),
        ):
            stranger.conversations.retrieve(made.id)


def test_other_machines_are_not_let_in_without_a_key(tmp_path: Path) -> None:
    done = run("serve", "--database", str(tmp_path / "threads.db"), "--host", "0.0.0.0")  # noqa: S104 - as above

    assert done.returncode == 1
    assert "so a key is needed" in done.stderr
    assert done.stderr.endswith("The key is taken from the environment variable OPENAI_THREAD_SERVE_KEY.\n")


def test_a_file_that_is_no_database_and_a_port_that_is_taken_get_a_sentence(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no database at all " * 100)
    unusable = run("serve", "--database", str(text), "--port", "0")
    with serving("--database", str(tmp_path / "threads.db")) as (url, _):
        port = url.split(":")[2].split("/")[0]
        taken = run("serve", "--database", str(tmp_path / "other.db"), "--port", port)

    assert (unusable.returncode, taken.returncode) == (1, 1)
    assert str(text) in unusable.stderr
    assert f"Can't listen on 127.0.0.1 port {port}: " in taken.stderr
    assert "Traceback" not in unusable.stderr + taken.stderr
