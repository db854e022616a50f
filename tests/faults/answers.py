"""Random answers to every call of every resource and data source: none gets into a state, none loses a thing.

Hypothesis chooses how a server that differs from OpenAI's answers the calls of a create, of what is done with
the object, and of what follows when the server is well again. The provider is the real one, in a process of
its own. What no client could tell from the truth (another plausible id on a create, "deleted" for what is
not) is not among the answers.
"""

import gzip
import json
import multiprocessing
import os
import re
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import grpc
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from provider_shim.contract.identifiers import id_problem
from provider_shim.journal.journal import Journal
from provider_shim.terraform.values import UNKNOWN
from tests.faults.ground import TABLES, load, report
from tests.support.faulty import Fault, FaultyServer, Seen
from tests.support.hostile import Manners, hostile, tidied
from tests.support.memory import MOST_MIB, peak_mib
from tests.support.openai_process import OpenaiProcess, Reached, answering, running

SECONDS: Final = 3600.0
"""How long the script runs; ANSWERS_SECONDS in the environment says otherwise."""
WORKERS: Final = 2
"""Processes at a time; ANSWERS_WORKERS says otherwise."""
EXAMPLES: Final = 50
"""In a round; each round has a seed of its own."""
FEWEST: Final = 10
"""Lives that are tried however slow the machine is."""
ENOUGH: Final = 20
"""Findings after which nothing more is tried."""
JOURNAL: Final = ".openai-thread-journal.jsonl"
Json = dict[str, Any]

# --- what is answered -------------------------------------------------------------------

TEXTS = st.one_of(
    st.text(max_size=20), st.sampled_from(["completed", "in_progress", "failed", "\x00", "é" * 600])
)
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70), st.floats(), st.sampled_from([0, 1, -1, 2**53, 1e308, float("nan")])
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=8,
)
DROP: Final = "DROP"
"""In place of a value: the member is left out, the element is not there."""


class Change(NamedTuple):
    """A change of an answer: of which of its values, counted as a share of all, and to what."""

    where: float
    value: Any


CHANGES = st.lists(
    st.builds(Change, st.floats(0, 1), st.one_of(st.just(DROP), VALUES)), min_size=1, max_size=3
)


def changed(body: Any, changes: list[Change], *, made: bool) -> Any:
    """Return an answer with other values; what is ``made`` gets no other plausible id."""
    for where, value in changes:
        places = list(_places(body))
        if not places:
            return body
        holder, key = places[min(int(where * len(places)), len(places) - 1)]
        is_id = isinstance(key, str) and (key == "id" or key.endswith("_id"))
        if value is DROP:
            del holder[key]
        elif not (made and is_id and isinstance(value, str) and not id_problem(value)) and key != "deleted":
            holder[key] = value
    return body


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in list(pairs):
        yield value, key
        yield from _places(each)


