"""Looks at everything a deploy needs, and changes nothing."""

import json
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from provider_shim import __version__
from provider_shim.commands.doctor.api import api
from provider_shim.commands.doctor.engine import engine
from provider_shim.commands.doctor.finding import Finding
from provider_shim.commands.doctor.framework import command_line, framework, node
from provider_shim.commands.doctor.machine import cli_configuration, home, temporary
from provider_shim.commands.doctor.project import framework as framework_of
from provider_shim.commands.doctor.project import is_project, settings, stacks
from provider_shim.commands.doctor.provider import provider
from provider_shim.system.bundled import bundled


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
    bundle = bundled()
    where = sys.executable if bundle is None else f"of the bundle {bundle}"
    yield Finding("Python", "ok", f"{platform.python_version()}, {where}, cdktf-openai-thread {__version__}")
    of_a_project = is_project(folder)
    found = stacks(folder)
    made_with = framework_of(found)
    # What applies with a bundle needs no home, no framework and no Node.js.
    if bundle is None and (homeless := home(of_a_project=of_a_project)) is not None:
        yield homeless
    yield temporary(of_a_project=of_a_project)
    starts, tofu = engine(of_a_project=of_a_project)
    yield starts
    if bundle is None:
        yield framework(made_with)
        yield node(made_with, of_a_project=of_a_project)
        broken = list(settings(folder))
        # The command reads cdktf.json even for its version.
        yield from broken or [command_line(made_with)]
    yield cli_configuration(tofu=tofu)
    yield from provider(folder, found)
    yield from api(folder, found, base_url)
