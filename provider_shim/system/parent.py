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
    return any(word in ("destroy", "destroy=true") for word in _words(process, environment))


def skips_refresh(process: int, environment: Mapping[str, str]) -> bool:
    """Return whether a Terraform plans without reading anything; False where the system does not tell."""
    return "refresh=false" in _words(process, environment)


def _words(process: int, environment: Mapping[str, str]) -> list[str]:
    """Return a Terraform's arguments without their dashes, those of its environment included."""
    try:
        with open(f"/proc/{process}/cmdline", "rb") as command:
            words = command.read().decode(errors="replace").split("\0")
    except OSError:
        return []
    given = [value for name, value in environment.items() if name.startswith("TF_CLI_ARGS")]
    return [word.lstrip("-") for word in [*words[1:], *" ".join(given).split()]]
