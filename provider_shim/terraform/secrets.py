"""Keeps secrets out of every text that leaves the provider."""

HIDDEN = "(sensitive value)"

_SHORTEST = 6
"""Characters. Shorter ones are in too many words, and no service gives out such keys."""

_values: set[str] = set()


def hide(*values: object) -> None:
    """Never let these texts out again, neither in a diagnostic nor in the log."""
    _values.update(each for each in values if isinstance(each, str) and len(each) >= _SHORTEST)


def redacted(text: str) -> str:
    """Replace what is to be hidden."""
    for value in sorted(_values, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return text