# Of something, but not of the object that was asked for; none of them is the API's word for an absence.
SENTENCES = st.sampled_from(
    [
        "Not Found",
        "The model `gpt-7` does not exist",
        "Invalid URL (GET /v1/conversations)",
        "No such project",
        "Conversation with id 'conv_another' not found.",
        "You have no access to this",
        "Conversation is locked, retry in a few seconds",
        "",
    ]
)
ERRORS = st.builds(
    lambda envelope, message, code, param: json.dumps(
        {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}
        if envelope == "error"
        else {envelope: message}
    ),
    st.sampled_from(["error", "detail", "message"]),
    SENTENCES,
    st.one_of(st.none(), st.sampled_from(["conversation_locked", "not_found", "insufficient_quota"]), VALUES),
    st.one_of(st.none(), st.sampled_from(["metadata", "items[0].content", "items[²]", "[", "id"])),
)
BODIES = st.one_of(
    ERRORS,
    VALUES.map(json.dumps),
    st.binary(max_size=60),
    st.sampled_from(
        [
            "",
            "{",
            "<html>Sign in</html>",
            "[" * 50_000,
            "[" * 200 + "]" * 200,
            '{"a":1e999}',
            "\ufeff{}",
            '"\\ud800"',
        ]
    ),
)
HEADERS = st.dictionaries(
    st.sampled_from([
        "content-type", "content-encoding", "retry-after", "retry-after-ms", "x-should-retry", "location",
    ]),
    st.sampled_from([
        "application/json", "text/html; charset=rot13", "gzip", "br", "deflate", "0", "-1", "1e999", "nan",
        "true", "false", "Fri, 31 Dec 2099 23:59:59 GMT", "/v1/files", "https://elsewhere.example/v1", "http://[",
    ]),
    max_size=2,
)  # fmt: skip
STATUSES = st.one_of(
    st.sampled_from(
        [200, 200, 201, 202, 204, 301, 307, 400, 401, 403, 404, 404, 405, 409, 410, 422, 429, 500, 503]
    ),
    st.integers(200, 599),
)
RAW = st.one_of(
    st.binary(max_size=80),
    st.sampled_from([
        b"", b"HTTP/1.1 200 OK\r\n\r\n{}", b"HTTP/1.1 999 X\r\n\r\n", b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 5_000 + b"\r\n{}",
    ]),
)  # fmt: skip
LARGE: Final = [
    Fault(status=200, body=json.dumps({"data": [{"id": "x" * 100}] * 50_000})),
    Fault(
        status=200,
        body=gzip.compress(b"[" + b"0," * 40_000_000 + b"0]"),
        headers={"content-encoding": "gzip"},
    ),
    *(
        Fault(status=200, body=gzip.compress(body, 1), headers={"content-encoding": "gzip"})
        for body in (
            b"0" * 60_000_000,
            b'{"more": "\xf0\x9f\x98\x80' + b"x" * 11_500_000 + b'"}',
            b'{"more": "\\ud83d\\ude00' + b"x" * 15_000_000 + b'"}',
            b'{"data": [' + (b"[" * 30 + b"]" * 30 + b",") * 10_000 + b"0]}",
        )
    ),
]
"""Answers of megabytes: more than may be read, and just less."""


@dataclass(frozen=True)
class Wrong:
    """What comes instead of the n-th answer; ``changes`` are those of what the API really did."""

    fault: Fault
    changes: list[Change] = field(default_factory=list)


WRONG = st.one_of(
    st.builds(lambda changes: Wrong(Fault(status=200, commit=True), changes), CHANGES),
    st.builds(
        lambda status, body, headers, commit: Wrong(
            Fault(status=status, body=body, headers=headers, commit=commit)
        ),
        STATUSES,
        BODIES,
        HEADERS,
        st.booleans(),
    ),
    st.builds(lambda body, commit: Wrong(Fault(then="raw", body=body, commit=commit)), RAW, st.booleans()),
    st.builds(lambda commit: Wrong(Fault(then="reset", commit=commit)), st.booleans()),
    st.sampled_from(LARGE).map(Wrong),
)
ANSWERS = st.lists(st.one_of(st.none(), WRONG, WRONG), max_size=5)
"""What answers the calls of one operation, in order: None is the truth, and so are all further ones."""
STEPS = st.lists(st.tuples(st.sampled_from(["read", "update", "data", "import"]), ANSWERS), max_size=3)
MANNERS = st.builds(
    Manners,
    merges=st.booleans(),
    added_on_create=st.sampled_from([{}, {"provider": "x"}]),
    added_on_update=st.sampled_from([{}, {"provider": "y"}]),
    tidy=st.sampled_from([str, tidied]),
    account=st.sampled_from([("", ""), ("org", "proj")]),
)


@dataclass(frozen=True)
class Scenario:
    """One object's life."""

    type_name: str
    manners: Manners
    create: list[Wrong | None]
    steps: list[tuple[str, list[Wrong | None]]]
    delete: list[Wrong | None]


SCENARIOS = st.builds(Scenario, st.sampled_from(sorted(TABLES)), MANNERS, ANSWERS, STEPS, ANSWERS)

# --- what is done -----------------------------------------------------------------------


