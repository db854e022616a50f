"""What keeps a call, or what several make up, from its end: one exception that says what was found.

It knows the API and the way to it. What a person does about it depends on who asked: ``resources`` and
``commands`` each say that in their own words, by its ``kind``.

Costs nothing to import: what handles a failure does so although no call may ever be made.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from provider_shim.contract.path import Path

if TYPE_CHECKING:
    from provider_shim.api.answers import Answer
    from provider_shim.api.problems import Call


class ApiProblem(Exception):  # noqa: N818 - it says what is wrong
    """One problem.

    Attributes:
        kind: What it is, for programs: "absent", "quota", "time-out", …
        summary: What it is, for people, in a line.
        facts: What was found, in paragraphs.
        path: The attribute that it is about.
        call: What was tried; None where it is about more than one call, or none.
        answer: Of the API; None where there was none.
        cause: The problem that led to this one; its text is a part of this one's.
        remedy: What helps, whoever asks; empty where that depends on who does.
        ids: Objects that it names, one of which may be the one that was looked for.
        uncertain: Whether it was a create, and may have happened all the same.
        absent: Whether the answer proves that an object of the call does not exist.
        unproven: Whether the object of the call may be gone, and the answer does not prove it.
    """

    uncertain = False
    absent = False
    unproven = False

    def __init__(  # noqa: PLR0913 - what there is to say of a problem
        self,
        kind: str,
        summary: str,
        facts: str | Sequence[str] = (),
        path: Path = (),
        *,
        call: "Call | None" = None,
        answer: "Answer | None" = None,
        cause: "ApiProblem | None" = None,
        remedy: str = "",
        ids: Sequence[str] = (),
    ) -> None:
        """Take what is known of it."""
        super().__init__(summary)
        self.kind = kind
        self.summary = summary
        self.facts = [facts] if isinstance(facts, str) else [*facts]
        self.path = path
        self.call = call
        self.answer = answer
        self.cause = cause
        self.remedy = remedy
        self.ids = tuple(ids)

    @property
    def detail(self) -> str:
        """Everything that was found, but the summary, as paragraphs."""
        before = [f"{self.cause.summary}.", self.cause.detail] if self.cause is not None else []
        return "\n\n".join(each for each in (*before, *self.facts) if each)

    @property
    def status(self) -> int | None:
        """The HTTP status; None where there was no answer."""
        return self.answer.status if self.answer is not None else None

    @property
    def code(self) -> object:
        """The API's code for what is wrong; None if it gives none."""
        return self.answer.code if self.answer is not None else None

    @property
    def param(self) -> str:
        """The part of the request that the API complains about; empty if it names none."""
        return self.answer.param if self.answer is not None else ""

    @property
    def request_id(self) -> str:
        """What the API's support asks for."""
        return self.answer.request_id if self.answer is not None else ""


class CallFailed(ApiProblem):
    """A call without the wished answer."""


class Uncertain(ApiProblem):
    """A create came to nothing that can be held, and may have happened all the same."""

    uncertain = True
