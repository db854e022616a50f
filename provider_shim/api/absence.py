"""What proves that an object does not exist: the API's own words about this very id.

A 404 alone proves nothing. A proxy that lost its back end, a wrong path in base_url and an API
that was switched off answer 404 too, and a resource that is removed from the state by mistake is
made a second time.
"""

import re
from collections.abc import Iterator
from typing import Final

NOT_FOUND: Final = 404

_QUOTE: Final = r"['\"`]?"
_KIND: Final = r"(?:the |a )?[A-Za-z][A-Za-z_ ]{0,40}?"
# Each sentence names the id and says of it, and of nothing else, that it is not there. An id within
# a path ("/v1/conversations/conv_1 was not found on this server") matches none of them.
_SENTENCES: Final = (
    rf"{_KIND} (?:with (?:the )?(?:id|ID):? )?{_QUOTE}%s{_QUOTE} (?:was |is |could )?not (?:be )?found\b",
    rf"{_KIND} (?:with (?:the )?(?:id|ID):? )?{_QUOTE}%s{_QUOTE} (?:does not|doesn't) exist\b",
    rf"no (?:such )?{_KIND} (?:was )?found (?:with|for) (?:the )?(?:id|ID):? {_QUOTE}%s{_QUOTE}(?![\w/-])",
    rf"no {_KIND} with (?:the )?(?:id|ID):? {_QUOTE}%s{_QUOTE} (?:was )?found\b",
    rf"no such {_KIND}:? {_QUOTE}%s{_QUOTE}(?![\w/-])",
    rf"{_KIND} not found:? {_QUOTE}%s{_QUOTE}(?![\w/-])",
)
# Words about the way to the API rather than about what it keeps.
_WAY: Final = re.compile(
    r"\b(?:url|uri|route|path|endpoint|upstream|host|deployment|model|organization|project|resource)\b",
    re.IGNORECASE,
)
# One real server (smg) does not name the id. Its error is whole, has the API's own code, and says
# what kind of object it looked for; a gateway's "Not found" or "Resource not found" does not.
_UNNAMED: Final = re.compile(
    r"(?:Conversation|Thread|Item|Message|File|Vector store)(?: with this id)? not found"
    r"(?: in this (?:conversation|thread|vector store))?\.?"
)


def is_absent(status: int, body: object, identifier: str) -> bool:
    """Tell whether an answer to a call on one object proves that the object does not exist.

    ``body`` is the parsed JSON; anything that is not JSON proves nothing.
    """
    if status != NOT_FOUND or not identifier or not isinstance(body, dict):
        return False
    return any(_says_absent(message, identifier) for message in _messages(body)) or _is_unnamed(body)


def _messages(body: dict[str, object]) -> Iterator[str]:
    """Give the texts in the places where the known APIs say what is wrong."""
    for holder in (body.get("error"), body.get("detail")):
        text = holder.get("message") if isinstance(holder, dict) else None
        if isinstance(text, str):
            yield text
    if isinstance(body.get("detail"), str) and "error" not in body:
        yield str(body["detail"])


def _says_absent(message: str, identifier: str) -> bool:
    named = re.escape(identifier)
    for sentence in _SENTENCES:
        found = re.match(sentence % named, message, re.IGNORECASE)
        if found:
            # The id itself may contain such a word.
            return identifier in found[0] and not _WAY.search(found[0].replace(identifier, ""))
    return False


def _is_unnamed(body: dict[str, object]) -> bool:
    error = body.get("error")
    return (
        isinstance(error, dict)
        and error.get("code") == "not_found"
        and error.get("type") == "invalid_request_error"
        and "param" in error
        and isinstance(error.get("message"), str)
        and _UNNAMED.fullmatch(error["message"]) is not None
    )
