"""The most memory that the provider may take."""

import re
from pathlib import Path
from typing import Final

MOST_MIB: Final = 200
"""That a provider may have had at any time."""


def peak_mib(process: int) -> int:
    """Return the most memory that a process has had, in MiB."""
    text = Path(f"/proc/{process}/status").read_text()
    [kib] = re.findall(r"^VmHWM:\s+(\d+) kB", text, re.MULTILINE)
    return int(kib) // 1024
