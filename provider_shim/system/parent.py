"""The process that started this one: whether it still lives, and that it alone says when to end."""

import os
import signal


def parent() -> int:
    """Return the id of the process that started this one, while it lives; another one afterwards."""
    return os.getppid()


def lives(process: int) -> bool:
    """Tell whether the process that ``parent`` has named still lives."""
    return os.getppid() == process


def only_the_parent_ends() -> None:
    """Ignore what asks this process to end.

    Ctrl-C goes to every process of a terminal, and its end too, which is what ``cdktf deploy`` makes of a
    Ctrl-C; a CI ends all processes of a job. Terraform tells the provider itself, or has gone, which the
    provider sees: what is being made at the API is written down before it ends.
    """
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
