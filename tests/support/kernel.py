"""Surroundings that only the kernel can give: no rights where tests run as root, calls that are refused.

    python kernel.py rights PROGRAM…
    python kernel.py locks NUMBER PROGRAM…

becomes the program; what it starts is in the same surroundings.
"""

import ctypes
import os
import platform
import struct
import sys
from typing import Final, Literal

_DROP_FROM_BOUNDING_SET: Final = 24
_NO_NEW_PRIVILEGES: Final = 38
_SET_SECCOMP: Final = 22
_FILTER: Final = 2
_RIGHTS: Final = (1, 2)
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: with them, root may read and write everything."""

_ALLOW: Final = 0x7FFF0000
_ERRNO: Final = 0x00050000
_LOAD: Final = 0x20
_IF_EQUAL: Final = 0x15
_RETURN: Final = 0x06
_NUMBER, _SECOND_ARGUMENT = 0, 24
_SET_LOCK: Final = (6, 7)
"""F_SETLK and F_SETLKW."""

Refused = Literal["locks", "fsync"]
_CALLS: Final[dict[str, dict[Refused, tuple[int, ...]]]] = {
    "x86_64": {"locks": (72,), "fsync": (74, 75)},
    "aarch64": {"locks": (25,), "fsync": (82, 83)},
}
"""Numbers of fcntl; of fsync and fdatasync."""

NO_RIGHTS: Final = (sys.executable, __file__, "rights")
"""Goes before a command for which the permissions of files are to count, root or not."""


def refusing(what: Refused, number: int) -> tuple[str, ...]:
    """Return what goes before a command to which the kernel is to refuse POSIX locks, or fsync.

    A file system without locks and a disk that fails can't be had in a test otherwise.
    """
    if platform.system() != "Linux" or platform.machine() not in _CALLS:
        import pytest  # noqa: PLC0415 - the command itself needs only the standard library

        pytest.skip(f"only Linux can refuse {what}, and this knows the calls of {', '.join(_CALLS)} alone")
    return (sys.executable, __file__, what, str(number))


def _give_up_rights(libc: ctypes.CDLL) -> None:
    if os.geteuid() == 0:
        for right in _RIGHTS:
            _checked(libc.prctl(_DROP_FROM_BOUNDING_SET, right, 0, 0, 0))


def _refuse(libc: ctypes.CDLL, what: Refused, number: int) -> None:
    refusal = _instruction(_RETURN, _ERRNO | number)
    program = b""
    for call in _CALLS[platform.machine()][what]:
        program += _instruction(_LOAD, _NUMBER)
        if what == "locks":  # fcntl does other things, too
            program += _jump(call, 0, 4) + _instruction(_LOAD, _SECOND_ARGUMENT)
            program += _jump(_SET_LOCK[0], 1, 0) + _jump(_SET_LOCK[1], 0, 1) + refusal
        else:
            program += _jump(call, 0, 1) + refusal
    program += _instruction(_RETURN, _ALLOW)
    text = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(text))
    _checked(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _checked(libc.prctl(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(described)))


def _instruction(code: int, value: int) -> bytes:
    return struct.pack("HBBI", code, 0, 0, value)


def _jump(value: int, equal: int, other: int) -> bytes:
    """Go on so many instructions further."""
    return struct.pack("HBBI", _IF_EQUAL, equal, other, value)


def _checked(returned: int) -> None:
    if returned:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def main() -> None:
    """Make the surroundings, and become the program."""
    libc = ctypes.CDLL(None, use_errno=True)
    match sys.argv[1:]:
        case "rights", *program:
            _give_up_rights(libc)
        case ("locks" | "fsync") as what, number, *program:
            _refuse(libc, what, int(number))
    os.execvp(program[0], program)  # noqa: S606 - tests name it


if __name__ == "__main__":
    main()
