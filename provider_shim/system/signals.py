"""What asks a process to end."""

# The module below `signal`: that one makes enumerations first, and the handshake line would wait for them.
import _signal  # type: ignore[import-not-found]  # it has no stub


def ignore_the_end() -> None:
    """Ignore what asks this process to end.

    Ctrl-C goes to every process of a terminal, and its end too, which is what ``cdktf deploy`` makes of a
    Ctrl-C; a CI ends all processes of a job. Terraform tells the provider itself, or has gone, which the
    provider sees: what is being made at the API is written down before it ends.
    """
    for each in (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP):
        _signal.signal(each, _signal.SIG_IGN)
