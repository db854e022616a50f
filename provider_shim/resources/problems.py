"""Problems of the API, as Terraform shows them: what was found, and what to do with Terraform about it."""

from collections.abc import Mapping
from typing import Final

from provider_shim.api.problem import ApiProblem, CallFailed
from provider_shim.contract.provider import ENVIRONMENT
from provider_shim.terraform.diagnostics import Diagnostic, error

_AGAIN: Final = "Apply again."
_NONE_OF_THEM: Final = "`openai-thread orphans --forget`, and apply again."
_BASE_URL: Final = "Check base_url in the provider"

ADVICE: Final[Mapping[str, str]] = {
    # Answers of a call.
    "refused": "Change what it complains about, and apply again.",
    "unauthorized": (
        f"Check api_key in the provider, or the environment variable {ENVIRONMENT['api_key']}: is it "
        "complete, still valid, and one of this server?"
    ),
    "absent": (
        "It was deleted, or the key belongs to another project. If it was deleted, plan again: what "
        "Terraform manages is then made anew."
    ),
    "not found": (
        "This does not prove that the object is gone, so it stays in the state. Check base_url, "
        "organization, project and key in the provider."
    ),
    "no such call": (
        f"Nothing answers to POST {{path}} there. {_BASE_URL} (it usually ends in /v1), and api: "
        '"conversations" and "threads" are two APIs, and few servers have both.'
    ),
    "not offered": (
        "Check base_url (it usually ends in /v1) and api in the provider. Repeating does not help."
    ),
    "switched off": (
        'OpenAI has no /threads any more. Set api = "conversations" in the provider (the default), or '
        "base_url to a server that still has it."
    ),
    "foreign": (
        f"A proxy or another server seems to answer. {_BASE_URL} (it usually ends in /v1) and the proxy "
        "settings (HTTPS_PROXY, NO_PROXY)."
    ),
    "locked": (
        "Another call works on it, for example a response that is being made. Apply again when it is done."
    ),
    "not deleted": f"The server took the call, and did not do it. {_AGAIN}",
    "gave up": _AGAIN,
    "conflict": _AGAIN,
    "too many": (
        "The rate limit was still met after waiting. Apply again later, run terraform with a lower "
        "-parallelism, or raise max_retries in the provider."
    ),
    "server error": "Apply again later. If it stays, look at the provider's status page.",
    # No answer.
    "no connection": f"Nothing answers there. {_BASE_URL}, and that the server runs.",
    "descriptors": (
        "Raise the limit (ulimit -n), or run terraform with a lower -parallelism, and apply again."
    ),
    "name": f"{_BASE_URL}, the network and its name server.",
    "time-out": "Apply again, or raise timeout in the provider.",
    "reset": "Apply again. If it stays, look at what is between here and the API.",
    "stopped": "It was stopped before it was done. Apply again to finish.",
    # What several calls come to.
    "strange": f"{_BASE_URL}.",
    "gone": "since Terraform read it. Apply again: the next plan makes another one.",
    "message gone": f"since Terraform read it. {_AGAIN}",
    "not an id": "Copy it from the API or from the state.",
    "unreadable": (
        "Allowed: the path of a file that Terraform may read, from the folder it runs in. Correct the path."
    ),
    "expired": "Apply again to make another one.",
    "not indexed": "Replace these files, or take them out of file_ids.",
    "not indexed in time": "Apply again later, raise timeout, or set wait_for_indexing = false.",
    "unlisted": "Apply again to make another one.",
    "not listed": _AGAIN,
    "not looked up": "Apply again: the next run looks for it.",
    "store file gone": "Apply again: the next plan puts it in anew.",
    "store file not indexed": "Replace the file, or take it out of the configuration.",
    "store file unseen": "Apply again: it is looked for, and taken over.",
    "messages not looked up": "Apply again: the next run looks for them.",
    "ambiguous messages": (
        f"Delete those that are not wanted at the API and apply again. If it is none of them: {_NONE_OF_THEM}"
    ),
}
"""What to do, by the kind of problem; of the others, the problem itself knows what helps."""
_ONE: Final = (
    "Look at what the API tells of it. If it is yours: terraform import. If it is not: " + _NONE_OF_THEM
)
_SEVERAL: Final = (
    "Look at what the API tells of them. The one that is yours can be taken with terraform import. "
    f"If none is: {_NONE_OF_THEM}"
)


def diagnostics_of(problem: BaseException) -> list[Diagnostic] | None:
    """Return what to show of an exception; None if it is none of the API's."""
    if not isinstance(problem, ApiProblem):
        return None
    return [error(problem.summary, "\n\n".join(_paragraphs(problem)), problem.path)]


def _paragraphs(problem: ApiProblem) -> list[str]:
    cause = problem.cause
    before = [f"{cause.summary}.", *_paragraphs(cause)] if cause is not None else []
    facts, advice = [each for each in problem.facts if each], _advice(problem)
    of_several_calls = not (isinstance(problem, CallFailed) or problem.remedy)
    if of_several_calls and facts and "\n" not in facts[-1]:
        *facts, last = facts
        advice = f"{last} {advice}"
    return [*before, *facts, advice] if advice else [*before, *facts]


def _advice(problem: ApiProblem) -> str:
    if problem.kind == "ambiguous":
        return _ONE if len(problem.ids) == 1 else _SEVERAL
    advice = ADVICE.get(problem.kind, problem.remedy)
    if problem.call is not None:
        advice = advice.replace("{path}", problem.call.path)
    return advice + " If it is gone for certain: terraform state rm ADDRESS." * problem.unproven
