"""Ids that a person typed."""

from provider_shim.terraform.diagnostics import Failure, error

PREFIXES = {"conv_": "conversations", "thread_": "threads"}
"""What the id of a thread begins with, and the API that gives such ids."""

_LONGEST = 256
"""No API has ids near this length; a longer one is a mistake, not an id."""


def checked_id(identifier: str, what: str, example: str) -> str:
    """Refuse what can't be an id, before it is sent anywhere."""
    if not identifier or identifier.isspace():
        problem = "The id is empty"
    elif len(identifier) > _LONGEST:
        problem = f'The id "{identifier[:40]}…" has {len(identifier)} characters'
    elif not all(each.isalnum() or each in "-_.:" for each in identifier) or not identifier.isascii():
        problem = f"The id {identifier!r} has characters that no id has"
    else:
        return identifier
    raise Failure(
        error(
            "Not an id",
            f"{problem}. Allowed: the id of {what}, such as {example}, of letters, digits, - and _.",
        )
    )
