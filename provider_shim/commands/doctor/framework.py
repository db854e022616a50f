"""What synthesizes: the Python framework, its command line, and the Node.js that both run on."""

import os
import re
import shutil
import sys
from importlib import metadata
from typing import Final

from provider_shim.commands.doctor.finding import Finding, said

FRAMEWORKS: Final = ("cdktf", "cdktn")
OLDEST_NODE: Final = {"cdktf": (18, 12), "cdktn": (22, 19)}
"""What jsii, and so cdktf, asks for; of cdktn it is the command line that asks for more."""
TOO_NEW_NODE: Final = {"cdktf": 24}
"""The first Node.js on which cdktf-cli 0.21 does not start."""
_CLI: Final = {
    "cdktf": "cdktf-cli@0.21 (it needs Node.js 22)",
    "cdktn": "cdktn-cli@0.24 (it needs Node.js {}.{} or newer)".format(*OLDEST_NODE["cdktn"]),
}
_NODE: Final = "Node.js"


def framework(made_with: str) -> Finding:
    """Report the framework in this Python; ``made_with`` is what the app imported."""
    if made_with:
        if version := _version(made_with):
            return Finding("Python framework", "ok", f"{made_with} {version}: the app imports it")
        return Finding(
            "Python framework",
            "warning",
            f"{made_with}: the app imports it, and it is not installed in {sys.prefix}",
            "Run openai-thread with the Python that runs the app, to have that one examined.",
        )
    found = [f"{name} {version}" for name in FRAMEWORKS if (version := _version(name))]
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


def command_line(made_with: str) -> Finding:
    """Report the framework's own command."""
    for name in [made_with] if made_with else FRAMEWORKS:
        if (found := shutil.which(name)) is not None:
            told = said(found, "--version")
            # Terraform's complaints about the CLI configuration may come with it.
            version = next((line for line in told.lines if line[:1].isdigit()), "")
            if version and told.well:
                return Finding("Command line", "ok", f"{name} {version}, {found}")
            words = f": {told.complaint}" if told.complaint else ""
            return Finding(
                "Command line",
                "error",
                f"{found} does not tell its version{words}",
                f"Run {found} --version and see what it says. It needs Node.js.",
            )
    missing = f"{made_with} is not" if made_with else "neither cdktf nor cdktn is"
    return Finding(
        "Command line",
        "warning",
        f"{missing} on the PATH",
        f"npm install --global {_CLI[made_with or 'cdktf']}. Hand-written HCL needs none.",
    )


def node(made_with: str, *, of_a_project: bool) -> Finding:
    """Report the Node.js that synth runs on."""
    name = made_with if made_with in OLDEST_NODE else "cdktf"
    oldest = OLDEST_NODE[name]
    todo = f"Install Node.js {oldest[0]}.{oldest[1]} or newer. Hand-written HCL needs none."
    status: Final = "error" if of_a_project else "warning"
    wanted = os.environ.get("JSII_NODE") or "node"
    found = shutil.which(wanted)
    if found is None:
        named = f"JSII_NODE is {wanted!r}, and there is no such program" if wanted != "node" else ""
        return Finding(_NODE, status, named or "node is not on the PATH", todo)
    told = said(found, "--version")
    number = re.match(r"v(\d+)\.(\d+)", told.lines[0] if told.lines else "")
    if number is None or not told.well:
        words = f": {told.complaint}" if told.complaint else ""
        return Finding(
            _NODE,
            status,
            f"{found} does not tell its version{words}",
            f"Run {found} --version and see what it says.",
        )
    if (int(number[1]), int(number[2])) < oldest:
        return Finding(_NODE, status, f"{told.lines[0]}, {found}, which is too old for {name}", todo)
    if int(number[1]) >= (first := TOO_NEW_NODE.get(name, sys.maxsize)):
        # Synth alone runs there: where no app tells that it is cdktf's, it may be cdktn's.
        return Finding(
            _NODE,
            status if made_with else "warning",
            f"{told.lines[0]}, {found}, on which the cdktf command does not start: its node-pty has no "
            f"binary for {first} and newer",
            "Install Node.js 22 (20 on linux-arm64), or use cdktn.",
        )
    return Finding(_NODE, "ok", f"{told.lines[0]}, {found}")
