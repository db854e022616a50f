"""A vector store at OpenAI, as a construct."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cdktf_openai_thread.bindings.vector_store import *  # noqa: F403 - what is given to a store, and refers to it
from cdktf_openai_thread.bindings.vector_store import VectorStoreBase
from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.synth.composition import KnownAtDeployError
from cdktf_openai_thread.synth.framework import tf
from cdktf_openai_thread.synth.ids import WrongKindError, identifier
from cdktf_openai_thread.synth.making import check_place, titled
from cdktf_openai_thread.synth.tokens import is_token, shown
from provider_shim.contract.check import Problem

if TYPE_CHECKING:
    from typing import Any, Unpack

    from constructs import Construct

    from cdktf_openai_thread.bindings.vector_store import VectorStoreConfig
    from cdktf_openai_thread.data import DataOpenaiFile
    from cdktf_openai_thread.file import File
    from cdktf_openai_thread.synth.records import MetaArguments

    class _Arguments(VectorStoreConfig, MetaArguments):
        """Everything but the files."""


class VectorStore(VectorStoreBase):
    """Files that a thread's file search finds passages in.

    :raises ConfigurationError: for what no API would take: a time limit of more than 365 days,
        chunks that overlap by more than half, an unknown key.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        files: Sequence[File | DataOpenaiFile] = (),
        **config: Unpack[_Arguments],
    ) -> None:
        """Put a vector store into the stack.

        :param files: constructs of files to search; their ids come behind ``file_ids``. Each ``File`` gets
            ``create_before_destroy``, unless its ``lifecycle`` says otherwise, so that the old text stays
            searchable until a new one is.
        :param config: as in ``VectorStoreConfig``, and Terraform's own arguments.
        """
        check_place(self, scope, id_)
        if files != ():
            given: Any = config.get("file_ids") or ()
            config["file_ids"] = self._with(titled(self, scope, id_), given, files)
        super().__init__(scope, id_, **config)
        for each in files:
            _make_anew_first(each)

    @staticmethod
    def _with(title: str, given: Any, files: Any) -> list[Any]:  # noqa: ANN401 - literals, tokens, or what is refused
        if is_token(given):
            raise ConfigurationError(title, [KnownAtDeployError(("file_ids",)).problem])
        if not isinstance(files, Sequence) or isinstance(files, str | bytes) or is_token(files):
            raise ConfigurationError(title, [_no_files(files)])
        try:
            ids = [identifier(each, "file", ("files", index)) for index, each in enumerate(files)]
        except WrongKindError as refused:
            raise ConfigurationError(title, [refused.problem]) from None
        return [*given, *ids]


def _make_anew_first(file: object) -> None:
    """Have a new version of a file uploaded before the old one is deleted, unless its lifecycle forbids it.

    The API takes a deleted file out of every store. In the other order nothing of it could be searched
    until the new version is indexed.
    """
    if not isinstance(file, tf.TerraformResource):
        return  # a data source, which is never made
    given = file.lifecycle
    if given is None:
        file.lifecycle = tf.TerraformResourceLifecycle(create_before_destroy=True)
    elif given.create_before_destroy is None:
        file.lifecycle = tf.TerraformResourceLifecycle(
            create_before_destroy=True,
            ignore_changes=given.ignore_changes,
            postcondition=given.postcondition,
            precondition=given.precondition,
            prevent_destroy=given.prevent_destroy,
            replace_triggered_by=given.replace_triggered_by,
        )


def _no_files(given: object) -> Problem:
    what = "a token" if is_token(given) else f"{shown(given)} ({type(given).__name__})"
    return Problem(
        ("files",),
        "Wrong type",
        f"files is {what}. Allowed: a list of File and DataOpenaiFile. Put it in brackets: files=[…]; ids, "
        "and what only the deploy knows, go into file_ids.",
    )
