"""Terraform's entry; a person gets the command line.

Terraform waits for the handshake line, at each of a plan's three starts: imports stand where they are needed.
"""

import gc
import sys


def main() -> int:
    """Serve Terraform until it is done, or run a person's command; return the exit code."""
    if sys.argv[1:]:
        return _command_line()
    # The process is short-lived: what it makes while it starts stays until it ends.
    gc.disable()
    from provider_shim.terraform import handshake  # noqa: PLC0415 - not for the command line

    if not handshake.started_by_terraform():
        from provider_shim import __version__  # noqa: PLC0415 - for a person
        from provider_shim.system.bundled import bundled  # noqa: PLC0415 - for a person

        print(
            f"This is the Terraform provider of cdktf-openai-thread {__version__}. Terraform starts it\n"
            "during plan and apply; started by hand it has nothing to do.\n"
            f"The command line: {'openai-thread' if bundled() else 'python -m provider_shim'} --help",
            file=sys.stderr,
        )
        return 1
    from provider_shim.system.signals import ignore_the_end  # noqa: PLC0415 - as above

    ignore_the_end()
    try:
        listening = handshake.announce()
    except handshake.NotStarted as refusal:
        # Terraform shows the first line of stdout of a provider that does not start.
        print(refusal, flush=True)
        print(refusal, file=sys.stderr)
        return 1
    from provider_shim.terraform.transport import run  # noqa: PLC0415 - after the line

    return run(listening, _provider)


def _provider() -> "Provider":
    from provider_shim.resources import provider  # noqa: PLC0415 - after the line

    return provider()


def _command_line() -> int:
    try:
        from provider_shim.cli import main as command_line  # noqa: PLC0415 - Terraform has no need of it
    except ModuleNotFoundError as absent:
        if absent.name != "provider_shim.cli":
            raise
        print("The command line is missing from this installation of cdktf-openai-thread.", file=sys.stderr)
        return 1
    return command_line()  # of sys.argv


TYPE_CHECKING = False
if TYPE_CHECKING:
    from provider_shim.terraform.handler import Provider

if __name__ == "__main__":
    sys.exit(main())
