"""Keeps secrets out of every text that leaves the provider."""

_values: set[str] = set()


def hide(*values: object) -> None:
    """Never let these texts out again, neither in a diagnostic nor in the log."""
    _values.update(each for each in values if isinstance(each, str))


def redacted(text: str) -> str:
    """Replace what is to be hidden."""
    if not _values:
        return text
    from provider_shim.contract.secrets import masked  # noqa: PLC0415 - most runs have nothing to say

    return masked(text, _values)
