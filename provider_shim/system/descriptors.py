"""How many files and connections this process may have open."""

import os
import resource
from typing import Final

ENOUGH: Final = 1_024
"""More than the provider ever has open, with all calls under way that it makes at a time."""


def free_descriptors() -> int:
    """Raise the limit as far as this user may, up to ``ENOUGH``; return how many more can be opened.

    Terraform raises its own limit and starts a provider with the one that the shell had.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
        except (OSError, ValueError):  # some systems have a lower limit of their own
            pass
    most = ENOUGH if soft == resource.RLIM_INFINITY else min(soft, ENOUGH)
    return most - sum(_is_open(each) for each in range(most))


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
