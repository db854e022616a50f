"""The same resource as an ordinary Go provider, beside ours: where Go is on the machine, and only there.

peers/go is built with the versions of its go.sum into .bench/, and run as its users get it and with the
trace lines off that its framework writes even where nobody asks for a log.
"""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from benchmarks import deploys
from benchmarks.deploys import APPLY, DESTROY, REFRESH, Deploy, Key
from benchmarks.environment import FOLDER
from benchmarks.measure import Cost, Figures, interleaved, say
from provider_shim.launcher.mirror import PLUGINS, this_platform

SOURCE = "localhost/benchmarks/golang"
GO, QUIET = "Go", "Go, trace lines off"
OFF = dict.fromkeys(("TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"), "off")
PARALLELISM = 10
SECONDS = 900
SIZES = {50: 3, 200: 3, 1000: 1}
"""Threads, and the runs of each."""
QUICK = {50: 1}


def built() -> Path | None:
    """Return the provider's program, made anew by what is installed; None without Go."""
    go = shutil.which("go")
    if go is None:
        return None
    program = FOLDER.resolve() / "go-peer"
    say("building the Go provider")
    subprocess.run(
        [go, "build", "-mod=readonly", "-trimpath", "-o", program, "."],
        cwd=deploys.PEERS / "go",
        check=True,
        timeout=SECONDS,
    )
    return program


def measure(folder: Path, base_url: str, program: Path, sizes: Mapping[int, int]) -> dict[Key, Figures]:
    """Apply, refresh and destroy threads, those who are compared in turns.

    Args:
        folder: To work in.
        base_url: Of the API.
        program: The Go provider.
        sizes: Threads, and the runs of each.
    """
    found: dict[Key, Figures] = {}
    for count, runs in sizes.items():
        say(f"ours and Go: {count}")
        made = [deploys.ours(folder / f"{count}" / "ours", count, base_url)]
        made += [_project(folder / f"{count}" / "go", GO, count, base_url, program, {})]
        made += [_project(folder / f"{count}" / "quiet", QUIET, count, base_url, program, OFF)]
        for what in (APPLY, REFRESH, DESTROY):
            steps: dict[Key, Callable[[], Cost]] = {
                (what, count, PARALLELISM, each.name): partial(getattr(each, what), PARALLELISM)
                for each in made
            }
            found |= interleaved(runs, steps)
    return found


def _project(  # noqa: PLR0913, PLR0917 - who, where, how many
    folder: Path, name: str, count: int, base_url: str, program: Path, environment: Mapping[str, str]
) -> Deploy:
    plugin = folder / PLUGINS / SOURCE / "1.0.0" / this_platform()
    plugin.mkdir(parents=True)
    shutil.copy(program, plugin / "terraform-provider-golang_v1.0.0")
    return deploys.project(
        Deploy(name, folder, dict(environment)),
        {
            "terraform": {"required_providers": {"golang": {"source": SOURCE}}},
            "provider": {"golang": {"base_url": base_url}},
            "resource": {"golang_thread": deploys.threads(count)},
        },
    )
