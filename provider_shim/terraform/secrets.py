"""Keeps secrets out of every text that leaves the provider."""

from provider_shim.contract.secrets import masked

_values: set[str] = set()


def hide(*values: object) -> None:
    """Never let these texts out again, neither in a diagnostic nor in the log."""
    _values.update(each for each in values if isinstance(each, str))


def redacted(text: str) -> str:
    """Replace what is to be hidden."""
    return masked(text, _values) if _values else text
