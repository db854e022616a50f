"""A vector store at OpenAI, as a construct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from typing import TYPE_CHECKING

from cdktf_openai_thread.bindings.vector_store import *  # noqa: F403 - what is given to a store, and refers to it
from cdktf_openai_thread.bindings.vector_store import VectorStoreBase
from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.synth.composition import KnownAtDeployError
from cdktf_openai_thread.synth.framework import tf
from cdktf_openai_thread.synth.ids import WrongKindError, identifier, owner_of
from cdktf_openai_thread.synth.making import check_place, titled
from cdktf_openai_thread.synth.tokens import is_token, shown
from provider_shim.contract.check import Problem

if TYPE_CHECKING:
    from typing import Any, NotRequired, Unpack

    from constructs import Construct

    from cdktf_openai_thread.bindings.vector_store import VectorStoreConfig, VectorStoreFiles
    from cdktf_openai_thread.data import DataOpenaiFile
    from cdktf_openai_thread.file import File
    from cdktf_openai_thread.synth.records import MetaArguments

    class _Arguments(VectorStoreConfig, MetaArguments):
        """As in ``VectorStoreConfig``, but that files may be constructs."""

        files: NotRequired[Sequence[File | DataOpenaiFile | VectorStoreFiles] | tf.IResolvable]  # type: ignore[misc]  # wider than what HCL takes


class VectorStore(VectorStoreBase):
    """Files that a thread's file search finds passages in.

    Raises:
        ConfigurationError: What no API would take: a time limit that is too long, chunks that overlap by
            more than half, an unknown key.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        **config: Unpack[_Arguments],
    ) -> None:
        """Put a vector store into the stack.

        Args:
            scope: The stack, or a construct in it.
            id_: Names it within the scope, and in Terraform's state.
            **config: As in ``VectorStoreConfig``, and Terraform's own arguments. Elements of ``files`` may be
                constructs as well: their ids come behind ``file_ids``. Each ``File`` gets
                ``create_before_destroy``, unless its ``lifecycle`` says otherwise, so that the old text stays
                searchable until a new one is.
        """
        check_place(self, scope, id_)
        given: dict[str, Any] = {**config}
        files: Any = given.get("files")
        known = files is not None and not is_token(files)
        if known:
            self._take_files(titled(self, scope, id_), given, files)
        super().__init__(scope, id_, **given)
        for each in files if known else ():
            _make_anew_first(each)

    @staticmethod
    def _take_files(title: str, given: dict[str, Any], files: object) -> None:
        """Tell constructs from what is written as in HCL."""
        ids = given.get("file_ids") or ()
        if not isinstance(files, Sequence) or isinstance(files, str | bytes):
            raise ConfigurationError(title, [_no_files(files)])
        written = [each for each in files if _is_written(each)]
        try:
            more = [
                identifier(each, "file", ("files", index))
                for index, each in enumerate(files)
                if not _is_written(each)
            ]
        except WrongKindError as refused:
            raise ConfigurationError(title, [refused.problem]) from None
        if more and is_token(ids):
            raise ConfigurationError(title, [KnownAtDeployError(("file_ids",)).problem])
        if more:
            given["file_ids"] = [*ids, *more]
        given["files"] = written or None


def _is_written(file: object) -> bool:
    return isinstance(file, Mapping) or is_dataclass(file)


def _make_anew_first(file: object) -> None:
    """Have a new version of a file uploaded before the old one is deleted, unless its lifecycle forbids it.

    The API takes a deleted file out of every store. In the other order nothing of it could be searched
    until the new version is indexed.
    """
    if _is_written(file):
        file = owner_of(file.get("file_id") if isinstance(file, Mapping) else getattr(file, "file_id", None))
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
        f'files is {what}. Allowed: a list of File, DataOpenaiFile and {{"file_id": …, "attributes": …}}. '
        "Put it in brackets: files=[…]; ids go into file_ids.",
    )
