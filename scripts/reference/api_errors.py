"""What the API, or the way to it, can say: provoked, as the provider words it."""

from collections.abc import Iterator
from typing import get_args

from provider_shim.api.answers import Answer
from provider_shim.api.problem import CallFailed
from provider_shim.api.problems import Call, Trouble, explain, unreachable
from provider_shim.api.retry import LONGEST_PAUSE
from provider_shim.resources.problems import diagnostics_of
from scripts.reference.page import GENERATED

ORIGIN = "https://api.openai.com"
CREATE = Call("creating the conversation", "POST", "/conversations", ORIGIN)
READ = Call("reading the conversation", "GET", "/conversations/conv_68f3a0", ORIGIN)
THREADS = Call("creating the thread", "POST", "/threads", ORIGIN)

LEAD = f"""\
# Errors of the API

Whatever call fails, the error has the same form: what was done and what is wrong; what the API said, where,
and with which status; what to do. A key is masked in every text. Below, each is as it stands for one call.

Reads, updates and deletes are repeated after 408, 409, 429, 5xx (except 501) and a broken connection, up to
[`max_retries`](provider.md#optional) times. Before each they wait as long as the server asks, at most
{LONGEST_PAUSE:.0f} seconds. Where a quota is used up, nothing is repeated. With all its repetitions a call
ends after `timeout` times (`max_retries` + 1) seconds.

A create is repeated only when it certainly did not happen. Otherwise a file, a vector store or a message is
looked for at the API, and made again where it is not there. A thread can't be looked for: it ends in
[`… may have been made, its id is not known`](../troubleshooting.md#id-not-known).
"""


def _said(text: str, code: str | None = None, **more: str) -> dict[str, object]:
    return {"error": {"message": text, "type": "invalid_request_error", "code": code, **more}}


def answers() -> Iterator[CallFailed]:
    """Yield what is made of each kind of answer."""
    html = Answer(200, None, "<html><title>Sign in</title></html>", {"content-type": "text/html"})
    absent = Answer(404, _said("Conversation with id 'conv_68f3a0' not found."))
    yield explain(Answer(400, _said("Invalid value.", param="items[1].content")), CREATE)
    yield explain(Answer(401, _said("Incorrect API key provided.", "invalid_api_key")), READ)
    yield explain(Answer(403, _said("You have insufficient permissions for this operation.")), CREATE)
    yield explain(absent, Call("updating the conversation", "POST", READ.path, ORIGIN))
    yield explain(Answer(404, None, "<html><title>404</title></html>"), READ)
    yield explain(Answer(404, {"error": {"message": "Not found"}}), READ)
    yield explain(Answer(404, _said("Invalid URL (POST /v1/threads)")), THREADS)
    yield explain(html, READ)
    yield explain(Answer(429, _said("Rate limit reached.", "rate_limit_exceeded")), CREATE)
    yield explain(Answer(429, _said("You exceeded your current quota.", "insufficient_quota")), CREATE)
    yield explain(Answer(400, _said("The conversation is busy.", "conversation_locked")), CREATE)
    for status, text in (
        (407, ""),
        (408, ""),
        (409, "Conflict."),
        (413, "Too large."),
        (500, "Sorry."),
        (503, ""),
    ):
        yield explain(Answer(status, _said(text) if text else None), CREATE)


def troubles() -> Iterator[CallFailed]:
    """Yield what is said where no answer came."""
    for trouble in get_args(Trouble):
        yield unreachable(trouble, "", READ)


def api_errors() -> str:
    """Return the page."""
    lines = [
        GENERATED.format("provider_shim/resources/problems.py"),
        LEAD,
        "## An answer, but not the wished one",
        "",
    ]
    lines += [_entry(each) for each in answers()]
    lines += ["## No answer", ""]
    lines += [_entry(each) for each in troubles()]
    return "\n".join(lines).rstrip() + "\n"


def _entry(problem: CallFailed) -> str:
    shown = (diagnostics_of(problem) or [])[0]
    *facts, advice = shown.detail.replace("<", "&lt;").split("\n\n")
    said = "  \n    ".join(facts)
    return f"**{problem.summary}**\n\n:   {said}\n\n    {advice}\n"
