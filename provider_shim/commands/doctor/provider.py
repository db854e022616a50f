"""The provider where Terraform finds it, started as Terraform starts it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from provider_shim import __version__
from provider_shim.commands.doctor.finding import Finding, said
from provider_shim.commands.doctor.project import Stack
from provider_shim.launcher.mirror import (
    PLUGINS,
    POINTER,
    SOURCE,
    archive_name,
    executable_name,
    launcher,
    packed,
    this_platform,
)
from provider_shim.system.home import home_folder

_AGAIN: Final = "Run cdktf synth (in a CDKTF project) or openai-thread install (for HCL) with this Python"
_SDK: Final = "OpenAI SDK "


def provider(folder: Path, stacks: list[Stack]) -> Iterator[Finding]:
    """Report the provider in each place that terraform would look for it, and the SDK that it has."""
    beside = [each.folder for each in stacks]
    places = [(each / PLUGINS, each) for each in [*beside, folder]]
    home = home_folder()
    if home is not None:
        places.append((home / ".terraform.d" / "plugins", folder))
    found = [(plugins, cwd) for plugins, cwd in places if _versions(plugins)]
    if not found:
        elsewhere = f", not in {home / '.terraform.d' / 'plugins'}" if home is not None else ""
        yield Finding(
            "Provider",
            "warning",
            f"in no stack below {folder / 'cdktf.out'}, not in {folder / PLUGINS}{elsewhere}",
            f"{_AGAIN}; cdktf deploy does the former by itself.",
        )
        return
    problems = []
    runs: dict[str, str] = {}
    told: tuple[str, str] | None = None
    for plugins, cwd in found:
        versions = _versions(plugins)
        if __version__ not in versions:
            problems.append(f"{plugins / SOURCE} has {', '.join(sorted(versions))}, not {__version__}")
            continue
        if _is_bundle(plugins):
            told = f"a bundle, which needs no other Python ({this_platform()})", ""
            continue
        pointer = cwd / POINTER
        key = pointer.read_text(errors="replace") if pointer.is_file() else ""
        if key not in runs:
            runs[key] = _started(cwd)
        told = _lines(runs[key]) or told
        if not _lines(runs[key]):
            problems.append(f"in {cwd}: {runs[key]}")
    if problems or told is None:
        yield Finding("Provider", "error", "; ".join(dict.fromkeys(problems)), f"{_AGAIN} again.")
        return
    python, sdk = told
    by = f"run by {python}" if sdk else python
    yield Finding("Provider", "ok", f"{executable_name()} in {found[0][0]}, {by}")
    if sdk:
        yield _sdk(sdk)


def _versions(plugins: Path) -> set[str]:
    return {path.name.split("_")[1] for path in (plugins / SOURCE).glob("terraform-provider-openai_*.zip")}


def _is_bundle(plugins: Path) -> bool:
    """Return whether Terraform takes a bundle on this platform: it is a thousand times the launcher."""
    file = plugins / SOURCE / archive_name(this_platform())
    return file.is_file() and file.stat().st_size > 2 * len(packed())


def _started(cwd: Path) -> str:
    """Start the launcher in a folder as Terraform does, and return what it says of itself."""
    with tempfile.TemporaryDirectory() as made:
        executable = Path(made, executable_name())
        executable.write_bytes(launcher())
        told = said("/bin/sh", str(executable), "--version", cwd=cwd)
    return "\n".join(told.lines) if told.well else told.complaint


def _lines(text: str) -> tuple[str, str] | None:
    """Return the Python and the SDK of what ``--version`` says; None where it is something else."""
    lines = text.splitlines()
    if len(lines) == 3 and lines[0] == f"cdktf-openai-thread {__version__}":  # noqa: PLR2004 - with those two
        return lines[1], lines[2]
    return None


def _sdk(line: str) -> Finding:
    """Report the SDK that the provider's Python has."""
    found, _, wrong = line.removeprefix(_SDK).partition(". ")
    if wrong:
        return Finding("OpenAI SDK", "error", found, wrong)
    return Finding("OpenAI SDK", "ok", found)
