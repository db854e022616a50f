"""examples/team: one state in a real PostgreSQL, two deploys at once."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.cdktf_project import CdktfProject
from tests.support.command_line import run
from tests.support.environment import BIN, clean, engine
from tests.support.example import ExampleStack, copied
from tests.support.faulty import Fault, Seen
from tests.support.postgres import PASSWORD, postgres
from tests.support.served import ServedApi
from tests.support.threads import created

WAITING = "Acquiring state lock"
PATIENT = {f"TF_CLI_ARGS_{command}": "-lock-timeout=60s" for command in ("apply", "destroy")}


@pytest.fixture(scope="module")
def database_server() -> Iterator[Mapping[str, str]]:
    with postgres() as environment:
        yield environment


@pytest.fixture
def environment(database_server: Mapping[str, str], api: ServedApi) -> Mapping[str, str]:
    """Return what a member of the team has in the environment."""
    return {**database_server, **PATIENT, "OPENAI_BASE_URL": api.base_url, "OPENAI_API_KEY": "sk-of-the-team"}


class Running:
    """A command that runs while the test goes on; `said` is all it has printed so far."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.said = ""
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=clean(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.said += line

    def says(self, text: str) -> bool:
        """Wait until it has printed this; tell whether it has."""
        until = time.monotonic() + 60
        while text not in self.said and self._process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        return text in self.said

    def end(self) -> int:
        code = self._process.wait(120)
        self._reader.join()
        return code

    def kill(self) -> None:
        """Kill it and all that it started."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self.end()


@pytest.mark.cdktf
def test_the_second_of_two_deploys_waits_and_makes_only_what_the_first_has_not(
    tmp_path: Path, environment: Mapping[str, str], api: ServedApi
) -> None:
    ada, ben = (copied("team", tmp_path / name) for name in ("ada", "ben"))
    rooms = json.loads((ben / "rooms.json").read_text())
    (ben / "rooms.json").write_text(json.dumps({**rooms, "mail": "This room is for incidents of the mail."}))
    asked, ready = threading.Event(), threading.Event()

    def hold(_request: Seen, _number: int) -> None:
        asked.set()
        ready.wait(60)

    api.decide = hold
    for folder in (ada, ben):
        CdktfProject(folder)
    deploy = [str(BIN / "cdktf"), "deploy", "--auto-approve", "--outputs-file", "outputs.json"]
    first = Running(deploy, ada, environment)
    asked.wait(60)
    second = Running(deploy, ben, environment)
    waited = second.says(WAITING)
    ready.set()
    codes = first.end(), second.end()

    assert codes == (0, 0), first.said + second.said
    assert waited
    assert "1 added, 0 changed, 0 destroyed" in first.said
    assert "0 added, 1 changed, 0 destroyed" in second.said
    ids = json.loads((ben / "outputs.json").read_text())["incident_rooms"]["rooms_by_name"]
    assert created(api) == len(ids) == 4
    assert [api.database.messages(ids[room])[0][1] for room in rooms] == list(rooms.values())
    assert [orphans(folder, environment) for folder in (ada, ben)] == [
        f"Nothing is left. Journals in {folder}: 1.\n" for folder in (ada, ben)
    ]
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in written if PASSWORD.encode() in path.read_bytes()] == []
    untouched = ExampleStack(ben / "cdktf.out" / "stacks" / "incident_rooms", environment=environment)
    assert untouched.is_unchanged()
    untouched.destroy_untouched()


def orphans(folder: Path, environment: Mapping[str, str]) -> str:
    """Have what is left deleted; return what is said."""
    done = run("orphans", "--delete", cwd=folder, **environment)
    assert done.stderr == ""
    return done.stdout


def test_a_deploy_that_waits_takes_over_what_a_killed_one_has_made(
    tmp_path: Path, environment: Mapping[str, str], api: ServedApi
) -> None:
    project = CdktfProject(copied("team", tmp_path), environment=environment).synth()
    stack = project.stack("incident_rooms")
    stack.run("init", "-input=false")
    apply = [str(engine()), "apply", "-auto-approve"]
    api.fail("POST", "/items", Fault(commit=True, then="hang"))

    first = Running(apply, stack.folder, environment)
    until = time.monotonic() + 60
    while sum(each.path.endswith("/items") for each in api.seen) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    second = Running(apply, stack.folder, environment)
    waited = second.says(WAITING)
    api.heal()
    first.kill()
    code = second.end()
    ids = stack.outputs()["rooms_by_name"]

    without_database = orphans(project.folder, {**environment, "PGPORT": "1"})
    with_database = orphans(project.folder, environment)

    assert waited
    assert code == 0, second.said
    assert created(api) == len(ids) == 3
    assert {name: api.database.messages(id_) for name, id_ in ids.items()} == {
        name: [("assistant", text)]
        for name, text in json.loads((project.folder / "rooms.json").read_text()).items()
    }
    assert (
        without_database.count(
            "can't read it: dial tcp 127.0.0.1:1: connect: connection refused. "
            "Set what a deploy has in its environment.\n"
        )
        == 3
    )
    assert with_database == f"Nothing is left. Journals in {project.folder}: 1.\n"
    assert [orphans(project.folder, {})] == [f"Nothing is left. Journals in {project.folder}: 0.\n"]
