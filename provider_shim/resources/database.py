"""Whether the embedded API can use a file, judged before anything is opened."""

import os
import stat
from pathlib import Path

from provider_shim.contract.provider import EMBEDDED


def database_problem(path: str, *, relative_allowed: bool) -> str | None:
    """Say why the embedded API could not use a file; None if it can. Opens nothing."""
    database = Path(path)
    if not relative_allowed and not database.is_absolute():
        return (
            f'is "{EMBEDDED}{path}", relative to an unknown folder. Allowed: an absolute path, '
            f'for example "{EMBEDDED}{Path.cwd() / path}".'
        )
    folder = database.absolute().parent
    try:
        if not folder.is_dir():
            return (
                f'names "{path}", but there is no folder {folder}. Make it, or give a path in a folder '
                "that exists."
            )
        if database.exists() and not stat.S_ISREG(database.stat().st_mode):
            return (
                f'names "{path}", which is not a regular file. Give the path of a database file, new or '
                "existing."
            )
    except OSError as problem:
        return (
            f'names "{path}", which can not be reached: {problem.strerror}. Give a path that this user can '
            "write."
        )
    target = database if database.exists() else folder
    if not os.access(target, os.W_OK) or not os.access(folder, os.W_OK | os.X_OK):
        return (
            f'names "{path}", and {"it" if target == database else f"the folder {folder}"} can\'t be '
            "written by this "
            "user. Give a path that can be written, or change its permissions."
        )
    return None
