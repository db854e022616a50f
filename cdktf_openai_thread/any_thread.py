"""What every thread has, whoever manages it: an id."""

from typing import Protocol, runtime_checkable

from constructs import Construct

from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.synth.making import Making, check_place, titled
from cdktf_openai_thread.synth.tokens import is_jsii, is_resolvable, is_token, shown
from provider_shim.contract.check import Problem

_PREFIXES = ("conv_", "thread_")


@runtime_checkable
class IThread(Protocol):
    """Something with a thread id: a ``Thread``, one of a ``ThreadSet``, an existing one."""

    @property
    def thread_id(self) -> str:
        """Id of the thread at the API, or a token that stands for it."""


class ExistingThread(Construct):
    """A thread that this stack does not manage; see ``Thread.from_thread_id``."""

    def __init__(self, scope: Construct, id_: str, thread_id: str) -> None:
        """Refer to a thread.

        Args:
            scope: The stack, or a construct in it.
            id_: Names it within the scope, and in Terraform's state.
            thread_id: ``conv_…`` or ``thread_…``, or a token.

        Raises:
            ConfigurationError: A literal that is neither.
        """
        check_place(self, scope, id_)
        of_a_thread = isinstance(thread_id, str) and (is_token(thread_id) or thread_id.startswith(_PREFIXES))
        if not of_a_thread and not (is_jsii(thread_id) and is_resolvable(thread_id)):
            raise ConfigurationError(titled(self, scope, id_), [_no_id(thread_id)])
        with Making(self, scope, id_):
            super().__init__(scope, id_)
        self._thread_id = thread_id

    @property
    def thread_id(self) -> str:
        """Id of the thread at the API, or a token that stands for it."""
        return self._thread_id

    @property
    def id(self) -> str:
        """The same, under the name that a managed thread has it."""
        return self._thread_id


def _no_id(given: object) -> Problem:
    return Problem(
        ("thread_id",),
        "Not the id of a thread",
        f"thread_id is {shown(given)}. Allowed: the id of a thread, which starts with conv_ or thread_, or a "
        "token. Give what the API answered when the thread was made.",
    )
