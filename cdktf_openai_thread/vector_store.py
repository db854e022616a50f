"""A vector store at OpenAI, as a construct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdktf_openai_thread.bindings.vector_store import *  # noqa: F403 - what is given to a store, and refers to it
from cdktf_openai_thread.bindings.vector_store import VectorStoreBase
from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.synth.composition import KnownAtDeployError, identifier
from cdktf_openai_thread.synth.making import check_place, titled
from cdktf_openai_thread.synth.values import is_token

if TYPE_CHECKING:
    from collections.abc import Sequence
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

        :param files: constructs of files to search; their ids come behind ``file_ids``.
        :param config: as in ``VectorStoreConfig``, and Terraform's own arguments.
        """
        check_place(self, scope, id_)
        if files:
            given: Any = config.get("file_ids") or ()
            if is_token(given):
                problem = KnownAtDeployError(("file_ids",)).problem
                raise ConfigurationError(titled(self, scope, id_), [problem])
            config["file_ids"] = [*given, *map(identifier, files)]
        super().__init__(scope, id_, **config)
