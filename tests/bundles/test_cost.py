"""What a bundle costs beside the launcher: CPU, the least of some turns, as other work shares the machine."""

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.handshake import COOKIE, client_certificate, until_the_line
from benchmarks.measure import Cost, cost, interleaved
from provider_shim.launcher.mirror import executable_name
from tests.support.environment import BIN, clean, engine
from tests.support.unpacking import unpacked

pytestmark = [pytest.mark.bundles, pytest.mark.timeout(600)]
TURNS = 15
MOST_OF_A_START = 3.5
MOST_OF_A_PLAN = 1.3


def test_the_handshake_line_comes_soon(
    bundles: Path, tmp_path: Path, record_property: Callable[[str, float], None]
) -> None:
    folder = unpacked(bundles, tmp_path / "bundle")
    environment = clean({"TF_PLUGIN_MAGIC_COOKIE": COOKIE, "PLUGIN_CLIENT_CERT": client_certificate()})
    taken = interleaved(
        TURNS,
        {
            "pass": lambda: cost([BIN / "python", "-c", "pass"], tmp_path, clean({})),
            "line": lambda: until_the_line(folder / executable_name(), tmp_path, environment),
        },
    )
    times = taken["line"].least_cpu / taken["pass"].least_cpu
    record_property("handshake line, in starts of Python", round(times, 1))

    assert times <= MOST_OF_A_START


def test_a_plan_of_one_costs_little_more_than_with_the_launcher(
    stack: Callable[..., Path], tmp_path: Path, record_property: Callable[[str, float], None]
) -> None:
    stack().rename(tmp_path / "bundle")
    stack(CDKTF_OPENAI_THREAD_BUNDLES="").rename(tmp_path / "launcher")
    plan: list[str | Path] = [engine(), "plan", "-input=false", "-lock=false"]

    def planning(name: str) -> Callable[[], Cost]:
        cost([engine(), "init", "-input=false"], tmp_path / name, clean({}))
        return lambda: cost(plan, tmp_path / name, clean({}))

    taken = interleaved(TURNS, {name: planning(name) for name in ("launcher", "bundle")})
    times = taken["bundle"].least_cpu / taken["launcher"].least_cpu
    record_property("plan of one, in those of the launcher", round(times, 2))

    assert times <= MOST_OF_A_PLAN
