"""Memory that is free, and that the C library still holds."""

from contextlib import suppress


def give_back() -> None:
    """Return to the system what is free, where the C library can: glibc may keep tens of megabytes."""
    with suppress(ImportError, AttributeError, OSError):
        import ctypes  # noqa: PLC0415 - only where something large was read

        ctypes.CDLL(None).malloc_trim(0)
