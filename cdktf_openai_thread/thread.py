"""A conversation with OpenAI, as a construct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdktf_openai_thread.any_thread import ExistingThread
from cdktf_openai_thread.bindings.thread import *  # noqa: F403 - what is given to a thread, and refers to it
from cdktf_openai_thread.bindings.thread import ThreadBase
from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.synth.composition import (
    KnownAtDeployError,
    said,
    with_message,
    with_resource,
    with_tool,
)
from cdktf_openai_thread.synth.framework import tf
from cdktf_openai_thread.synth.ids import WrongKindError, identifier
from cdktf_openai_thread.synth.outputs import outputs
from cdktf_openai_thread.synth.tokens import is_token
from cdktf_openai_thread.synth.transcripts import beginning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike
    from typing import Any, Self, Unpack

    from constructs import Construct

    from cdktf_openai_thread.bindings.thread import ThreadMessagesAttachments
    from cdktf_openai_thread.bindings.thread import ThreadMessagesParts as Part
    from cdktf_openai_thread.data import DataOpenaiFile, DataOpenaiVectorStore
    from cdktf_openai_thread.file import File
    from cdktf_openai_thread.vector_store import VectorStore
    from provider_shim.contract.thread import Phase, Role
    from provider_shim.contract.thread import ThreadConfig as Configuration


class Thread(ThreadBase):
    """A thread: metadata, the messages it starts with, and what its tools may use.

    Made on the Conversations API, or on ``/threads`` where the provider says
    ``api="threads"``.

    Raises:
        ConfigurationError: What no API would take: an unknown role, too many pairs of metadata, a value
            that is too long, an unknown key.
    """

    @staticmethod
    def from_thread_id(scope: Construct, id_: str, thread_id: str) -> ExistingThread:
        """Refer to a thread that another stack, another team or an application manages.

        Args:
            scope: The stack, or a construct in it.
            id_: Names it within the scope.
            thread_id: ``conv_…`` or ``thread_…``, or a token.

        Raises:
            ConfigurationError: A literal that is neither.
        """
        return ExistingThread(scope, id_, thread_id)

    @classmethod
    def from_transcript(
        cls,
        scope: Construct,
        id_: str,
        path: str | PathLike[str],
        *,
        thread: str | None = None,
        **config: Unpack[Configuration],
    ) -> Self:
        """Make a thread that starts with what ``openai-thread export`` wrote to a file.

        Args:
            scope: The stack, or a construct in it.
            id_: Names it within the scope, and in Terraform's state.
            path: The file; its metadata and messages are taken unless ``config`` has others.
            thread: The id of the thread in the file. Default: the only one that it holds.

        Raises:
            ConfigurationError: The file can't be read, is no transcript or holds no such thread.
        """
        kept, left_out = beginning(path, thread, f'{cls.__name__} "{scope.node.path}/{id_}"')
        made = cls(scope, id_, **{**kept, **config})
        if left_out:
            text = (
                f"What {path} has besides messages ({left_out}) is left out: no thread here starts with it."
            )
            tf.Annotations.of(made).add_warning(text)
        return made

    @property
    def thread_id(self) -> str:
        """The same as ``id``: what every ``IThread`` has."""
        return self.id

    def outputs(self, name: str | None = None) -> dict[str, tf.TerraformOutput]:
        """Make outputs of what an application needs: ``NAME_id`` and ``NAME_response_tools``.

        Args:
            name: What their names start with. Default: the construct's path in the stack, ``desk_support`` of
                ``desk/support``.

        Returns:
            The outputs, by ``"id"`` and ``"response_tools"``.

        Raises:
            ConfigurationError: The stack has an output or a construct of such a name.
        """
        return outputs(self, name, {"id": self.id, "response_tools": self.response_tools})

    def say(  # noqa: PLR0913 - what a message is made of
        self,
        role: Role,
        content: str | None = None,
        *,
        images: Sequence[File | DataOpenaiFile | str | Part] = (),
        files: Sequence[File | DataOpenaiFile | str | Part] = (),
        phase: Phase | None = None,
        metadata: Mapping[str, str] | tf.IResolvable | None = None,
        attachments: Sequence[ThreadMessagesAttachments] | tf.IResolvable | None = None,
    ) -> Self:
        """Add a message at the end of those that the thread starts with.

        Args:
            role: ``"user"``, ``"assistant"``, ``"system"`` or ``"developer"``.
            content: The text, not empty. Default: none, where there are images or files.
            images: Images behind the text: uploaded files, their ids (``file-…``, a token), or URLs
                (``https:…``, ``data:…``). For the detail give a part:
                ``{"type": "image", "image_url": "https:…", "detail": "low"}``.
            files: The same for files, on the Conversations API. On ``/threads`` a message has them as
                attachments.
            phase: Of an assistant's message: ``"commentary"`` or ``"final_answer"``.
            metadata: Pairs kept with the message.
            attachments: Files that belong to it.

        Returns:
            The thread, so that calls can be chained.

        Raises:
            ConfigurationError: What no API would take, or messages that are a token.
        """
        message: dict[str, Any] = {
            "role": role,
            "phase": phase,
            "metadata": metadata,
            "attachments": attachments,
        }
        try:
            given = self.messages_input
            at = 0 if is_token(given) else len(given or ())
            told = said(content, images, files, ("messages", at, "parts"))
            self._change("messages", with_message(given, {**message, **told}))
        except (KnownAtDeployError, WrongKindError) as refused:
            raise ConfigurationError(f'Thread "{self.node.path}"', [refused.problem]) from None
        return self

    def attach(self, file: File | DataOpenaiFile | str) -> Self:
        """Let the code interpreter use a file, of as many as an API takes.

        Args:
            file: The file, or its id.

        Returns:
            The thread, so that calls can be chained.

        Raises:
            ConfigurationError: There are as many already, or tools are a token.
        """
        return self._let("code_interpreter", "file_ids", file, "file")

    def search(self, vector_store: VectorStore | DataOpenaiVectorStore | str) -> Self:
        """Let file search use a vector store; a thread has at most one.

        Args:
            vector_store: The store, or its id.

        Returns:
            The thread, so that calls can be chained.

        Raises:
            ConfigurationError: There is another one already, or tools are a token.
        """
        return self._let("file_search", "vector_store_ids", vector_store, "vector_store")

    def _let(self, tool: str, ids: str, given: object, kind: str) -> Self:
        try:
            one = identifier(given, kind, (kind,))
            tools = with_tool(self.tools_input, self.tool_resources_input, tool)
            resources = with_resource(self.tool_resources_input, tool, ids, one)
        except (KnownAtDeployError, WrongKindError) as refused:
            raise ConfigurationError(f'Thread "{self.node.path}"', [refused.problem]) from None
        self._change("tool_resources", resources)
        self._change("tools", tools)
        return self
