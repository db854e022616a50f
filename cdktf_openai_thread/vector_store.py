"""A vector store at OpenAI, as a construct."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from constructs import Construct

from cdktf_openai_thread._composition import KnownAtDeployError, identifier
from cdktf_openai_thread._host import tf
from cdktf_openai_thread._making import check_place, titled
from cdktf_openai_thread._resource import Attribute, Input, ReadOnly, Resource
from cdktf_openai_thread._values import is_token
from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.records import (
    VectorStoreChunkingStrategy,
    VectorStoreChunkingStrategyOutputReference,
    VectorStoreChunkingStrategyStatic,
    VectorStoreChunkingStrategyStaticOutputReference,
    VectorStoreConfig,
    VectorStoreExpiresAfter,
    VectorStoreExpiresAfterOutputReference,
    VectorStoreFileCountsOutputReference,
)
from provider_shim.contract.vector_store import VECTOR_STORE

if TYPE_CHECKING:
    from cdktf_openai_thread.data import DataOpenaiFile
    from cdktf_openai_thread.file import File

__all__ = [
    "VectorStore",
    "VectorStoreChunkingStrategy",
    "VectorStoreChunkingStrategyOutputReference",
    "VectorStoreChunkingStrategyStatic",
    "VectorStoreChunkingStrategyStaticOutputReference",
    "VectorStoreConfig",
    "VectorStoreExpiresAfter",
    "VectorStoreExpiresAfterOutputReference",
    "VectorStoreFileCountsOutputReference",
]


class VectorStore(Resource):
    """Files that a thread's file search finds passages in.

    :raises ConfigurationError: for what no API would take: a time limit of more than 365 days,
        chunks that overlap by more than half, an unknown key.
    """

    TF_RESOURCE_TYPE: ClassVar[str] = VECTOR_STORE.type_name
    _CONTRACT = VECTOR_STORE

    def __init__(  # noqa: PLR0913 - Terraform's own arguments, as every resource has them
        self,
        scope: Construct,
        id_: str,
        *,
        files: "Sequence[File | DataOpenaiFile]" = (),
        connection: "tf.SSHProvisionerConnection | tf.WinrmProvisionerConnection | None" = None,
        count: "float | tf.TerraformCount | None" = None,
        depends_on: "Sequence[tf.ITerraformDependable] | None" = None,
        for_each: "tf.ITerraformIterator | None" = None,
        lifecycle: "tf.TerraformResourceLifecycle | Mapping[str, Any] | None" = None,
        provider: "tf.TerraformProvider | None" = None,
        provisioners: "Sequence[Any] | None" = None,
        **config: Unpack[VectorStoreConfig],
    ) -> None:
        """Put a vector store into the stack.

        :param files: constructs of files to search; their ids come behind ``file_ids``. Each ``File`` gets
            ``create_before_destroy``, unless its ``lifecycle`` says otherwise, so that the old text stays
            searchable until a new one is.
        :param file_ids: ids of files to search.
        :param name: name of the store.
        :param description: what it is for.
        :param metadata: pairs kept with the store.
        :param expires_after: ``{"days": …}``, 1 to 365. Default: never.
        :param chunking_strategy: how files are cut. Default: ``{"type": "auto"}``.
        :param wait_for_indexing: wait until the files can be searched. Default: true.
        :param timeout: seconds to wait. Default: 600.
        :param retain_on_destroy: leave the store at the API on destroy. Default: the provider's.
        :param force_destroy: destroy it although others have put files into it. Default: the provider's.
        """
        check_place(self, scope, id_)
        if files:
            given = config.get("file_ids") or ()
            if is_token(given):
                problem = KnownAtDeployError(("file_ids",)).problem
                raise ConfigurationError(titled(self, scope, id_), [problem])
            config["file_ids"] = [*given, *map(identifier, files)]
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
        for each in files:
            _make_anew_first(each)

    id = ReadOnly[str]()
    created_at = ReadOnly[float]()
    object = ReadOnly[str]()
    status = ReadOnly[str]()
    file_counts = ReadOnly[Any]()

    name = Attribute[str]()
    name_input = Input[str]()

    def reset_name(self) -> None:
        """Configure no name."""
        self._change("name", None)

    description = Attribute[str]()
    description_input = Input[str]()

    def reset_description(self) -> None:
        """Configure no description."""
        self._change("description", None)

    file_ids = Attribute[Sequence[str]]()
    file_ids_input = Input[Sequence[str]]()

    def reset_file_ids(self) -> None:
        """Configure no files."""
        self._change("file_ids", None)

    metadata = Attribute[Mapping[str, str]]()
    metadata_input = Input[Mapping[str, str]]()

    def reset_metadata(self) -> None:
        """Configure no metadata."""
        self._change("metadata", None)

    expires_after = Attribute[Any]()
    expires_after_input = Input[Mapping[str, Any]]()

    def put_expires_after(
        self, value: VectorStoreExpiresAfter | None = None, /, **given: Unpack[VectorStoreExpiresAfter]
    ) -> None:
        """Configure when the API lets the store expire by itself: one object, or its attributes by name."""
        self._change("expires_after", given if value is None else value)

    def reset_expires_after(self) -> None:
        """Keep the store until it is destroyed."""
        self._change("expires_after", None)

    chunking_strategy = Attribute[Any]()
    chunking_strategy_input = Input[Mapping[str, Any]]()

    def put_chunking_strategy(
        self,
        value: VectorStoreChunkingStrategy | None = None,
        /,
        **given: Unpack[VectorStoreChunkingStrategy],
    ) -> None:
        """Configure how files are cut: one object, or its attributes by name."""
        self._change("chunking_strategy", given if value is None else value)

    def reset_chunking_strategy(self) -> None:
        """Leave it to the API how files are cut."""
        self._change("chunking_strategy", None)

    wait_for_indexing = Attribute[bool]()
    wait_for_indexing_input = Input[bool]()

    def reset_wait_for_indexing(self) -> None:
        """Wait, as is the default."""
        self._change("wait_for_indexing", None)

    timeout = Attribute[float]()
    timeout_input = Input[float]()

    def reset_timeout(self) -> None:
        """Wait as long as is the default."""
        self._change("timeout", None)

    retain_on_destroy = Attribute[bool]()
    retain_on_destroy_input = Input[bool]()

    def reset_retain_on_destroy(self) -> None:
        """Do on destroy what the provider says."""
        self._change("retain_on_destroy", None)

    force_destroy = Attribute[bool]()
    force_destroy_input = Input[bool]()

    def reset_force_destroy(self) -> None:
        """Do what the provider says where others have put files into the store."""
        self._change("force_destroy", None)


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
