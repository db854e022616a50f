"""A file at OpenAI, as a construct."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from constructs import Construct

from cdktf_openai_thread._host import tf
from cdktf_openai_thread._making import check_place, titled
from cdktf_openai_thread._resource import Attribute, Input, ReadOnly, Resource
from cdktf_openai_thread._values import is_token
from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.records import (
    FileConfig,
    FileExpiresAfter,
    FileExpiresAfterOutputReference,
)
from provider_shim.contract.check import Problem
from provider_shim.contract.file import FILE, path_problem

if TYPE_CHECKING:
    StrPath = str | os.PathLike[str]

__all__ = [
    "File",
    "FileConfig",
    "FileExpiresAfter",
    "FileExpiresAfterOutputReference",
]


class File(Resource):
    """Uploads a file, and uploads it anew when its content changes.

    ``path`` is a file of the project; it becomes a Terraform asset and travels with
    ``cdktf.out``. ``content`` with ``filename`` is a text made in Python. ``file`` is a path
    that Terraform sees from the stack's folder, or one known only at deploy.

    :raises ConfigurationError: for what no API would take: a file that is missing, unreadable,
        empty or larger than 512 MB, an unknown purpose, an unknown key.
    """

    TF_RESOURCE_TYPE: ClassVar[str] = FILE.type_name
    _CONTRACT = FILE

    def __init__(  # noqa: PLR0913 - Terraform's own arguments, as every resource has them
        self,
        scope: Construct,
        id_: str,
        *,
        path: "StrPath | None" = None,
        connection: "tf.SSHProvisionerConnection | tf.WinrmProvisionerConnection | None" = None,
        count: "float | tf.TerraformCount | None" = None,
        depends_on: "Sequence[tf.ITerraformDependable] | None" = None,
        for_each: "tf.ITerraformIterator | None" = None,
        lifecycle: "tf.TerraformResourceLifecycle | Mapping[str, Any] | None" = None,
        provider: "tf.TerraformProvider | None" = None,
        provisioners: "Sequence[Any] | None" = None,
        **config: Unpack[FileConfig],
    ) -> None:
        """Put a file into the stack: one of ``path``, ``content`` and ``file``.

        :param path: a file, seen from the folder where the app is synthesized.
        :param content: a text, together with ``filename``.
        :param file: a path, seen from the folder that Terraform runs in.
        :param filename: name at the API. Default: the last part of the path.
        :param purpose: what the file is for. Default: ``"assistants"``.
        :param expires_after: ``{"seconds": …}``, 3,600 to 2,592,000. Default: never.
        """
        check_place(self, scope, id_)
        problems = _problems(path, config)
        if problems:
            raise ConfigurationError(titled(self, scope, id_), problems)
        if path is not None:
            # Checked with the others; the asset, which is below this construct, comes afterwards.
            config["file"] = os.fspath(path)
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
        if path is not None:
            absolute = os.path.abspath(path)  # noqa: PTH100 - keeps links
            asset = tf.TerraformAsset(self, "asset", path=absolute, type=tf.AssetType.FILE)
            self._values["file"] = asset.path

    id = ReadOnly[str]()
    bytes = ReadOnly[float]()
    created_at = ReadOnly[float]()
    sha256 = ReadOnly[str]()
    object = ReadOnly[str]()
    status = ReadOnly[str]()

    file = Attribute[str]()
    file_input = Input[str]()

    def reset_file(self) -> None:
        """Configure no path."""
        self._change("file", None)

    content = Attribute[str]()
    content_input = Input[str]()

    def reset_content(self) -> None:
        """Configure no text."""
        self._change("content", None)

    filename = Attribute[str]()
    filename_input = Input[str]()

    def reset_filename(self) -> None:
        """Name the file at the API as it is named on the disk."""
        self._change("filename", None)

    purpose = Attribute[str]()
    purpose_input = Input[str]()

    def reset_purpose(self) -> None:
        """Upload for assistants, as is the default."""
        self._change("purpose", None)

    expires_after = Attribute[Any]()
    expires_after_input = Input[Mapping[str, Any]]()

    def put_expires_after(
        self, value: FileExpiresAfter | None = None, /, **given: Unpack[FileExpiresAfter]
    ) -> None:
        """Configure when the API deletes the file by itself: one object, or its attributes by name."""
        self._change("expires_after", given if value is None else value)

    def reset_expires_after(self) -> None:
        """Keep the file until it is destroyed."""
        self._change("expires_after", None)


def _problems(path: "StrPath | None", config: FileConfig) -> list[Problem]:
    if path is not None:
        if config.get("file") is not None:
            return [
                Problem(
                    ("path",),
                    "Two things to upload",
                    "path and file are given. Allowed: one of them. Remove the other.",
                )
            ]
        problem = path_problem(os.fspath(path))
        return [Problem(("path",), "Nothing that could be uploaded", f"path {problem}")] if problem else []
    file = config.get("file")
    # A relative path is seen from the stack's folder, which may not be there yet.
    if isinstance(file, str) and os.path.isabs(file) and not is_token(file) and "${" not in file:  # noqa: PTH117 - no Path needed
        problem = path_problem(file)
        return [Problem(("file",), "Nothing that could be uploaded", f"file {problem}")] if problem else []
    return []
