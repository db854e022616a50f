"""Plan, apply, refresh and destroy threads against a 20 ms API: ours, and what else there is.

Every contestant makes the same threads, each with metadata and one message: Terraform's own
terraform_data, which makes nothing (the floor); the same resource on PyPI's `tf`; and a plain script.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import Cost, Figures, cost, interleaved, peaks, say
from benchmarks.scale import Scale
from provider_shim.launcher.mirror import PLUGINS, this_platform
from tests.support.environment import BIN, ROOT, clean, engine
from tests.support.terraform import TerraformProject

PEERS = ROOT / "benchmarks" / "peers"
PROBE = ROOT / "benchmarks" / "probe"
PEER_SOURCE = "localhost/benchmarks/peer"

OURS, FLOOR, PEER, SCRIPT = "openai_thread", "terraform_data", "tf", "plain script"
PLAN, APPLY, REFRESH, DESTROY = "plan", "apply", "refresh", "destroy"

Key = tuple[str, int, int, str]
"""What is measured: the command, threads, parallelism, whose."""


def threads(count: int) -> dict[str, Any]:
    """Return the threads that everybody makes."""
    return {
        f"thread_{number}": {
            "metadata": {"user_id": str(number), "priority": "low"},
            "messages": [{"role": "user", "content": f"Hello, I am user {number}."}],
        }
        for number in range(count)
    }


@contextmanager
def slow_api() -> Iterator[str]:
    """Run the slow API in a process of its own; give its base URL."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.slow_api"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(server.stdout.readline())}/v1"


def calls(base_url: str) -> dict[str, float]:
    """Return what the API was asked since the last such question."""
    with urllib.request.urlopen(base_url.removesuffix("/v1") + "/calls") as answer:  # noqa: S310 - our own
        return dict(json.load(answer))


@dataclass
class Deploy:
    """One contestant with one number of threads, ready to be run."""

    name: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def plan(self, parallelism: int) -> Cost:
        """Plan the threads, as if for the first time."""
        self._forget()
        return self._terraform("plan", parallelism)

    def apply(self, parallelism: int) -> Cost:
        """Make the threads, as if for the first time."""
        self._forget()
        if self.name == SCRIPT:
            command: list[str | Path] = [
                BIN / "python",
                PEERS / "script.py",
                "threads.json",
                "ids.json",
                str(parallelism),
            ]
            return cost(command, self.folder, clean(self.environment))
        return self._terraform("apply", parallelism, "-auto-approve")

    def refresh(self, parallelism: int) -> Cost:
        """Compare the state with the API."""
        return self._terraform("plan", parallelism, "-refresh-only")

    def destroy(self, parallelism: int) -> Cost:
        """Delete the threads, which are made first; that is not counted."""
        self.apply(parallelism)
        return self._terraform("destroy", parallelism, "-auto-approve")

    def _forget(self) -> None:
        for left in (*self.folder.glob("*.tfstate*"), *self.folder.glob("*journal*")):
            left.unlink()

    def _terraform(self, command: str, parallelism: int, *options: str) -> Cost:
        return cost(
            [engine(), command, "-input=false", "-no-color", f"-parallelism={parallelism}", *options],
            self.folder,
            clean(self.environment),
        )


def ours(folder: Path, count: int, base_url: str) -> Deploy:
    """Make a project of openai_thread."""
    TerraformProject(folder).write(
        {"provider": {"openai": {"base_url": base_url}}, "resource": {"openai_thread": threads(count)}}
    ).init()
    return Deploy(OURS, folder)


def floor(folder: Path, count: int, _base_url: str) -> Deploy:
    """Make a project of terraform_data: what Terraform takes without a provider and an API."""
    wanted = {name: {"triggers_replace": thread} for name, thread in threads(count).items()}
    return project(Deploy(FLOOR, folder), {"resource": {"terraform_data": wanted}})


def peer(folder: Path, count: int, base_url: str, python: Path) -> Deploy:
    """Make a project of the same resource on `tf`; ``python`` is of its own environment."""
    plugin = folder / PLUGINS / PEER_SOURCE / "1.0.0" / this_platform()
    plugin.mkdir(parents=True)
    program = plugin / "terraform-provider-peer_v1.0.0"
    program.write_text(f'#!/bin/sh\nexec "{python}" "{PEERS / "provider.py"}"\n')
    program.chmod(0o755)
    return project(
        # At home it keeps its certificate.
        Deploy(PEER, folder, {**_key(base_url), "HOME": str(folder)}),
        {
            "terraform": {"required_providers": {"peer": {"source": PEER_SOURCE}}},
            "resource": {"peer_thread": threads(count)},
        },
    )