class Laboratory:
    """A provider and a server, and what scenarios have shown."""

    def __init__(self, folder: Path, provider: OpenaiProcess, server: FaultyServer, manners: Manners) -> None:
        self.provider = provider
        self.calls = 0
        self.wrong = 0
        self.scenarios = 0
        self.found: list[str] = []
        self._folder = folder
        self._server = server
        self._manners = manners
        self._answers: Iterator[Wrong | None] = iter(())
        self._operation = ""

    def decide(self, seen: Seen, _number: int) -> Fault | None:
        """Answer the next call of the operation that is under way."""
        self.calls += 1
        wrong = next(self._answers, None)
        if wrong is None:
            return None
        self.wrong += 1
        fault, changes = wrong.fault, wrong.changes
        if seen.method == "DELETE" and fault.status < 300 and fault.then == "answer" and not fault.commit:
            return None  # it may say that it is deleted: nobody could know better
        if seen.method == "POST" and 400 <= fault.status < 500 and fault.then == "answer":
            return replace(fault, commit=False)  # what is refused is not done: as above
        if not changes:
            return fault
        return Fault(
            status=200, commit=True, change=lambda body: changed(body, changes, made=seen.method == "POST")
        )

    def objects(self, type_name: str) -> set[str]:
        """Return the ids of all there are at the API."""
        with closing(sqlite3.connect(self._folder / "api.db")) as db:
            rows = db.execute(f"SELECT id FROM {TABLES[type_name]}").fetchall()  # noqa: S608 - ours
        return {row[0] for row in rows}

    def journal(self) -> tuple[set[str], int]:
        """Return the ids in the journal, and how many records have none."""
        journal = Journal(self._folder / JOURNAL)
        records = list(journal.anew().values())
        journal.close()
        return {each.id for each in records if each.id}, sum(each.id is None for each in records)

    def well(self, what: str, reached: Reached) -> Reached:
        """Hold a text against what no text may say, and a state against what none may hold."""
        said = "\n".join([*reached.errors, *reached.warnings])
        if re.search(r"Traceback|report it|is a bug|a bug in", said):
            self.fail(what, said)
        if what != "plan" and any(each is UNKNOWN for each in (reached.state or {}).values()):
            self.fail(what, f"unknown values: {reached.state}")
        if self.provider.process.poll() is not None:
            raise AssertionError(f"{self._operation}: the provider has ended")
        return reached

    def fail(self, what: str, problem: str) -> None:
        """Note what is wrong."""
        self.found.append(f"{self._operation}\n  {what}: {problem[:2000]}")

    def run(self, scenario: Scenario) -> None:
        """Let an object live."""
        self._operation = repr(scenario)[:6000]
        self.scenarios += 1
        vars(self._manners).update(vars(scenario.manners))
        try:
            self._run(scenario)
        except grpc.RpcError as problem:
            self.fail("no answer", str(problem))
        finally:
            self._answers = iter(())

    def _run(self, scenario: Scenario) -> None:
        type_name, mark = scenario.type_name, f"mark-{self.scenarios}-"
        config = self._config(type_name, mark)
        before, (_, lost) = self.objects(type_name), self.journal()
        planned = self.well("plan", self.provider.planned(type_name, config))
        self._answers = iter(scenario.create)
        made = self.well("create", self.provider.apply(type_name, None, planned.state, planned.private))
        self._answers = iter(())
        new = self.objects(type_name) - before
        held = {made.state["id"]} if made.state is not None else set()
        if not held <= new:
            self.fail("create", f"{made} is not at the API")
        noted, unanswered = self.journal()
        if type_name != "openai_message" and len(new - held - noted) > unanswered - lost:
            self.fail("create", f"{new - held} is nowhere: {made}")
        if made.state is None:
            if not made.errors:
                self.fail("create", "no state and no error")
            return
        self._holds("create", made, config)
        reached = made
        for step, answers in scenario.steps:
            reached = self._step(step, answers, type_name, config, reached)
            if reached.state is None:
                return
        self._delete(scenario, reached.state or {}, reached.private)

    def _step(
        self, step: str, answers: list[Wrong | None], type_name: str, config: Json, before: Reached
    ) -> Reached:
        """Do one thing; return the state that Terraform has after it."""
        assert before.state is not None
        state, private = before.state, before.private
        same = Reached(state, [], [], private)
        if step in ("data", "import"):
            self._look(step, answers, type_name, config, state)
            return same
        if step == "read":
            self._answers = iter(answers)
            read = self.well("read", self.provider.read(type_name, state, private))
            self._answers = iter(())
            if read.errors and read.state != state:
                self.fail("read", f"an error, and the state became {read.state}: {read.errors}")
            if read.state is None and state["id"] in self.objects(type_name):
                self.fail("read", f"left the state: {read}")
            if read.state is not None and "content" in config and read.state["content"] != config["content"]:
                self.fail("read", f"the content became {read.state['content']}")
            return same if read.errors else read
        wanted = self._changed(type_name, config)
        planned = self.well("plan", self.provider.planned(type_name, wanted, state, private))
        if planned.errors or planned.state is None:
            return same
        self._answers = iter(answers)
        updated = self.well("update", self.provider.apply(type_name, state, planned.state, planned.private))
        self._answers = iter(())
        if updated.state is None or updated.state["id"] != state["id"]:
            self.fail("update", f"the state became {updated}")
            return same
        self._holds("update", updated, wanted)
        return updated

    def _look(
        self, step: str, answers: list[Wrong | None], type_name: str, config: Json, state: Json
    ) -> None:
        """Read a data source, or import."""
        self._answers = iter(answers)
        if step == "data" and type_name == "openai_message":
            reached = self.provider.data("openai_thread_messages", {"thread_id": config["thread_id"]})
        elif step == "data":
            reached = self.provider.data(type_name, {"id": state["id"]})
        else:
            way = f"{config['thread_id']}/" if type_name == "openai_message" else ""
            reached = self.provider.imported(type_name, f"{way}{state['id']}")
        self._answers = iter(())
        self.well(step, reached)
        if not reached.errors and reached.state is None:
            self.fail(step, "no state and no error")
        if not reached.errors and reached.state and reached.state.get("id", state["id"]) != state["id"]:
            self.fail(step, f"the state is {reached.state}")

    def _delete(self, scenario: Scenario, state: Json, private: bytes) -> None:
        type_name = scenario.type_name
        self._answers = iter(scenario.delete)
        deleted = self.well("delete", self.provider.apply(type_name, state, None, private))
        self._answers = iter(())
        there = state["id"] in self.objects(type_name)
        if deleted.errors:
            if deleted.state != state:
                self.fail("delete", f"an error, and the state became {deleted}")
        elif deleted.state is not None or (there and not _kept(deleted)):
            self.fail("delete", f"done, and there is still {state['id']}: {deleted}")
        else:
            return
        again = self.well("delete again", self.provider.apply(type_name, state, None, private))
        if again.errors or again.state is not None or state["id"] in self.objects(type_name):
            self.fail("delete again", f"{again}")

    def _holds(self, what: str, reached: Reached, config: Json) -> None:
        """Hold a state against its configuration: Terraform refuses another one."""
        state = reached.state or {}
        wrong = {
            name: state.get(name) for name, value in config.items() if not _agrees(state.get(name), value)
        }
        if wrong and not reached.errors:
            self.fail(what, f"no error, and the state has {wrong}")

    def _config(self, type_name: str, mark: str) -> Json:
        if type_name == "openai_thread":
            messages = [{"role": "user", "content": f"{mark}{number}"} for number in range(3)]
            return {"metadata": {"m": mark}, "messages": messages, "force_destroy": True}
        if type_name == "openai_message":
            return {
                "thread_id": self._made("openai_thread", {"metadata": {"for": mark}}),
                "role": "user",
                "content": mark,
            }
        if type_name == "openai_file":
            return {"content": mark, "filename": f"{mark}.txt"}
        file = self._made("openai_file", {"content": f"{mark}x", "filename": f"{mark}x.txt"})
        store: Json = {"name": mark, "file_ids": [file], "metadata": {"m": mark}}
        return {**store, "wait_for_indexing": True, "timeout": 2, "force_destroy": True}

    def _changed(self, type_name: str, config: Json) -> Json:
        """Return a configuration that is changed in place, as far as the resource can be."""
        if type_name == "openai_thread":
            more = [*config["messages"], {"role": "assistant", "content": "more"}]
            return {**config, "metadata": {"m": "changed", "new": "pair"}, "messages": more}
        if type_name == "openai_vector_store":
            return {**config, "name": "changed", "metadata": {"new": "pair"}}
        return config

    def _made(self, type_name: str, config: Json) -> str:
        reached = self.provider.apply(type_name, None, self.provider.plan(type_name, config))
        assert reached.state is not None, (reached, self._operation)
        return str(reached.state["id"])


