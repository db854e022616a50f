"""What the API, or the way to it, says is wrong, as one problem for whoever asked. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from provider_shim.api.absence import is_absent
from provider_shim.api.answers import Answer
from provider_shim.api.problem import ApiProblem, CallFailed, Uncertain
from provider_shim.api.retry import LOCKED, QUOTA
from provider_shim.contract.identifiers import objects_in
from provider_shim.contract.limits import SWITCHED_OFF
from provider_shim.contract.path import Key, Path
from provider_shim.contract.secrets import masked

STILL_THERE: Final = "does not say that it is deleted, and it still exists"
_PERHAPS_GONE: Final = (400, 404, 410)
_NO_SUCH_CALL: Final = (404, 405)
_SERVER: Final = 500
LONGEST_TEXT: Final = 1_000
_LONGEST_INDEX: Final = 6
OPENAI: Final = "api.openai.com"

Trouble = Literal[
    "no connection",
    "name",
    "descriptors",
    "tls",
    "connect time-out",
    "time-out",
    "reset",
    "proxy",
    "redirect",
    "stopped",
]


class NoAnswer(Exception):  # noqa: N818 - one try that came to nothing
    """A request without an answer; ``sent``: it may have reached the server."""

    def __init__(self, trouble: Trouble, reason: str, *, sent: bool) -> None:
        """Say what was in the way, and the reason as the library gives it."""
        super().__init__(reason)
        self.trouble: Trouble = trouble
        self.reason = reason
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Call:
    """What was tried: in words for people, and where."""

    action: str
    method: str
    path: str
    origin: str
    secrets: tuple[str, ...] = field(default=(), repr=False)
    locate: Callable[[str], Path] = field(default=lambda param: attribute_path(param))  # noqa: PLW0108 - defined below

    @property
    def to_openai(self) -> bool:
        """Whether it went to OpenAI itself."""
        return self.origin == f"https://{OPENAI}"


def _clean(text: str, secrets: Iterable[str]) -> str:
    """Mask secrets, before anything is cut, and replace control characters."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "\N{REPLACEMENT CHARACTER}", masked(text, secrets))


def attribute_path(param: str, first_message: int = 0) -> Path:
    """Map the API's ``param`` to our attribute: ``items[3].content[0].text`` is messages[3].content.

    ``first_message`` is the index of the message that the call's first item was made of.
    """
    names = re.findall(r"[^.\[\]\"']+", param)
    if not names:
        return ()
    head, rest = names[0], names[1:]
    if head == "metadata":
        return ("metadata", Key(rest[0])) if rest else ("metadata",)
    if head in ("items", "messages"):
        index = _index(rest[0]) if rest else 0
        return ("messages", first_message + (index or 0), *_within_message(rest[1:]))
    if head in ("role", "content", "attachments"):
        return ("messages", first_message, *_within_message(names))
    if head == "tool_resources":
        return ("tool_resources", *(each if (index := _index(each)) is None else index for each in rest))
    known = ("purpose", "file", "filename", "expires_after", "name", "description", "file_ids")
    return (head,) if head in (*known, "chunking_strategy") else ()


