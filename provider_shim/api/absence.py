"""What proves that an object does not exist: the API's own words about this very object. Pure.

A 404 alone proves nothing. A proxy that lost its back end, a wrong path in base_url and an API
that was switched off answer 404 too, and a resource that is removed from the state by mistake is
made a second time.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from provider_shim.contract.identifiers import objects_in

NOT_FOUND: Final = 404
_STATUSES: Final = (400, NOT_FOUND, 410)

_KINDS: Final[Mapping[str, str]] = {
    "conversations": r"conversation|thread",
    "threads": r"conversation|thread",
    "items": r"(?:conversation )?(?:item|message)",
    "messages": r"(?:thread |conversation )?(?:message|item)",
    "files": r"(?:vector store )?file",
    "vector_stores": r"vector store",
}
"""What servers call an object of a collection. Where one calls it otherwise, the id has to be named."""

# A sentence that is about the way to the API, or who may use it, says nothing of what the API keeps.
_WAY: Final = re.compile(
    r"\b(?:url|uri|route|path|endpoint|upstream|host|server|service|deployment|model|organi[sz]ation|project"
    r"|tenant|account|user|resource|api|key)s?\b",
    re.IGNORECASE,
)
_ACCESS: Final = re.compile(
    r"\b(?:access|permissions?|permitted|authori[sz]ed|authori[sz]ation|allowed|denied)\b", re.IGNORECASE
)
# "whose code says nothing else". A number repeats the status; LiteLLM writes a missing code as "None".
_CODE: Final = re.compile(
    r"|none|null|\d{3}|(?:http|invalid[_ ]?request|bad[_ ]?request|client|api)(?:[_ ]?error)?"
    r"|(?:(?:resource|object|entity|conversation|thread|item|message|file|vector[_ ]?store)[_ ]?)?"
    r"(?:not[_ ]?found|does[_ ]?not[_ ]?exist)(?:[_ ]?error)?",
    re.IGNORECASE,
)

_ABSENT: Final = (
    r"(?:(?:was|is|could|can)\s?not (?:be )?|not |was never )found\b|(?:does not|doesn't) exist\b"
)
_BEHIND: Final = re.compile(rf"\s*:?\s*(?:{_ABSENT}|no longer exists\b)", re.IGNORECASE)
_WITH_ID: Final = re.compile(
    r"\s*(?:\b(?:with|for|having|by) )?(?:\bthe )?(?:\bid(?:entifier)?)?\s*[:=]?\s*$", re.IGNORECASE
)
_NO_SUCH: Final = re.compile(
    r"\bno (?:such (?P<such>[a-z_ ]{1,40})|(?P<found>[a-z_ ]{1,40}?) (?:was )?(?:found|exists))$",
    re.IGNORECASE,
)
_NO_KIND: Final = re.compile(r"\bno (?P<kind>[a-z_ ]{1,40})$", re.IGNORECASE)
_FOUND: Final = re.compile(r"\s*(?:was |could be )?(?:found|exists)\b", re.IGNORECASE)
_BEFORE: Final = re.compile(rf"(?P<kind>[a-z_ ]{{1,40}}?) (?:{_ABSENT})$", re.IGNORECASE)
_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+|[;\n]")
_CLAUSES: Final = re.compile(r"[:,(]| - ")
_QUOTES: Final = "'\"`()[]<>\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
_IN: Final = r"(?: in (?:this|the) (?:conversation|thread|vector store))?"
_WORD: Final = r"\w/\\%?&=~@+-"
"""Characters that go on with an id, or with a path that it would be a part of."""


def absent_id(status: int, body: object, path: str) -> str | None:
    """Return the id of an object on a path that an answer proves not to exist; None if it proves none.

    Args:
        status: Of the answer.
        body: Its parsed JSON; anything that is not JSON proves nothing.
        path: Of the call, percent-encoded: ``/threads/thread_1/messages/msg_1`` leads through two objects.
    """
    if status not in _STATUSES or not isinstance(body, dict) or not _CODE.fullmatch(_code(body)):
        return None
    return next(
        (
            identifier
            for message in _messages(body)
            for kind, identifier in objects_in(path)
            if _names(message, identifier) or (status == NOT_FOUND and _is_of_kind(message, kind))
        ),
        None,
    )


def is_absent(status: int, body: object, path: str) -> bool:
    """Return whether an answer proves that one of the objects on its call's path does not exist."""
    return absent_id(status, body, path) is not None


def _code(body: Mapping[str, object]) -> str:
    holder = _holder(body)
    code = holder.get("code") if isinstance(holder, dict) else None
    return "" if code is None else str(code)


def _holder(body: Mapping[str, object]) -> object:
    return body["error"] if "error" in body else body.get("detail")


def _messages(body: Mapping[str, object]) -> Iterator[str]:
    """Yield the text in the place where the known APIs say what is wrong."""
    holder = _holder(body)
    text = holder.get("message") if isinstance(holder, dict) else holder if "error" not in body else None
    if isinstance(text, str):
        yield text


def _names(message: str, identifier: str) -> bool:
    """Return whether a sentence names this id and says that it, and nothing else, is not there."""
    # The id may hold what ends a sentence, or a word such as "path".
    named = re.compile(rf"(?<![{_WORD}.]){re.escape(identifier)}(?![{_WORD}]|[.:]\w)")
    for sentence in _SENTENCES.split(named.sub("\0", message.replace("\0", ""))):
        before, found, after = sentence.partition("\0")
        if found and not _ACCESS.search(sentence) and _says_absent(before, after):
            return True
    return False


def _says_absent(before: str, after: str) -> bool:
    before, after = before.rstrip(_QUOTES), after.lstrip(_QUOTES)
    clause = _CLAUSES.split(_WITH_ID.sub("", before))[-1]
    told = _NO_SUCH.search(clause) or _BEFORE.search(clause)
    if told is None and _FOUND.match(after):
        told = _NO_KIND.search(clause)
    if told is not None:
        return not _WAY.search(told[0])
    return bool(_BEHIND.match(after)) and not _WAY.search(clause)


def _is_of_kind(message: str, collection: str) -> bool:
    """Return whether a whole message says that an object of this kind is not there, without its id."""
    kind = _KINDS.get(collection)
    text = _CLAUSES.split(message.replace("_", " "))[-1].strip().rstrip(".!")
    named = rf"(?:the |this )?(?:{kind})(?: with (?:this|the given|that) id)?"
    sentence = rf"{named} (?:{_ABSENT}){_IN}|no such (?:{kind})"
    return (
        kind is not None
        and re.fullmatch(sentence, text, re.IGNORECASE) is not None
        and not (_WAY.search(message) or _ACCESS.search(message))
    )
