"""What the shell and the machine have: home, temporary folder, CLI configuration."""

import os
import tempfile
from pathlib import Path
from typing import Final

from provider_shim.commands.doctor.finding import Finding
from provider_shim.launcher.cli_configuration import cli_configuration_warning
from provider_shim.system.home import home_folder, no_home

_TEMPORARY: Final = "Temporary folder"


def home(*, of_a_project: bool) -> Finding | None:
    """Report a home folder that is not there; None where there is one, as nearly always."""
    found = home_folder()
    if found is not None:
        return None
    return Finding(
        "Home folder",
        "error" if of_a_project else "warning",
        f"{no_home()}: the cdktf CLI can't start",
        "Set HOME to a folder that this user can write, for example HOME=/tmp.",
    )


def temporary(*, of_a_project: bool) -> Finding:
    """Report the folder for temporary files: synth puts its Node.js program there."""
    given = os.environ.get("TMPDIR")
    if given and not (Path(given).is_dir() and os.access(given, os.W_OK | os.X_OK)):
        why = "can't be written by this user" if Path(given).is_dir() else "is no folder"
        return Finding(
            _TEMPORARY,
            "error" if of_a_project else "warning",
            f"TMPDIR is {given!r}, which {why}: cdktf can't be imported, since jsii unpacks itself there",
            "Make the folder, correct TMPDIR, or unset it.",
        )
    try:
        return Finding(_TEMPORARY, "ok", tempfile.gettempdir())
    except OSError as problem:
        return Finding(
            _TEMPORARY, "error", str(problem), "Make /tmp writable, or set TMPDIR to a folder that is."
        )


def cli_configuration(*, tofu: bool) -> Finding:
    """Report what keeps the engine from the provider in a stack's folder."""
    name = "Terraform's CLI configuration"
    given = os.environ.get("TF_CLI_CONFIG_FILE") or os.environ.get("TERRAFORM_CONFIG")
    if given and not Path(given).is_file():
        variable = "TF_CLI_CONFIG_FILE" if os.environ.get("TF_CLI_CONFIG_FILE") else "TERRAFORM_CONFIG"
        return Finding(
            name,
            "warning",
            f"{given}, named by {variable}, does not exist",
            f"Unset {variable}, or make the file.",
        )
    warning = cli_configuration_warning(os.environ, home_folder(), tofu=tofu)
    if warning is not None:
        found, _, todo = warning.partition(". Add to the block:")
        return Finding(name, "error", found, "Add to the block:" + todo)
    if tofu and os.environ.get("TOFU_CLI_CONFIG_FILE"):
        return Finding(
            name,
            "warning",
            "TOFU_CLI_CONFIG_FILE is set, which OpenTofu does not read",
            "Set TF_CLI_CONFIG_FILE, which OpenTofu and Terraform read.",
        )
    return Finding(name, "ok", "nothing in it keeps Terraform from the provider")