def _index(text: str) -> int | None:
    """Return a position. Digits of other alphabets, and thousands of digits, are none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_INDEX else None


def _within_message(names: list[str]) -> Path:
    if not names or names[0] not in ("role", "content", "attachments", "metadata"):
        return ()
    if names[0] == "metadata" and names[1:]:
        return ("metadata", Key(names[1]))
    if names[0] == "attachments" and names[1:] and (index := _index(names[1])) is not None:
        return ("attachments", index)
    return (names[0],)


def explain(answer: Answer, call: Call) -> CallFailed:
    """Return what an answer other than the wished one means."""
    said = answer.error.get("message")
    if isinstance(said, str):
        said = _clean(said, call.secrets)
    param = answer.param
    lines = []
    if answer.wrong:
        lines.append(
            f"The answer {answer.wrong}."
            + (f" The API says: {_short(said)}" if isinstance(said, str) else "")
        )
    elif isinstance(said, str) and said:
        lines.append(f"The API says: {_short(said)}")
    elif answer.body is None:
        lines.append(_not_json(answer, _clean(answer.text, call.secrets)))
    else:
        lines.append("The API gives no message.")
    facts = [f"HTTP status {answer.status}"]
    facts += [f"code {answer.code}"] if answer.code else []
    facts += [f"param {param}"] if param else []
    facts += [f"request id {answer.request_id}"] if answer.request_id else []
    lines.append(f"{call.method} {call.path} at {call.origin}: {', '.join(facts)}.")
    kind, title = _meaning(answer, call)
    failed = CallFailed(
        kind,
        _clean(f"{capital(call.action)} failed: {title}", call.secrets),
        [_clean(line, call.secrets) for line in lines],
        call.locate(param) if param else (),
        call=call,
        answer=answer,
        remedy=_REMEDIES.get(kind, ""),
    )
    failed.unproven = (
        kind != "absent"
        and answer.status in _PERHAPS_GONE
        and call.method != "POST"
        and bool(objects_in(call.path))
    )
    return failed


def unreachable(trouble: Trouble, reason: str, call: Call) -> CallFailed:
    """Return why there is no answer."""
    title = _TROUBLES[trouble]
    what = " ".join(part for part in (call.method, call.path) if part)
    fact = f"{what} at {call.origin}: {_short(_clean(reason, call.secrets)) or title}."
    return CallFailed(
        trouble,
        _clean(f"{capital(call.action)} failed: {title}", call.secrets),
        _clean(fact, call.secrets),
        call=call,
        remedy=_REMEDIES.get(trouble, ""),
    )


def uncertain(  # noqa: PLR0913 - each is a part of what is said
    cause: ApiProblem, what: str, kind: str, facts: str = "", ids: Sequence[str] = (), *, many: bool = False
) -> Uncertain:
    """Return the problem of a create that may have happened although no usable answer came.

    Args:
        cause: What kept its answer from coming.
        what: May have been made.
        kind: Why that is not known.
        facts: The same for people, and what was looked for.
        ids: What may be it.
        many: Whether that is more than one object.
    """
    return Uncertain(
        kind,
        f"{what} may have been made, {'their ids are' if many else 'its id is'} not known",
        facts,
        cause.path,
        call=cause.call,
        answer=cause.answer,
        cause=cause,
        ids=ids,
    )


def _meaning(  # noqa: PLR0911 - one for each meaning
    answer: Answer, call: Call
) -> tuple[str, str]:
    """Return the kind of problem, and what it is in a few words."""
    status, code = answer.status, answer.code
    if code in QUOTA:
        return "quota", "the quota is used up"
    if code == LOCKED:
        return "locked", "the conversation is busy"
    if (of_the_call := _nothing_there(answer, call)) is not None:
        return of_the_call
    if answer.wrong == STILL_THERE:
        return "not deleted", "it is not deleted"
    no_json = answer.body is None and status not in (401, 403, 407) and status < _SERVER
    if no_json or (answer.success and answer.body is not None):
        return "foreign", "the answer is not the API's"
    if status in _STATUSES:
        return _STATUSES[status]
    if status >= _SERVER:
        return "server error", "the server has an error"
    return _STATUSES[400]


def _nothing_there(answer: Answer, call: Call) -> tuple[str, str] | None:
    """Return what it means that something is not there: the object, the call, or all of the API."""
    status = answer.status
    if status in (404, 410) and call.to_openai and re.match(r"/?(v1/)?threads\b", call.path):
        return "switched off", f"the Assistants API was switched off on {SWITCHED_OFF}"
    if is_absent(status, answer.body, call.path):
        return "absent", "it does not exist"
    if status in _NO_SUCH_CALL and call.method == "POST" and not objects_in(call.path):
        return "no such call", "the server does not offer this"
    return None


def _not_json(answer: Answer, text: str) -> str:
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if not text.strip():
        return "The answer has no content."
    if kind == "text/html" or text.lstrip()[:15].lower().startswith(("<!doctype", "<html")):
        title = re.search(r"<title[^>]*>([^<]*)</title>", answer.text, re.IGNORECASE)
        return "The answer is a web page" + (f', titled "{_short(title[1].strip())}".' if title else ".")
    if kind.endswith("json") or text.lstrip().startswith(("{", "[")):
        return "The answer is JSON that ends too early or is damaged."
    return f"The answer is not JSON; it begins: {text.strip()[:200]}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " …"


def capital(text: str) -> str:
    """Return the beginning of a sentence."""
    return text[:1].upper() + text[1:]


_STATUSES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("refused", "the API refuses it"),
    401: ("unauthorized", "the key is not accepted"),
    403: ("forbidden", "the key may not do this"),
    404: ("not found", "not found"),
    407: ("proxy login", "the proxy asks for a login"),
    408: ("gave up", "the server gave up waiting"),
    409: ("conflict", "something else changed it at the same time"),
    413: ("too large", "it is too large"),
    429: ("too many", "too many requests"),
    501: ("not offered", "the server does not offer this"),
}

_TROUBLES: Final[Mapping[Trouble, str]] = {
    "no connection": "no connection",
    "name": "the host's name can't be resolved",
    "descriptors": "this process has as many files and connections open as it may",
    "tls": "the connection is not secure",
    "connect time-out": "no connection in time",
    "time-out": "no answer in time",
    "reset": "the connection broke",
    "proxy": "the proxy refuses",
    "redirect": "a redirect that is not followed",
    "stopped": "stopped",
}

_REMEDIES: Final[Mapping[str, str]] = {
    "quota": (
        "Add credit or raise the limit of the organization or project that the key belongs to "
        "(https://platform.openai.com/settings/organization/billing). Repeating does not help."
    ),
    "forbidden": (
        "Give the key (or its project and organization) the permission it lacks, or use another key. "
        "From some countries and networks OpenAI can't be used at all."
    ),
    "proxy login": "Put the login into HTTPS_PROXY, or except the API with NO_PROXY.",
    "too large": "Make the message or the file smaller.",
    "tls": (
        "The server's certificate is not accepted. Behind a proxy that opens TLS, set SSL_CERT_FILE to "
        "the certificate of its authority; else check base_url."
    ),
    "connect time-out": "Check base_url, the network and its firewall; behind a proxy, set HTTPS_PROXY.",
    "proxy": "Check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.",
    "redirect": "The key is sent only to base_url. If the new address is right, set base_url to it.",
}
"""What helps, by kind of problem, where it is the same for everybody who asks."""
