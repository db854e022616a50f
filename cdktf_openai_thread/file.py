"""A file at OpenAI, as a construct."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, overload

from cdktf_openai_thread.bindings.file import *  # noqa: F403 - what is given to a file, and refers to it
from cdktf_openai_thread.bindings.file import FileBase
from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.synth.framework import tf
from cdktf_openai_thread.synth.making import check_place, titled
from cdktf_openai_thread.synth.tokens import is_token, shown
from cdktf_openai_thread.synth.values import escaped
from provider_shim.contract.check import Problem
from provider_shim.contract.file import path_problem
from provider_shim.contract.paths import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Required, Unpack

    from constructs import Construct

    from cdktf_openai_thread.bindings.file import FileConfig
    from cdktf_openai_thread.synth.records import MetaArguments

    StrPath = str | os.PathLike[str]

    class _Arguments(FileConfig, MetaArguments):
        """What every file takes."""

    class _OfPath(_Arguments):
        path: Required[StrPath]

    class _OfFile(_Arguments):
        file: Required[str]  # type: ignore[misc]  # of what is optional, one is needed

    class _OfText(_Arguments):
        content: Required[str]  # type: ignore[misc]  # as above
        filename: Required[str]  # type: ignore[misc]  # as above

    class _OfWriteOnlyText(_Arguments):
        content_wo: Required[str]  # type: ignore[misc]  # as above
        content_wo_version: Required[float | tf.IResolvable]  # type: ignore[misc]  # as above
        filename: Required[str]  # type: ignore[misc]  # as above


class File(FileBase):
    """Uploads a file, and uploads it anew when its content changes.

    ``path`` is a file of the project; it becomes a Terraform asset and travels with
    ``cdktf.out``. ``content`` with ``filename`` is a text made in Python; ``content_wo`` one that
    no plan and no state holds. ``file`` is a path that Terraform sees from the stack's folder, or
    one known only at deploy.

    Raises:
        ConfigurationError: What no API would take: a file that is missing, unreadable, empty or too large,
            an unknown purpose, an unknown key.
    """

    @overload
    def __init__(self, scope: Construct, id_: str, **config: Unpack[_OfPath]) -> None: ...
    @overload
    def __init__(self, scope: Construct, id_: str, **config: Unpack[_OfText]) -> None: ...
    @overload
    def __init__(self, scope: Construct, id_: str, **config: Unpack[_OfWriteOnlyText]) -> None: ...
    @overload
    def __init__(self, scope: Construct, id_: str, **config: Unpack[_OfFile]) -> None: ...
    def __init__(self, scope: Construct, id_: str, *, path: StrPath | None = None, **config: Any) -> None:
        """Put a file into the stack: one of ``path``, ``content``, ``content_wo`` and ``file``.

        Args:
            scope: The stack, or a construct in it.
            id_: Names it within the scope, and in Terraform's state.
            path: A file, seen from the folder where the app is synthesized.
            content: A text, together with ``filename``.
            content_wo: A text that no plan and no state holds, together with ``filename`` and
                ``content_wo_version``; a token.
            file: A path, seen from the folder that Terraform runs in.
            **config: As in ``FileConfig``, and Terraform's own arguments.
        """
        check_place(self, scope, id_)
        problems = _problems(path, config)
        if problems:
            raise ConfigurationError(titled(self, scope, id_), problems)
        if path is not None:
            # Checked with the others; the asset, which is below this construct, comes afterwards.
            config["file"] = as_text(os.fspath(path))
        super().__init__(scope, id_, **config)
        if path is not None:
            absolute = as_text(os.path.abspath(path))  # noqa: PTH100 - keeps links
            asset = tf.TerraformAsset(self, "asset", path=absolute, type=tf.AssetType.FILE)
            self._change("file", escaped(asset.path))


def _problems(path: StrPath | None, config: Mapping[str, object]) -> list[Problem]:
    if path is not None:
        if not isinstance(path, str | os.PathLike) or is_token(path):
            given = "a token" if is_token(path) else f"{shown(path)} ({type(path).__name__})"
            return [
                Problem(
                    ("path",),
                    "Wrong type",
                    f"path is {given}. Allowed: the path of a file that is there now. Give file=… for a path "
                    "that only the deploy knows.",
                )
            ]
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
