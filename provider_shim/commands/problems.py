"""Problems of the API, as the commands tell them: what was found, and what to do about it."""

from collections.abc import Mapping
from typing import Final

from provider_shim.api.problem import ApiProblem
from provider_shim.contract.provider import ENVIRONMENT

_BASE_URL: Final = "Check the base URL (it usually ends in /v1)"

ADVICE: Final[Mapping[str, str]] = {
    "unauthorized": (
        f"Check {ENVIRONMENT['api_key']} in the environment: is it complete, still valid, "
        "and one of this server?"
    ),
    "absent": "It was deleted, or the key belongs to another project.",
    "not found": (
        f"This does not prove that the object is gone. {_BASE_URL}, the organization, project and key."
    ),
    "no such call": (
        f"{_BASE_URL}, and which API is meant: conversations and threads are two, and few servers have both."
    ),
    "not offered": f"{_BASE_URL}, and which API is meant: conversations or threads.",
    "switched off": "OpenAI has no /threads any more. Give the base URL of a server that still has it.",
    "foreign": (
        f"A proxy or another server seems to answer. {_BASE_URL} and the proxy settings (HTTPS_PROXY, "
        "NO_PROXY)."
    ),
    "locked": (
        "Another call works on it, for example a response that is being made. Try again when it is done."
    ),
    "too many": "The rate limit was still met after waiting. Try again later.",
    "server error": "Try again later. If it stays, look at the status page of the API.",
    "no connection": "Nothing answers there. Check the base URL, and that the server runs.",
    "descriptors": "Raise the limit (ulimit -n).",
    "name": "Check the base URL, the network and its name server.",
    "time-out": "Try again.",
    "gave up": "Try again.",
    "conflict": "Try again.",
    "reset": "Try again. If it stays, look at what is between here and the API.",
    "strange": f"{_BASE_URL}.",
    "not an id": "Copy it from the API.",
}
"""What to do, by the kind of problem; of the others, the problem itself knows what helps."""


def advice_of(problem: ApiProblem) -> str:
    """Return what to do about a problem; empty where what was found says it."""
    return ADVICE.get(problem.kind, problem.remedy)


def said(problem: ApiProblem) -> str:
    """Return a problem in one text: what is wrong, what was found, and what to do."""
    parts = (f"{problem.summary}.", problem.detail, advice_of(problem))
    return " ".join(each for each in parts if each)
