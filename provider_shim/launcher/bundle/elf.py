"""Linux programs and libraries, as far as carrying them elsewhere needs it.

Only the parts that are loaded are kept: debug information and symbol tables are a third of a Python,
and the program that usually removes them is not on every machine and not the same on each.
"""

import re
import struct
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

_MAGIC: Final = b"\x7fELF\x02\x01"  # 64 bits, the low byte first: each platform that bundles are made for
_HEADER: Final = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT: Final = struct.Struct("<IIQQQQQQ")
_ENTRY: Final = struct.Struct("<qQ")
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_RPATH, _RUNPATH = 15, 29
_RESOLVED: Final = re.compile(r"(?m)^\s*(\S+) => (.+?)(?: \(0x[0-9a-f]+\))?$")


class _Segment(NamedTuple):
    kind: int
    flags: int
    offset: int
    address: int
    physical: int
    in_file: int
    in_memory: int
    alignment: int


def is_elf(data: bytes) -> bool:
    """Return whether this is a program or a library of 64-bit Linux."""
    return data.startswith(_MAGIC)


def loader_of(program: Path) -> Path | None:
    """Return the loader that a program is started by; None for a static one, or one of another system."""
    data = program.read_bytes()
    if not is_elf(data):
        return None
    for each in _segments(data):
        if each.kind == _INTERPRETER:
            return Path(data[each.offset : each.offset + each.in_file].rstrip(b"\0").decode())
    return None


def trimmed(data: bytes) -> bytes:
    """Return a program or library without what is not loaded, and without search paths of its builder.

    A search path (RPATH) would have it take libraries of the machine that it is carried to.
    """
    content = bytearray(data)
    segments = _segments(data)
    for each in segments:
        if each.kind == _DYNAMIC:
            entries = [
                _ENTRY.unpack_from(data, at)
                for at in range(each.offset, each.offset + each.in_file, _ENTRY.size)
            ]
            kept = [entry for entry in entries if entry[0] not in (_RPATH, _RUNPATH)]
            kept += [(0, 0)] * (len(entries) - len(kept))
            content[each.offset : each.offset + len(kept) * _ENTRY.size] = b"".join(
                _ENTRY.pack(*entry) for entry in kept
            )
    header = list(_HEADER.unpack_from(data))
    table = header[5] + header[9] * header[10]
    end = max([table, *(each.offset + each.in_file for each in segments if each.kind == _LOAD)])
    header[6] = header[12] = header[13] = 0  # the table of sections lies behind what is loaded
    content[: _HEADER.size] = _HEADER.pack(*header)
    return bytes(content[:end])


def libraries_of(file: Path, loader: Path) -> dict[str, Path]:
    """Return the libraries that a program or library is loaded with: name to file.

    Raises:
        LookupError: One is not on this machine.
        OSError: The loader can't be run.
    """
    done = subprocess.run([loader, "--list", file], capture_output=True, text=True, check=False)
    found = dict(_RESOLVED.findall(done.stdout))
    absent = [name for name, where in found.items() if where == "not found"]
    if done.returncode or absent:
        said = f"it needs {', '.join(absent)}, not found" if absent else done.stderr.strip()
        raise LookupError(f"{file}: {said}")
    return {name: Path(where) for name, where in found.items() if where.startswith("/")}


def _segments(data: bytes) -> list[_Segment]:
    header = _HEADER.unpack_from(data)
    start, size, number = header[5], header[9], header[10]
    return [_Segment(*_SEGMENT.unpack_from(data, start + size * each)) for each in range(number)]
