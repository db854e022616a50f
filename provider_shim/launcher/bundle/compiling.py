"""A program of its own, started with a Python that has loaded nothing else: ``.py`` to ``.pyc``.

    python -S compiling.py <LINES

A line has the source, the result and the name that traces show, with tabs between. The bytes of a
``.pyc`` depend on what the process has done before: so all come from one process, in one order.
The result lies where the source would: Python then reads it without looking for a source.
"""

import importlib.util
import marshal
import sys


def compile_all() -> None:
    """Compile what the lines on stdin name."""
    for line in sys.stdin:
        source, result, name = line.rstrip("\n").split("\t")
        with open(source, "rb") as file:  # noqa: PTH123 - pathlib would be loaded for it
            text = file.read()
        try:
            code = compile(text, name, "exec", dont_inherit=True, optimize=0)
        except SyntaxError:  # a template, or for a newer Python
            continue
        with open(result, "wb") as file:  # noqa: PTH123 - as above
            # 1: known by the hash of its source, which nobody looks at again.
            file.write(importlib.util.MAGIC_NUMBER + b"\1\0\0\0" + importlib.util.source_hash(text))
            file.write(marshal.dumps(code))


if __name__ == "__main__":
    compile_all()
