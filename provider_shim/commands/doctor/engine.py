"""The program that a deploy starts: Terraform or OpenTofu."""

import os
import re
from pathlib import Path, PurePath
from typing import Final

from provider_shim.commands.doctor.finding import Finding, said
from provider_shim.system.engine import VARIABLE, chosen, cli_finds_no

OLDEST: Final = {"Terraform": (1, 8), "OpenTofu": (1, 8)}
_NAME: Final = "Terraform"


def engine(*, of_a_project: bool) -> tuple[Finding, bool]:
    """Report the program that a deploy starts, and tell whether it is OpenTofu.

    The cdktf CLI starts ``terraform`` unless ``TERRAFORM_BINARY_NAME`` says otherwise.
    """
    wanted = os.environ.get(VARIABLE)
    if (found := chosen(os.environ)) is not None:
        return _examined(found, wanted, of_a_project=of_a_project)
    if wanted:
        return _error(
            f"{VARIABLE} is {wanted!r}, and there is no such program",
            "Set it to the path of terraform or tofu, or unset it.",
        ), False
    return _error(
        "neither terraform nor tofu is on the PATH",
        "Install Terraform {}.{} or newer, or OpenTofu.".format(*OLDEST["Terraform"]),
    ), False


def _examined(found: Path, wanted: str | None, *, of_a_project: bool) -> tuple[Finding, bool]:
    told = said(str(found), "version")
    # Complaints about the CLI configuration come first; the version has a line of its own.
    version = next((line for line in told.lines if line.startswith(("Terraform v", "OpenTofu v"))), "")
    tofu = version.startswith("OpenTofu")
    if not version or not told.well:
        words = f": {told.complaint}" if told.complaint else ""
        return _error(
            f"{found} does not tell its version{words}", f"Run {found} version and see what it says."
        ), tofu
    if wanted and os.sep in wanted and not PurePath(wanted).is_absolute():
        return _error(
            f"{VARIABLE} is {wanted!r}, a path that the cdktf CLI looks for in the folder of each stack",
            f"Set it to {os.path.abspath(wanted)}.",  # noqa: PTH100 - keeps links
        ), tofu
    if of_a_project and (unseen := cli_finds_no(found, os.environ)) is not None:
        return _error(f"{version}, {unseen}", f"Set {VARIABLE}=tofu in the environment."), tofu
    return _tested(f"{version}, {found}"), tofu


def _tested(engine: str) -> Finding:
    """Report an engine that is older than what the provider is tested with."""
    for name, oldest in OLDEST.items():
        number = re.match(rf"{name} v(\d+)\.(\d+)", engine)
        if number and (int(number[1]), int(number[2])) < oldest:
            return Finding(
                _NAME,
                "warning",
                f"{engine}, which is older than what the provider is tested with",
                "Install {} {}.{} or newer.".format(name, *oldest),
            )
    return Finding(_NAME, "ok", engine)


def _error(found: str, todo: str) -> Finding:
    return Finding(_NAME, "error", found, todo)
