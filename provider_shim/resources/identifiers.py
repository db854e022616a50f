"""Ids that a person typed."""

from urllib.parse import quote, unquote

from provider_shim.contract.identifiers import LONGEST_ID, id_problem
from provider_shim.terraform.diagnostics import Failure, error

_UNESCAPED = "".join(chr(each) for each in range(0x21, 0x7F) if chr(each) not in "/%")
"""What a person can read and type in an id of two; non-ASCII characters are escaped as in a URL."""


def checked_id(identifier: str, what: str, example: str) -> str:
    """Refuse what can't be an id, before it is sent anywhere."""
    if problem := id_problem(identifier):
        raise Failure(
            error(
                "Not an id",
                f"{problem}. Allowed: the id of {what}, such as {example}, of at most {LONGEST_ID} "
                "characters. Copy the id from the API or from the state.",
            )
        )
    return identifier


def joined_ids(first: str, second: str) -> str:
    """Return what ``split_ids`` takes apart."""
    return "/".join(quote(each, safe=_UNESCAPED) for each in (first, second))


def split_ids(identifier: str, form: str, example: str) -> tuple[str, str]:
    """Split the import id of what is known by two ids, at its one slash.

    A slash within one of the ids is written %2F, and a percent sign %25.

    Args:
        identifier: What was typed.
        form: Such as THREAD_ID/MESSAGE_ID.
        example: Such as conv_…/msg_….
    """
    first, _, second = identifier.partition("/")
    if not first or not second or "/" in second:
        raise Failure(
            error(
                "Not an id",
                f"The id is {identifier!r:.80}. Allowed: {form}, such as {example}, with one slash between "
                "the two. Write a slash within one of the ids as %2F, and a percent sign as %25.",
            )
        )
    return unquote(first), unquote(second)
