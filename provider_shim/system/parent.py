"""The process that started this one: which it is, and whether it still lives."""

import os
from collections.abc import Mapping

# Pathlib costs each start more than the work here.
# ruff: noqa: PTH123


def parent() -> int:
    """Return the id of the process that started this one, while it lives; another one afterwards."""
    return os.getppid()


def lives(process: int) -> bool:
    """Return whether the process that ``parent`` has named still lives."""
    return os.getppid() == process


def identity(process: int) -> str:
    """Return what tells a process from others that had its number, or will, on this machine or another.

    The number, its start, and the start of the machine. Where the system does not tell, the number alone.
    """
    told = _told(process)
    try:
        with open("/proc/sys/kernel/random/boot_id") as boot:
            return f"{process}.{told[19]}.{boot.read(8)}"
    except (OSError, IndexError):
        return str(process)


def is_there(identified: str) -> bool:
    """Return whether the process that ``identity`` has told still lives."""
    number, dot, _ = identified.partition(".")
    if dot:
        told = _told(int(number))
        return bool(told) and told[0] != "Z" and identity(int(number)) == identified
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _told(process: int) -> list[str]:
    """Return what the system tells of a process behind its name; nothing if it has none, or does not tell."""
    try:
        with open(f"/proc/{process}/stat", "rb") as told:
            return told.read().rpartition(b")")[2].decode().split()
    except OSError:
        return []


def destroys(process: int, environment: Mapping[str, str]) -> bool:
    """Return whether a Terraform destroys all it has; False where the system does not tell."""
    return _says(process, environment, "destroy", "destroy=true")


def skips_refresh(process: int, environment: Mapping[str, str]) -> bool:
    """Return whether a Terraform plans without reading anything; False where the system does not tell."""
    return _says(process, environment, "refresh=false")


def _says(process: int, environment: Mapping[str, str], *wanted: str) -> bool:
    said = arguments(process)
    return bool(said) and any(each.lstrip("-") in wanted for each in [*said, *more_arguments(environment)])


def arguments(process: int) -> list[str]:
    """Return a program's arguments; nothing where the system does not tell them."""
    try:
        with open(f"/proc/{process}/cmdline", "rb") as command:
            return command.read().decode(errors="replace").split("\0")[1:]
    except OSError:
        return []


def more_arguments(environment: Mapping[str, str]) -> list[str]:
    """Return the arguments that a Terraform has from its environment."""
    given = [value for name, value in environment.items() if name.startswith("TF_CLI_ARGS")]
    return " ".join(given).split()
