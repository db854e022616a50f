"""The file of the embedded API: whether it can be used, judged before it is opened, and whether it is new."""

import os

from provider_shim.contract.provider import EMBEDDED
from provider_shim.terraform.diagnostics import Diagnostic, warning

# Pathlib costs each start more than the work here.
# ruff: noqa: PTH100, PTH109, PTH110, PTH112, PTH113, PTH117, PTH118, PTH120


def database_problem(path: str, *, relative_allowed: bool) -> str | None:
    """Say why the embedded API could not use a file; None if it can. Opens nothing."""
    if not relative_allowed and not os.path.isabs(path):
        return (
            f'is "{EMBEDDED}{path}", relative to an unknown folder. Allowed: an absolute path, '
            f'for example "{EMBEDDED}{os.path.join(os.getcwd(), path)}".'
        )
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        return (
            f'names "{path}", but there is no folder {folder}. Make it, or give a path in a folder '
            "that exists."
        )
    exists = os.path.exists(path)
    if exists and not os.path.isfile(path):
        return (
            f'names "{path}", which is not a regular file. Give the path of a database file, new or existing.'
        )
    unwritable = folder if not os.access(folder, os.W_OK | os.X_OK) else None
    if exists and not os.access(path, os.W_OK):
        unwritable = path
    if unwritable:
        what = "it" if unwritable == path else f"the folder {folder}"
        return (
            f'names "{path}", and {what} can\'t be written by this user. Give a path that can be written, or '
            "change its permissions."
        )
    return None


def is_new(path: str) -> Diagnostic:
    """Say that the file was made by this run, so that what the state holds is not in it."""
    return warning(
        "The database is new",
        f"There was no {path}: this run has made it, and nothing that the state holds is in it. If you did "
        "not mean that, delete it, then correct base_url, or put the file back together with the folder "
        f"{path}.files, before you apply. This is said once: the next run finds the file.",
    )
