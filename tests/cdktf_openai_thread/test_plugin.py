"""The pytest plugin, in suites of its own: what it gives, and what it costs a suite without use for it."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.environment import BIN, clean, in_framework

SUITE = """
    import cdktf
    import openai
    import pytest
    from cdktf_openai_thread import OpenaiProvider, Thread


    def desk(greeting="Hello!") -> cdktf.TerraformStack:
        stack = cdktf.TerraformStack(cdktf.Testing.app(), "desk")
        OpenaiProvider(stack, "openai", base_url="sqlite:threads.db")
        Thread(stack, "support", metadata={"tier": "gold"}).say("assistant", greeting)
        return stack


    def test_an_application_talks_in_a_deployed_thread(
        openai_thread_deployed, openai_thread_client, openai_thread_script, openai_thread_server
    ):
        openai_thread_server.fail_next(429, retry_after=0)
        thread = openai_thread_deployed(desk())["support"]
        gold = {"metadata": {"tier": "gold"}, "message": "parcel"}
        openai_thread_script([{"when": gold, "text": "30 days."}])

        answer = openai_thread_client.responses.create(conversation=thread.id, input="My parcel?")

        again = openai_thread_deployed(desk("Hi!"))["support"]

        assert again.id != thread.id
        assert again.messages == [("assistant", "Hi!")]
        assert thread.messages == [("assistant", "Hello!")]
        assert answer.output_text == "30 days."
        assert [each.status for each in openai_thread_server.requests][:2] == [429, 200]


    @pytest.mark.parametrize("number", range(4))
    def test_an_application_finds_the_server_in_its_environment(openai_thread_environment, number):
        assert openai.OpenAI().responses.create(input=str(number)).output_text == f"You said: {number}"


    class TestModel:
        @pytest.fixture
        def openai_thread_model(self, tmp_path):
            path = tmp_path / "desk.yaml"
            path.write_text("answers: [{text: Read.}]")
            return str(path)

        def test_a_model_can_be_chosen(self, openai_thread_client):
            assert openai_thread_client.responses.create(input="Hi").output_text == "Read."


    def test_a_stack_is_as_it_was(openai_thread_snapshot):
        openai_thread_snapshot(desk())
"""
EMPTY = """
    def test_nothing():
        pass
"""


def suite(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_desk.py").write_text(in_framework(textwrap.dedent(program)))
    return subprocess.run(
        [BIN / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env=clean({"TERRAFORM_BINARY_NAME": str(BIN / "terraform")}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_suite_deploys_talks_and_fails_on_request_in_two_processes(tmp_path: Path) -> None:
    written = suite(tmp_path, SUITE, "-k", "as_it_was", "--openai-thread-update")
    done = suite(tmp_path, SUITE, "-n", "2")
    kept = (tmp_path / "__snapshots__/test_desk/test_a_stack_is_as_it_was.json").read_text()

    assert written.returncode == 0, written.stdout
    assert (done.returncode, "7 passed" in done.stdout) == (0, True), done.stdout
    assert '"base_url": "sqlite:(project)/threads.db"' in kept or '"base_url": "sqlite:(temporary)' in kept
    assert str(tmp_path) not in kept


def test_the_fixtures_are_listed_with_what_they_do(tmp_path: Path) -> None:
    listed = suite(tmp_path, EMPTY, "--fixtures").stdout

    for name in ("client", "deployed", "environment", "model", "script", "server", "snapshot"):
        assert f"\nopenai_thread_{name} -- " in listed


def test_the_plugin_loads_nothing_before_a_fixture_is_asked_for() -> None:
    program = (
        "import pytest, sys; before = set(sys.modules); import openai_thread_pytest;"
        " print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["openai_thread_pytest"]


def test_a_changed_stack_differs_from_its_snapshot_line_by_line(tmp_path: Path) -> None:
    import cdktf  # noqa: PLC0415 - starts Node, which most tests here have no use for

    from cdktf_openai_thread import Thread  # noqa: PLC0415 - as above
    from cdktf_openai_thread.testing import assert_snapshot  # noqa: PLC0415 - as above

    def stack(text: str) -> cdktf.TerraformStack:
        made = cdktf.TerraformStack(cdktf.Testing.app(), "desk")
        Thread(made, "support").say("user", text)
        return made

    path = tmp_path / "desk.json"
    with pytest.raises(AssertionError, match="Write it: pytest --openai-thread-update"):
        assert_snapshot(stack("Hello!"), path)
    assert_snapshot(stack("Hello!"), path, update=True)
    assert_snapshot(stack("Hello!"), path)
    with pytest.raises(AssertionError) as raised:
        assert_snapshot(stack("Hi!"), path)

    assert '-            "content": "Hello!",\n+            "content": "Hi!",' in str(raised.value)


@pytest.mark.parametrize("word", ["temporary", "home", "project"])
def test_a_snapshot_is_the_same_wherever_the_project_is(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cdktf  # noqa: PLC0415 - starts Node, which the other tests here have no use for

    from cdktf_openai_thread import OpenaiProvider  # noqa: PLC0415 - as above
    from cdktf_openai_thread.testing import snapshot  # noqa: PLC0415 - as above

    folder = tmp_path / word
    folder.mkdir()
    if word == "home":
        monkeypatch.setenv("HOME", str(folder))
    if word == "project":
        monkeypatch.chdir(folder)
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "desk")
    OpenaiProvider(stack, "openai", base_url=f"sqlite:{folder}/threads.db")

    assert str(tmp_path) not in snapshot(stack)
    assert '"version": "(any version)"' in snapshot(stack)
