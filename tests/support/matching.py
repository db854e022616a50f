"""Holds a shown output against a real one."""

import re

# An id is another one each time: `conv_ad4d…` stands for any.
_ID = re.compile(r"\b(conv_|msg_|vs_|thread_|file-)[0-9A-Za-z]*…")


def matches(shown: str, said: str) -> bool:
    """Tell whether a text stands in an output. `…` is any part of a line; alone on one, any lines."""
    lines = [line.rstrip() for line in _ID.sub(r"\1…", shown).strip("\n").splitlines()]
    pattern = "\n".join(
        r"(?:.*\n)*?.*" if line == "…" else re.escape(line).replace("…", r"[^\n]*?") for line in lines
    )
    plain = "\n".join(line.rstrip() for line in said.splitlines())
    return re.search(rf"^{pattern}$", plain, re.MULTILINE) is not None
