"""The user's home folder, where there is one."""

import os
from pathlib import Path


def home_folder() -> Path | None:
    """Return the home folder; None where HOME is not set and the system does not know the user.

    So it is in a container that runs under a number. Terraform has no folder of its own there then.
    """
    try:
        return Path.home()
    except RuntimeError:
        return None


def no_home() -> str:
    """Say why there is no home folder."""
    return f"HOME is not set, and the system knows no home folder of the user {os.getuid()}"
