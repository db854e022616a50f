"""Files on their way to the API, read through something that looks on."""

import io


class Through(io.BufferedIOBase):
    """A file that is read through another object; what looks on overrides ``read`` or ``seek``."""

    def __init__(self, source: io.BufferedIOBase) -> None:
        self._source = source

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that it can be read again, which a repeated call does."""
        return True

    def tell(self) -> int:
        """Return where in the file it is."""
        return self._source.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place in the file."""
        return self._source.seek(offset, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes."""
        return self._source.read(-1 if size is None else size)
