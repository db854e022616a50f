"""What the real provider takes at most, whatever several calls at once are answered with."""

import gzip
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from provider_shim.api.bodies import LONGEST_BODY, MIB
from tests.support.faulty import Fault, Seen
from tests.support.memory import MOST_MIB, peak_mib
from tests.support.openai_process import answering, running

WIDE = "\U0001f600" + "x" * (11 * MIB)
ANSWERS: dict[str, Callable[[str], bytes]] = {
    "a text that takes four times as much": lambda right: f'{right[:-1]}, "more": "{WIDE}"}}'.encode(),
    "more than may come": lambda right: right[:-1].encode() + b" " * LONGEST_BODY + b"}",
    "as many values as may be": lambda right: f'{right[:-1]}, "more": [{"[{}]," * 100_000}0]}}'.encode(),
    "an error": lambda _: b'{"error": {"message": "' + b"no " * 15 * MIB + b'"}}',
}


AT_ONCE = 5
STATUS = {"an error": 400}


def test_reads_with_large_answers_stay_within_the_memory_of_one(tmp_path: Path) -> None:
    faults: list[Fault] = []

    def decide(seen: Seen, _: int) -> Fault | None:
        return faults[-1] if seen.method == "GET" and faults else None

    with (
        answering(tmp_path / "api.db", decide) as server,
        running(tmp_path, base_url=server.url, timeout=120, max_retries=0) as provider,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        config = {"metadata": {"a": "b"}}
        made = provider.apply("openai_thread", None, provider.plan("openai_thread", config))
        assert made.state is not None
        state, private = made.state, made.private
        right = json.dumps({"id": state["id"], "created_at": 1, "metadata": state["metadata"]})
        for name, answer in ANSWERS.items():
            body = gzip.compress(answer(right), 1)
            status = STATUS.get(name, 200)
            faults.append(Fault(status=status, body=body, headers={"content-encoding": "gzip"}))
            each = pool.map(lambda _: provider.read("openai_thread", state, private), range(AT_ONCE))
            assert [read.state for read in each] == [state] * AT_ONCE, name
            assert peak_mib(provider.process.pid) < MOST_MIB, name
