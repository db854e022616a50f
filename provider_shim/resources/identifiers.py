"""Ids that a person typed."""

from provider_shim.contract.identifiers import LONGEST_ID, id_problem, parted_ids
from provider_shim.terraform.diagnostics import Failure, error


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


def split_ids(identifier: str, form: str, example: str) -> tuple[str, str]:
    """Split the import id of what is known by two ids, at its one slash.

    A slash within one of the ids is written %2F, and a percent sign %25.

    Args:
        identifier: What was typed.
        form: Such as THREAD_ID/MESSAGE_ID.
        example: Such as conv_…/msg_….
    """
    parted = parted_ids(identifier)
    if parted is None:
        raise Failure(
            error(
                "Not an id",
                f"The id is {identifier!r:.80}. Allowed: {form}, such as {example}, with one slash between "
                "the two. Write a slash within one of the ids as %2F, and a percent sign as %25.",
            )
        )
    return parted
