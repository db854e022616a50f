"""Looks at everything a deploy needs, and changes nothing."""

import asyncio
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

from provider_shim import __version__
from provider_shim.api.client import Client, Request, path_to
from provider_shim.api.problem import ApiProblem
from provider_shim.api.settings import Settings
from provider_shim.contract.provider import (
    DEFAULT_BASE_URL,
    EMBEDDED,
    ENVIRONMENT,
    base_url_problem,
    needs_key,
)
from provider_shim.launcher.cli_configuration import cli_configuration_warning, home
from provider_shim.launcher.mirror import FRAMEWORK, PLUGINS, POINTER, SOURCE, executable_name, packed
from provider_shim.system.bundled import bundled
from provider_shim.system.engine import VARIABLE, chosen, cli_finds_no, word

SECONDS: Final = 15
"""How long one program, or the API, may take to answer."""

OLDEST_TERRAFORM: Final = (1, 8)
OLDEST_OPENTOFU: Final = (1, 8)

NO_NODE_OF_CDKTF: Final = 24
"""The first Node.js on which cdktf-cli 0.21 does not start."""

NOBODY: Final = "conv_openai_thread_doctor"
"""A conversation that is not there: only the API itself, with a key it accepts, can say so."""

_FRAMEWORKS: Final = ("cdktf", "cdktn")
_CLI: Final = {
    "cdktf": "cdktf-cli@0.21 (it needs Node.js 22)",
    "cdktn": "cdktn-cli@0.24 (it needs Node.js 22.19 or newer)",
}
_EMBEDDED_WAY: Final = 'base_url = "sqlite:threads.db" in the provider needs neither key nor network'


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a deploy needs. ``todo`` is empty where it is as it should be."""

    name: str
    status: Literal["ok", "warning", "error"]
    found: str
    todo: str = ""


def doctor(folder: Path, *, base_url: str | None, as_json: bool) -> int:
    """Print what is found in and around ``folder``; return the exit code: 1 if an error is among it."""
    findings = list(_findings(folder, base_url))
    if as_json:
        print(json.dumps({"version": __version__, "findings": [asdict(each) for each in findings]}, indent=2))
    else:
        for each in findings:
            print(f"{each.status:8}{each.name}: {each.found}")
            if each.todo:
                print(f"{'':8}-> {each.todo}")
        print(f"\n{_summary(findings)}")
    return int(any(each.status == "error" for each in findings))


def _summary(findings: Sequence[Finding]) -> str:
    errors, warnings = (sum(each.status == status for each in findings) for status in ("error", "warning"))
    if errors:
        return f"A deploy from here fails. To be mended: {errors} of {len(findings)}; see -> above."
    if warnings:
        return f"A deploy from here may fail. To be looked at: {warnings} of {len(findings)}; see -> above."
    return "Everything that a deploy from here needs is in place."


def _findings(folder: Path, base_url: str | None) -> Iterator[Finding]:
    made_with = _made_with(folder)
    of_a_project = bool(made_with) or (folder / "cdktf.json").exists()
    if (bundle := bundled()) is not None:
        # What applies needs neither the app's framework nor its command line.
        yield Finding(
            "Python",
            "ok",
            f"{platform.python_version()} of the bundle {bundle}, cdktf-openai-thread {__version__}",
        )
        yield _engine(of_a_project=of_a_project)
    else:
        yield Finding(
            "Python",
            "ok",
            f"{platform.python_version()}, {sys.executable}, cdktf-openai-thread {__version__}",
        )
        yield _engine(of_a_project=of_a_project)
        yield _framework(made_with)
        yield _framework_cli(made_with)
    yield _cli_configuration()
    yield _provider(folder)
    yield from _api(base_url)


def _engine(*, of_a_project: bool) -> Finding:
    """Report the program that a deploy starts; the cdktf CLI starts terraform unless it is told otherwise."""
    wanted = os.environ.get(VARIABLE)
    found = chosen(os.environ)
    if found is None and wanted:
        return Finding(
            "Terraform",
            "error",
            f"{VARIABLE} is {wanted!r}, and there is no such program",
            "Set it to the path of terraform or tofu, or unset it.",
        )
    if found is None:
        return Finding(
            "Terraform",
            "error",
            "neither terraform nor tofu is on the PATH",
            "Install Terraform {}.{} or newer, or OpenTofu.".format(*OLDEST_TERRAFORM),
        )
    # Complaints about the CLI configuration come first; the version has a line of its own.
    said = _said(str(found), "version").splitlines()
    version = next((line for line in said if line.startswith(("Terraform v", "OpenTofu v"))), "")
    if not version:
        return Finding(
            "Terraform",
            "error",
            f"{found} does not tell its version",
            f"Run {found} version and see what it says.",
        )
    if of_a_project and (problem := cli_finds_no(found, os.environ)) is not None:
        todo = f"Set {VARIABLE}=tofu in the environment."
        return Finding("Terraform", "error", f"{version}, {problem}", todo)
    return _tested(f"{version}, {found}")


def _tested(engine: str) -> Finding:
    """Report an engine that is older than what the provider is tested with."""
    for name, oldest in (("Terraform", OLDEST_TERRAFORM), ("OpenTofu", OLDEST_OPENTOFU)):
        number = re.match(rf"{name} v(\d+)\.(\d+)", engine)
        if number and (int(number[1]), int(number[2])) < oldest:
            return Finding(
                "Terraform",
                "warning",
                f"{engine}, which is older than what the provider is tested with",
                "Install {} {}.{} or newer.".format(name, *oldest),
            )
    return Finding("Terraform", "ok", engine)


def _made_with(folder: Path) -> str:
    """Return the framework that the app imported when it was synthesized; nothing where that is open."""
    notes = {path.read_text().strip() for stack in _stacks(folder) if (path := stack / FRAMEWORK).is_file()}
    return notes.pop() if len(notes) == 1 else ""


def _stacks(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob("cdktf.out/stacks/*/terraform.d"))


def _framework(made_with: str) -> Finding:
    if made_with:
        if version := _version(made_with):
            return Finding("Python framework", "ok", f"{made_with} {version}: the app imports it")
        return Finding(
            "Python framework",
            "warning",
            f"{made_with}: the app imports it, and it is not installed in {sys.prefix}",
            "Run openai-thread with the Python that runs the app, to have that one examined.",
        )
    found = [f"{name} {version}" for name in _FRAMEWORKS if (version := _version(name))]
    if not found:
        return Finding(
            "Python framework",
            "warning",
            f"neither cdktf nor cdktn is installed in {sys.prefix}",
            "pip install cdktf (or cdktn) into this environment. Hand-written HCL needs neither.",
        )
    chosen = ", of which the app's own import decides" if len(found) > 1 else ""
    return Finding("Python framework", "ok", " and ".join(found) + chosen)


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _framework_cli(made_with: str) -> Finding:
    for name in [made_with] if made_with else _FRAMEWORKS:
        if (found := shutil.which(name)) is not None:
            if (too_new := _node_of_cdktf(name)) is not None:
                return too_new
            said = _said(found, "--version").splitlines()
            # Terraform's complaints about the CLI configuration may come with it.
            version = next((line for line in said if line[:1].isdigit()), "")
            if version:
                return Finding("Command line", "ok", f"{name} {version}, {found}")
            return Finding(
                "Command line",
                "error",
                f"{found} does not tell its version",
                f"Run {found} --version and see what it says. It needs Node.js.",
            )
    missing = f"{made_with} is not" if made_with else "neither cdktf nor cdktn is"
    return Finding(
        "Command line",
        "warning",
        f"{missing} on the PATH",
        f"npm install --global {_CLI[made_with or 'cdktf']}. Hand-written HCL needs none.",
    )


def _node_of_cdktf(name: str) -> Finding | None:
    """Report a Node.js on which the cdktf command ends at once; None for cdktn, and where it will do."""
    node = shutil.which("node")
    number = re.match(r"v(\d+)", _said(node, "--version")) if node else None
    if name != "cdktf" or number is None or int(number[1]) < NO_NODE_OF_CDKTF:
        return None
    return Finding(
        "Command line",
        "error",
        f"cdktf does not start on Node.js {NO_NODE_OF_CDKTF} and newer (its node-pty has no binary for "
        f"them). {node} is {number[0]}",
        "Install Node.js 22 (20 on linux-arm64), or use cdktn.",
    )


def _said(program: str, argument: str) -> str:
    try:
        done = subprocess.run(
            [program, argument],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
            env={**os.environ, "CI": "1", "CHECKPOINT_DISABLE": "1", "NO_COLOR": "1"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _cli_configuration() -> Finding:
    name = "Terraform's CLI configuration"
    given = os.environ.get("TF_CLI_CONFIG_FILE") or os.environ.get("TERRAFORM_CONFIG")
    if given and not Path(given).is_file():
        return Finding(
            name,
            "warning",
            f"{given}, named by the environment, does not exist",
            "Unset TF_CLI_CONFIG_FILE, or make the file.",
        )
    warning = cli_configuration_warning(os.environ, home(), word(chosen(os.environ)))
    if warning is not None:
        found, _, todo = warning.partition(". Add to the block:")
        return Finding(name, "error", found, "Add to the block:" + todo)
    return Finding(name, "ok", "nothing in it keeps Terraform from the provider")


def _provider(folder: Path) -> Finding:
    """Look where terraform would, from each place it may run in."""
    stacks = _stacks(folder)
    of_user = home() / ".terraform.d"
    places = [(stack / PLUGINS, stack / POINTER) for stack in [*stacks, folder]]
    places.append((of_user / "plugins", of_user / "openai-thread" / "python"))
    here = _platform()
    problems = []
    for plugins, pointer in places:
        versions = {
            path.name.split("_")[1]: path
            for path in sorted((plugins / SOURCE).glob(f"terraform-provider-openai_*_{here}.zip"))
        }
        if not versions:
            continue
        if __version__ not in versions:
            problems.append(f"{plugins / SOURCE} has {', '.join(sorted(versions))}, not {__version__}")
        elif versions[__version__].stat().st_size > len(packed()):
            return Finding("Provider", "ok", f"{versions[__version__]}: a bundle, which needs no Python")
        elif (problem := _pointer_problem(pointer)) is not None:
            problems.append(problem)
        else:
            return Finding("Provider", "ok", f"{executable_name()} in {plugins}")
    again = "Run cdktf synth (in a CDKTF project) or openai-thread install (for HCL) with this Python"
    if problems:
        return Finding("Provider", "error", "; ".join(problems), f"{again} again.")
    return Finding(
        "Provider",
        "warning",
        f"in no stack below {folder / 'cdktf.out'}, not in {folder / PLUGINS}, not in {of_user / 'plugins'}",
        f"{again}; cdktf deploy does the former by itself.",
    )


def _platform() -> str:
    """Return this platform as Terraform names it; a pattern for any where that is not known."""
    machine = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    system, known = platform.system().lower(), machine.get(platform.machine().lower())
    return f"{system}_{known}" if system and known else "*"


def _pointer_problem(pointer: Path) -> str | None:
    """Say why the launcher will not start the Python that ``pointer`` names; None if it will."""
    try:
        python = pointer.read_text().strip()
    except OSError:
        return f"{pointer}, which names the provider's Python, can't be read"
    if not os.access(python, os.X_OK):
        return f"{pointer} names {python}, which is no program"
    try:
        done = subprocess.run(
            [python, "-c", "import provider_shim; print(provider_shim.__version__)"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            cwd=pointer.parent,
            env={**os.environ, "PYTHONSAFEPATH": "1"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return f"{python}, named in {pointer}, can't be started"
    have = done.stdout.strip()
    if done.returncode or have != __version__:
        return (
            f"{python}, named in {pointer}, has cdktf-openai-thread {have or 'not at all'}, not {__version__}"
        )
    return None


def _api(base_url: str | None) -> Iterator[Finding]:
    key = os.environ.get(ENVIRONMENT["api_key"])
    url = base_url or os.environ.get(ENVIRONMENT["base_url"]) or DEFAULT_BASE_URL
    source = (
        ""
        if base_url
        else " (OPENAI_BASE_URL)"
        if os.environ.get(ENVIRONMENT["base_url"])
        else " (the default)"
    )
    if problem := base_url_problem(url, allow_http=False):
        yield Finding("API", "error", f"the base URL{source} {problem}", "Give another base URL.")
        return
    settings = Settings(
        base_url=url,
        api_key=key,
        organization=os.environ.get(ENVIRONMENT["organization"]),
        project=os.environ.get(ENVIRONMENT["project"]),
        timeout=SECONDS,
        max_retries=0,
    )
    if key:
        yield Finding("Key", "ok", "OPENAI_API_KEY is set (not shown)")
    elif needs_key(url):
        yield Finding(
            "Key",
            "warning",
            "OPENAI_API_KEY is not set",
            f"Set it, or give the provider api_key from a sensitive variable. {_EMBEDDED_WAY}.",
        )
        yield Finding(
            "API", "warning", f"{settings.origin}{source} was not asked: there is no key", "See Key."
        )
        return
    else:
        yield Finding("Key", "ok", f"none, and {settings.origin} needs none")
    if settings.database is not None and not Path(settings.database).exists():
        yield _new_database(Path(settings.database))
        return
    yield asyncio.run(_reached(settings, source))


def _new_database(database: Path) -> Finding:
    folder = database.absolute().parent
    if os.access(folder, os.W_OK | os.X_OK):
        return Finding("API", "ok", f"{EMBEDDED}{database} will be made by the first deploy")
    return Finding(
        "API",
        "error",
        f"{EMBEDDED}{database} can't be made: {folder} is not there or can't be written",
        "Make the folder writable, or give another path.",
    )


async def _reached(settings: Settings, source: str) -> Finding:
    client = Client(settings)
    try:
        await client.find(Request("asking the API", "GET", path_to("conversations", NOBODY)))
    except ApiProblem as problem:
        if problem.kind == "refused" and problem.answer is not None and problem.answer.error:
            # The API's own words, behind a key that it takes: some servers refuse an id that is not theirs.
            return Finding("API", "ok", f"{settings.origin}{source} answers")
        found = f"{problem.summary}{source}. {' '.join(problem.facts)}"
        return Finding("API", "error", found, problem.advice)
    finally:
        await client.close()
    return Finding("API", "ok", f"{settings.origin}{source} answers")