def script(folder: Path, count: int, base_url: str) -> Deploy:
    """Make a folder for the plain script."""
    folder.mkdir(parents=True)
    (folder / "threads.json").write_text(json.dumps(threads(count)))
    return Deploy(SCRIPT, folder, _key(base_url))


def _key(base_url: str) -> dict[str, str]:
    return {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": base_url}


def project(deploy: Deploy, configuration: dict[str, Any]) -> Deploy:
    """Write a project's configuration and initialise it."""
    deploy.folder.mkdir(parents=True, exist_ok=True)
    (deploy.folder / "main.tf.json").write_text(json.dumps(configuration))
    cost([engine(), "init", "-input=false"], deploy.folder, clean(deploy.environment))
    return deploy


class Field:
    """All contestants against one API."""

    def __init__(self, folder: Path, base_url: str, tf: Path | None) -> None:
        """Make projects in the folder; ``tf`` is the peer's Python, None leaves the peer out."""
        self._folder = folder
        self._base_url = base_url
        self._tf = tf

    def measure(self, scale: Scale) -> dict[Key, Figures]:
        """Plan, apply and refresh in all sizes, destroy one; the contestants take turns."""
        found: dict[Key, Figures] = {}
        for count, runs in scale.threads.items():
            say(f"plan and apply of {count}")
            deploys = self._deploys(count)
            for parallelism in scale.parallelism:
                found |= interleaved(runs, _steps(PLAN, deploys, count, parallelism))
                found |= interleaved(runs, _steps(APPLY, deploys, count, parallelism))
            if count == 1:
                found |= interleaved(runs, _steps(DESTROY, deploys, count, scale.parallelism[0]))
            if count in scale.refreshed:
                steps = _steps(REFRESH, deploys, count, scale.parallelism[0])
                found |= interleaved(scale.refreshed[count], steps)
        return found

    def explain(self, count: int) -> dict[str, float]:
        """Take one apply at parallelism 10 apart: sums over the provider's processes, and the API's."""
        deploy, out = ours(self._folder / "explained", count, self._base_url), self._folder / "probe"
        plain = floor(self._folder / "explained floor", count, self._base_url)
        probed = Deploy(OURS, deploy.folder, {"PYTHONPATH": str(PROBE), "BENCHMARK_PROBE": str(out)})
        calls(self._base_url)
        whole, asked, least = probed.apply(10), calls(self._base_url), plain.apply(10)
        sums = {
            "whole cpu": whole.cpu / 1000,
            "whole wall": whole.wall / 1000,
            "floor cpu": least.cpu / 1000,
            "floor wall": least.wall / 1000,
            **{f"calls {name}": figure for name, figure in asked.items()},
        }
        for line in out.read_text().splitlines():
            for name, figure in json.loads(line).items():
                sums[name] = sums.get(name, 0.0) + figure
        return sums

    def memory(self, count: int) -> dict[str, float]:
        """Return the most memory, in MiB, of the provider's processes in an apply: ours and the peer's."""
        makers: dict[str, Callable[[], Deploy]] = {
            OURS: lambda: ours(self._folder / "memory", count, self._base_url)
        }
        if tf := self._tf:
            makers[PEER] = lambda: peer(self._folder / "memory peer", count, self._base_url, tf)
        found = {}
        for name, make in makers.items():
            deploy = make()
            sizes = peaks(partial(deploy.apply, 10))
            found[name] = max(size for process, size in sizes.items() if process.startswith("python"))
        return found

    def _deploys(self, count: int) -> list[Deploy]:
        folder = self._folder / str(count)
        made = [make(folder / make.__name__, count, self._base_url) for make in (floor, script, ours)]
        if self._tf:
            made.append(peer(folder / "peer", count, self._base_url, self._tf))
        return made


def _steps(what: str, deploys: list[Deploy], count: int, parallelism: int) -> dict[Key, Callable[[], Cost]]:
    return {
        (what, count, parallelism, each.name): partial(getattr(each, what), parallelism)
        for each in deploys
        if what == APPLY or each.name != SCRIPT
    }
