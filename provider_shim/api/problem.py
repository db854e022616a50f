"""What keeps a call, or what several make up, from its end: one exception that knows no Terraform.

Costs nothing to import: what handles a failure does so although no call may ever be made.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from provider_shim.contract.path import Path

if TYPE_CHECKING:
    from provider_shim.api.answers import Answer


class ApiProblem(Exception):  # noqa: N818 - it says what is wrong, with a next step
    """One problem.

    Attributes:
        kind: What it is, for programs: "absent", "quota", "time-out", …
        summary: What it is, for people, in a line.
        facts: What was found, in sentences.
        advice: What to do.
        path: The attribute that it is about.
        answer: Of the API; None where there was none.
        uncertain: Whether it was a create, and may have happened all the same.
        absent: Whether the answer proves that an object of the call does not exist.
    """

    def __init__(  # noqa: PLR0913 - what there is to say of a problem
        self,
        kind: str,
        summary: str,
        facts: str | Sequence[str] = (),
        path: Path = (),
        *,
        advice: str = "",
        answer: "Answer | None" = None,
    ) -> None:
        """Take what is known of it."""
        super().__init__(summary)
        self.kind = kind
        self.summary = summary
        self.facts = [facts] if isinstance(facts, str) else [*facts]
        self.path = path
        self.advice = advice
        self.answer = answer
        self.uncertain = False
        self.absent = False

    @property
    def detail(self) -> str:
        """Everything but the summary, as paragraphs."""
        return "\n\n".join(each for each in (*self.facts, self.advice) if each)

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
