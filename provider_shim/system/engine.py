"""The Terraform or OpenTofu that is meant or runs: which it is, and what it is called."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from provider_shim.system.parent import command

VARIABLE: Final = "TERRAFORM_BINARY_NAME"
"""The environment variable that names the engine; the command lines of both frameworks read it, too."""

_COMMAND: Final = re.compile(
    r"\bterraform(?= (?:apply|destroy|force-unlock|import|init|plan|providers|refresh|state|taint|untaint)\b)"
)

_DESTROY_SINCE: Final = {"terraform": (1, 16), "tofu": (1, 12)}


def chosen(environment: Mapping[str, str]) -> Path | None:
    """Return the engine that a person means: what the variable names, else terraform, else tofu.

    None where there is none; what the variable names is not replaced by another.
    """
    named = environment.get(VARIABLE)
    for name in [named] if named else ["terraform", "tofu"]:
        if (found := shutil.which(name, path=environment.get("PATH"))) is not None:
            return Path(os.path.abspath(found))  # noqa: PTH100 - keeps links
    return None


def cli_finds_no(found: Path, environment: Mapping[str, str]) -> str | None:
    """Say that the cdktf CLI does not find the engine that was chosen; None where it does.

    It starts ``terraform`` unless the variable names another.
    """
    if environment.get(VARIABLE) or found.name != "tofu":
        return None
    return f"{found}, and the cdktf CLI starts terraform, which is not on the PATH"


def word(program: str | Path | None) -> str:
    """Return the command of an engine as a person types it: ``terraform``, or ``tofu``."""
    return "tofu" if program is not None and "tofu" in Path(program).name.lower() else "terraform"


def in_words_of(program: str | Path | None, text: str) -> str:
    """Return a text with its commands for an engine: ``tofu state rm`` where that is OpenTofu."""
    return _COMMAND.sub("tofu", text) if word(program) == "tofu" else text


def keeps_what_leaves(program: str, version: str) -> bool:
    """Return whether an engine of this version has ``lifecycle { destroy = false }`` in a resource."""
    number = re.match(r"(\d+)\.(\d+)", version)
    return number is not None and (int(number[1]), int(number[2])) >= _DESTROY_SINCE[word(program)]


def document(output: str) -> str:
    """Return the JSON in what an engine has printed.

    OpenTofu prints what it finds wrong with its CLI configuration to stdout, before every answer.
    """
    begins = re.search(r"^\{", output, re.MULTILINE)
    return output[begins.start() :] if begins else output


def running(process: int) -> str:
    """Return the program of the engine that runs as ``process``; nothing where the system does not tell."""
    return (command(process) or [""])[-1]