def _kept(reached: Reached) -> bool:
    """Return whether a delete says that its object stays."""
    return any("kept" in each or "stays" in each for each in reached.warnings)


def _agrees(held: Any, wanted: Any) -> bool:
    """Return whether a state holds what was wanted, whatever it holds beside it."""
    if isinstance(wanted, dict):
        return isinstance(held, dict) and all(_agrees(held.get(name), each) for name, each in wanted.items())
    if isinstance(wanted, list):
        return isinstance(held, list) and len(held) == len(wanted) and all(map(_agrees, held, wanted))
    return bool(held == wanted)


def _round(laboratory: Laboratory, number: int, examples: int, end: float) -> None:
    """Let so many objects live, as the seed has it; none any more after the end, but for the first ten."""

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(SCENARIOS)
    def live(scenario: Scenario) -> None:
        if time.monotonic() < end or laboratory.scenarios < FEWEST:
            laboratory.run(scenario)

    live()


def explored(folder: Path, seconds: float, begin: int, examples: int = EXAMPLES) -> Mapping[str, Any]:
    """Try random lives for so long; return the figures.

    Args:
        folder: Of the database and the journal.
        seconds: How long; at least one round is run.
        begin: The first round's seed.
        examples: Of a round.
    """
    manners = Manners()
    said: list[str] = []
    laboratory: Laboratory | None = None
    with ExitStack() as open_:
        app = hostile(folder / "api.db", manners)
        server = open_.enter_context(
            answering(app, lambda seen, number: laboratory.decide(seen, number) if laboratory else None)
        )
        options: Json = {"base_url": server.url, "timeout": 2, "max_retries": 1}
        provider = open_.enter_context(running(folder, **options))
        stderr = provider.process.stderr
        assert stderr is not None
        threading.Thread(target=lambda: said.extend(stderr), daemon=True).start()
        laboratory = Laboratory(folder, provider, server, manners)
        end, number = time.monotonic() + seconds, begin
        while number == begin or (time.monotonic() < end and len(laboratory.found) < ENOUGH):
            _round(laboratory, number, examples, end)
            number += 1
        tracebacks = "".join(said).count("Traceback")
        if tracebacks:
            laboratory.found.append("".join(said)[-4000:])
        return {
            "scenarios": laboratory.scenarios,
            "calls": laboratory.calls,
            "wrong_answers": laboratory.wrong,
            "tracebacks": tracebacks,
            "found": laboratory.found,
            "peak_mib": peak_mib(provider.process.pid),
        }


def _worker(number: int, seconds: float) -> Mapping[str, Any]:
    with TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        return explored(Path(folder), seconds, number * 1_000_000)


def main() -> None:
    """Answer at random for as long as ANSWERS_SECONDS says; exit with 1 if anything was wrong."""
    seconds = float(os.environ.get("ANSWERS_SECONDS", SECONDS))
    first = int(os.environ.get("ANSWERS_SEED", "1"))
    workers = int(os.environ.get("ANSWERS_WORKERS", WORKERS))
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        done = pool.starmap(_worker, [(first + number, seconds) for number in range(workers)])
    sums: Counter[str] = Counter()
    for each in done:
        sums.update({name: value for name, value in each.items() if isinstance(value, int)})
    found = [problem for each in done for problem in each["found"]]
    peak = max(each["peak_mib"] for each in done)
    for problem in found:
        print(problem, file=sys.stderr)  # noqa: T201 - a script's result
    report(
        "random answers to every call",
        scenarios=sums["scenarios"],
        calls=sums["calls"],
        wrong_answers=sums["wrong_answers"],
        tracebacks=sums["tracebacks"],
        wrong=len(found),
        peak_mib=peak,
        seconds=round(seconds),
        load=load(),
    )
    if found or peak > MOST_MIB:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
