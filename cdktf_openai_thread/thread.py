"""A conversation with OpenAI, as a construct."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from constructs import Construct

from cdktf_openai_thread._composition import (
    KnownAtDeployError,
    identifier,
    with_message,
    with_resource,
    with_tool,
)
from cdktf_openai_thread._host import tf
from cdktf_openai_thread._outputs import outputs
from cdktf_openai_thread._resource import Attribute, Input, ReadOnly, Resource
from cdktf_openai_thread._transcripts import beginning
from cdktf_openai_thread.any_thread import ExistingThread
from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.thread_records import (
    ThreadConfig,
    ThreadMessages,
    ThreadMessagesAttachments,
    ThreadMessagesAttachmentsList,
    ThreadMessagesAttachmentsOutputReference,
    ThreadMessagesList,
    ThreadMessagesOutputReference,
    ThreadToolResources,
    ThreadToolResourcesCodeInterpreter,
    ThreadToolResourcesCodeInterpreterOutputReference,
    ThreadToolResourcesFileSearch,
    ThreadToolResourcesFileSearchOutputReference,
    ThreadToolResourcesOutputReference,
)
from provider_shim.contract.thread import THREAD

if TYPE_CHECKING:
    from os import PathLike

    from cdktf_openai_thread.data import DataOpenaiFile, DataOpenaiVectorStore
    from cdktf_openai_thread.file import File
    from cdktf_openai_thread.vector_store import VectorStore

__all__ = [
    "Thread",
    "ThreadConfig",
    "ThreadMessages",
    "ThreadMessagesAttachments",
    "ThreadMessagesAttachmentsList",
    "ThreadMessagesAttachmentsOutputReference",
    "ThreadMessagesList",
    "ThreadMessagesOutputReference",
    "ThreadToolResources",
    "ThreadToolResourcesCodeInterpreter",
    "ThreadToolResourcesCodeInterpreterOutputReference",
    "ThreadToolResourcesFileSearch",
    "ThreadToolResourcesFileSearchOutputReference",
    "ThreadToolResourcesOutputReference",
]


class Thread(Resource):
    """A thread: metadata, the messages it starts with, and what its tools may use.

    Made on the Conversations API, or on ``/threads`` where the provider says
    ``api="threads"``.

    :raises ConfigurationError: for what no API would take: an unknown role, more than
        16 pairs of metadata, a value of more than 512 characters, an unknown key.
    """

    TF_RESOURCE_TYPE: ClassVar[str] = THREAD.type_name
    _CONTRACT = THREAD

    def __init__(  # noqa: PLR0913 - Terraform's own arguments, as every resource has them
        self,
        scope: Construct,
        id_: str,
        *,
        connection: "tf.SSHProvisionerConnection | tf.WinrmProvisionerConnection | None" = None,
        count: "float | tf.TerraformCount | None" = None,
        depends_on: "Sequence[tf.ITerraformDependable] | None" = None,
        for_each: "tf.ITerraformIterator | None" = None,
        lifecycle: "tf.TerraformResourceLifecycle | Mapping[str, Any] | None" = None,
        provider: "tf.TerraformProvider | None" = None,
        provisioners: "Sequence[Any] | None" = None,
        **config: Unpack[ThreadConfig],
    ) -> None:
        """Put a thread into the stack.

        :param metadata: pairs kept with the thread.
        :param tools: ``"code_interpreter"``, ``"file_search"``.
        :param tool_resources: files and vector stores for them.
        :param messages: what the thread starts with, oldest first.
        :param retain_on_destroy: leave the thread at the API on destroy. Default: the provider's.
        :param force_destroy: destroy it although others have written to it. Default: the provider's.
        """
        super().__init__(
            scope,
            id_,
            config,
            {
                "connection": connection,
                "count": count,
                "depends_on": depends_on,
                "for_each": for_each,
                "lifecycle": lifecycle,
                "provider": provider,
                "provisioners": provisioners,
            },
        )

    id = ReadOnly[str]()
    created_at = ReadOnly[float]()
    object = ReadOnly[str]()
    api = ReadOnly[str]()
    message_ids = ReadOnly[list[str]]()
    response_tools = ReadOnly[str]()

    metadata = Attribute[Mapping[str, str]]()
    metadata_input = Input[Mapping[str, str]]()

    def reset_metadata(self) -> None:
        """Configure no metadata."""
        self._change("metadata", None)

    tools = Attribute[Sequence[str]]()
    tools_input = Input[Sequence[str]]()

    def reset_tools(self) -> None:
        """Configure no tools."""
        self._change("tools", None)

    tool_resources = Attribute[Any]()
    tool_resources_input = Input[Mapping[str, Any]]()

    def put_tool_resources(
        self, value: ThreadToolResources | None = None, /, **given: Unpack[ThreadToolResources]
    ) -> None:
        """Configure what the tools may use: one object, or its attributes by name."""
        self._change("tool_resources", given if value is None else value)

    def reset_tool_resources(self) -> None:
        """Configure nothing that the tools may use."""
        self._change("tool_resources", None)

    messages = Attribute[Any]()
    messages_input = Input[Sequence[Mapping[str, Any]]]()

    def put_messages(self, value: Sequence[ThreadMessages]) -> None:
        """Configure the messages that the thread starts with."""
        self._change("messages", value)

    def reset_messages(self) -> None:
        """Configure no messages."""
        self._change("messages", None)

    retain_on_destroy = Attribute[bool]()
    retain_on_destroy_input = Input[bool]()

    def reset_retain_on_destroy(self) -> None:
        """Do on destroy what the provider says."""
        self._change("retain_on_destroy", None)

    force_destroy = Attribute[bool]()
    force_destroy_input = Input[bool]()

    def reset_force_destroy(self) -> None:
        """Do what the provider says where others have written to the thread."""
        self._change("force_destroy", None)

    @staticmethod
    def from_thread_id(scope: Construct, id_: str, thread_id: str) -> ExistingThread:
        """Refer to a thread that another stack, another team or an application manages.

        :param thread_id: ``conv_…`` or ``thread_…``, or a token.
        :raises ConfigurationError: for a literal that is neither.
        """
        return ExistingThread(scope, id_, thread_id)

    @classmethod
    def from_transcript(
        cls,
        scope: Construct,
        id_: str,
        path: "str | PathLike[str]",
        *,
        thread: str | None = None,
        **config: Unpack[ThreadConfig],
    ) -> "Thread":
        """Make a thread that starts with what ``openai-thread export`` wrote to a file.

        :param path: the file; its metadata and messages are taken unless ``config`` has others.
        :param thread: the id of the thread in the file. Default: the only one that it holds.
        :raises ConfigurationError: if the file can't be read, is no transcript or holds no such thread.
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

    def outputs(self, name: str | None = None) -> dict[str, "tf.TerraformOutput"]:
        """Make outputs of what an application needs: ``NAME_id`` and ``NAME_response_tools``.

        :param name: what their names start with. Default: the construct's path in the stack,
            ``desk_support`` of ``desk/support``.
        :raises ConfigurationError: if the stack has an output or a construct of such a name.
        :returns: the outputs, by ``"id"`` and ``"response_tools"``.
        """
        return outputs(self, name, {"id": self.id, "response_tools": self.response_tools})

    def say(
        self,
        role: str,
        content: str,
        *,
        metadata: Mapping[str, str] | None = None,
        attachments: Sequence[ThreadMessagesAttachments] | None = None,
    ) -> "Thread":
        """Add a message at the end of those that the thread starts with.

        :param role: ``"user"``, ``"assistant"``, ``"system"`` or ``"developer"``.
        :param content: the text, not empty.
        :param metadata: pairs kept with the message.
        :param attachments: files that belong to it.
        :raises ConfigurationError: for what no API would take, or if messages are a token.
        :returns: the thread, so that calls can be chained.
        """
        message = {"role": role, "content": content, "metadata": metadata, "attachments": attachments}
        try:
            self._change("messages", with_message(self.messages_input, message))
        except KnownAtDeployError as token:
            raise ConfigurationError(f'Thread "{self.node.path}"', [token.problem]) from None
        return self

    def attach(self, file: "File | DataOpenaiFile | str") -> "Thread":
        """Let the code interpreter use a file, at most 20 of them.

        :param file: the file, or its id.
        :raises ConfigurationError: if there are 20 already, or tools are a token.
        :returns: the thread, so that calls can be chained.
        """
        return self._let("code_interpreter", "file_ids", identifier(file))

    def search(self, vector_store: "VectorStore | DataOpenaiVectorStore | str") -> "Thread":
        """Let file search use a vector store; a thread has at most one.

        :param vector_store: the store, or its id.
        :raises ConfigurationError: if there is another one already, or tools are a token.
        :returns: the thread, so that calls can be chained.
        """
        return self._let("file_search", "vector_store_ids", identifier(vector_store))

    def _let(self, tool: str, ids: str, one: str) -> "Thread":
        try:
            tools = with_tool(self.tools_input, self.tool_resources_input, tool)
            resources = with_resource(self.tool_resources_input, tool, ids, one)
        except KnownAtDeployError as token:
            raise ConfigurationError(f'Thread "{self.node.path}"', [token.problem]) from None
        self._change("tool_resources", resources)
        self._change("tools", tools)
        return self
