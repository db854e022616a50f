"""A message in a thread that is managed elsewhere, as a construct."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from constructs import Construct

from cdktf_openai_thread._resource import Attribute, Input, ReadOnly, Resource
from cdktf_openai_thread.records import (
    MessageAttachments,
    MessageAttachmentsList,
    MessageAttachmentsOutputReference,
    MessageConfig,
)
from provider_shim.contract.message import MESSAGE

if TYPE_CHECKING:
    from cdktf_openai_thread._host import tf

__all__ = [
    "Message",
    "MessageAttachments",
    "MessageAttachmentsList",
    "MessageAttachmentsOutputReference",
    "MessageConfig",
]


class Message(Resource):
    """Adds one message to a thread of another stack, another team or an application.

    For the messages that a thread of this stack starts with, see ``Thread(messages=...)``.
    Every change makes a new message, at the end of the thread.

    :raises ConfigurationError: for what no API would take: an unknown role, empty content,
        more than 16 pairs of metadata, an unknown key.
    """

    TF_RESOURCE_TYPE: ClassVar[str] = MESSAGE.type_name
    _CONTRACT = MESSAGE

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
        **config: Unpack[MessageConfig],
    ) -> None:
        """Put a message into a thread.

        :param thread_id: the thread, ``conv_…`` or ``thread_…``.
        :param role: ``"user"``, ``"assistant"``, ``"system"`` or ``"developer"``.
        :param content: the text, not empty.
        :param metadata: pairs kept with the message.
        :param attachments: files that belong to it.
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

    thread_id = Attribute[str]()
    thread_id_input = Input[str]()

    role = Attribute[str]()
    role_input = Input[str]()

    content = Attribute[str]()
    content_input = Input[str]()

    metadata = Attribute[Mapping[str, str]]()
    metadata_input = Input[Mapping[str, str]]()

    def reset_metadata(self) -> None:
        """Configure no metadata."""
        self._change("metadata", None)

    attachments = Attribute[Any]()
    attachments_input = Input[Sequence[Mapping[str, Any]]]()

    def put_attachments(self, value: Sequence[MessageAttachments]) -> None:
        """Configure the files that belong to the message."""
        self._change("attachments", value)

    def reset_attachments(self) -> None:
        """Configure no files."""
        self._change("attachments", None)
