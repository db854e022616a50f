"""A file for what must not stay on the disk: in memory where the system has that."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def memory_file(content: bytes, folder: str) -> Iterator[str]:
    """Return the path of a file with this content, there for as long as the context is.

    Args:
        content: What is in it.
        folder: Where it is, for this user alone, on a system without files in memory.
    """
    in_memory = hasattr(os, "memfd_create") and os.path.isdir("/proc/self/fd")  # noqa: PTH112 - pathlib is a slow import
    if in_memory:
        descriptor = os.memfd_create("openai-thread")
        path = f"/proc/self/fd/{descriptor}"
    else:
        path = f"{folder}/{os.urandom(8).hex()}"
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, content)
        yield path
    finally:
        os.close(descriptor)
        if not in_memory:
            os.unlink(path)  # noqa: PTH108 - as above
