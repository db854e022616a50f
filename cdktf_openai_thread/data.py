"""What Terraform reads and does not manage, as constructs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from constructs import Construct

from cdktf_openai_thread._resource import Attribute, DataSource, Input, ReadOnly
from cdktf_openai_thread.records import (
    DataOpenaiFileConfig,
    DataOpenaiThreadConfig,
    DataOpenaiThreadMessagesConfig,
    DataOpenaiThreadMessagesMessagesList,
    DataOpenaiThreadMessagesMessagesOutputReference,
    DataOpenaiVectorStoreConfig,
)
from provider_shim.contract.data import (
    DATA_FILE,
    DATA_THREAD,
    DATA_THREAD_MESSAGES,
    DATA_VECTOR_STORE,
)

if TYPE_CHECKING:
    from cdktf_openai_thread._host import tf

__all__ = [
    "DataOpenaiFile",
    "DataOpenaiFileConfig",
    "DataOpenaiThread",
    "DataOpenaiThreadConfig",
    "DataOpenaiThreadMessages",
    "DataOpenaiThreadMessagesConfig",
    "DataOpenaiThreadMessagesMessagesList",
    "DataOpenaiThreadMessagesMessagesOutputReference",
    "DataOpenaiVectorStore",
    "DataOpenaiVectorStoreConfig",
]


class DataOpenaiThread(DataSource):
    """A thread that is managed elsewhere.

    :raises ConfigurationError: for what no deploy could use: an empty id, an unknown key.
    """

    TF_RESOURCE_TYPE: ClassVar[str] = DATA_THREAD.type_name
    _CONTRACT = DATA_THREAD

    def __init__(  # noqa: PLR0913 - Terraform's own arguments, as every data source has them
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
        **config: Unpack[DataOpenaiThreadConfig],
    ) -> None:
        """Read a thread.

        :param id: ``conv_…`` or ``thread_…``.
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

    id = Attribute[str]()
    id_input = Input[str]()

    metadata = ReadOnly[Mapping[str, str]]()
    created_at = ReadOnly[float]()
    api = ReadOnly[str]()


class DataOpenaiThreadMessages(DataSource):
    """The messages of a thread, whoever wrote them, oldest first.

    :raises ConfigurationError: for what no deploy could use: an empty id, a limit beyond 1 to 1,000.
    """

    TF_RESOURCE_TYPE: ClassVar[str] = DATA_THREAD_MESSAGES.type_name
    _CONTRACT = DATA_THREAD_MESSAGES

    def __init__(  # noqa: PLR0913 - Terraform's own arguments, as every data source has them
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
        **config: Unpack[DataOpenaiThreadMessagesConfig],
    ) -> None:
        """Read the messages of a thread.

        :param thread_id: ``conv_…`` or ``thread_…``.
        :param limit: how many to read, from the oldest on. Default: all, up to 1,000.
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

    thread_id = Attribute[str]()
    thread_id_input = Input[str]()

    limit = Attribute[float]()
    limit_input = Input[float]()

    def reset_limit(self) -> None:
        """Read all messages, up to 1,000."""
        self._change("limit", None)

    messages = ReadOnly[Any]()


class DataOpenaiFile(DataSource):
    """A file that is managed elsewhere.

    :raises ConfigurationError: for what no deploy could use: an empty id, an unknown key.
    """

    TF_RESOURCE_TYPE: ClassVar[str] = DATA_FILE.type_name
    _CONTRACT = DATA_FILE

    def __init__(  # noqa: PLR0913 - Terraform's own arguments, as every data source has them
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
        **config: Unpack[DataOpenaiFileConfig],
    ) -> None:
        """Read what the API knows of a file.

        :param id: ``file-…``.
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

    id = Attribute[str]()
    id_input = Input[str]()

    filename = ReadOnly[str]()
    bytes = ReadOnly[float]()
    purpose = ReadOnly[str]()
    created_at = ReadOnly[float]()
    expires_at = ReadOnly[float]()
    status = ReadOnly[str]()


class DataOpenaiVectorStore(DataSource):
    """A vector store that is managed elsewhere.

    :raises ConfigurationError: for what no deploy could use: an empty id, an unknown key.
    """

    TF_RESOURCE_TYPE: ClassVar[str] = DATA_VECTOR_STORE.type_name
    _CONTRACT = DATA_VECTOR_STORE

    def __init__(  # noqa: PLR0913 - Terraform's own arguments, as every data source has them
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
        **config: Unpack[DataOpenaiVectorStoreConfig],
    ) -> None:
        """Read a vector store.

        :param id: ``vs_…``.
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

    id = Attribute[str]()
    id_input = Input[str]()

    name = ReadOnly[str]()
    metadata = ReadOnly[Mapping[str, str]]()
    created_at = ReadOnly[float]()
    status = ReadOnly[str]()
    file_counts = ReadOnly[Any]()
