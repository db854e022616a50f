"""The process that started this one, and others: which one it is, whether it lives, and its command."""

import os
from itertools import takewhile

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


def arguments(process: int) -> list[str]:
    """Return a program's arguments; nothing where the system does not tell them."""
    try:
        with open(f"/proc/{process}/cmdline", "rb") as command:
            return command.read().decode(errors="replace").split("\0")[1:]
    except OSError:
        return []


def command(process: int) -> list[str] | None:
    """Return the command of a program that runs; None where the system does not tell.

    A script is run by its interpreter: then the command names both.
    """
    from pathlib import Path  # noqa: PLC0415 - as above

    try:
        program = Path(f"/proc/{process}/exe").readlink()
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return None
    named = os.fsdecode(words[0])
    if program.name.startswith("python") and len(words) > 1:
        options = list(takewhile(lambda word: word.startswith("-"), map(os.fsdecode, words[1:])))
        script = Path(f"/proc/{process}/cwd", os.fsdecode(words[1 + len(options)]))
        interpreter = named if Path(named).is_absolute() else str(program)
        return [interpreter, *options, str(script.resolve())] if script.is_file() else None
    return [str(program)]
