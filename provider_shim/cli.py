"""The command line of a person: ``openai-thread``, and ``python -m provider_shim`` with arguments."""

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Final, NoReturn

WRONG_ARGUMENTS: Final = 2
INTERRUPTED: Final = 130
DATABASE_HELP: Final = "the SQLite file; made if it does not exist"


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the arguments."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_ARGUMENTS, f"{self.prog}: {message}. See {self.prog} --help\n")


def as_a_program() -> None:
    """Make this process independent of the shell's locale, and of modules on PYTHONPATH with names of ours.

    File names and what is written are UTF-8. A locale that has no letters but ASCII's decides that before
    Python runs any of this, so then it starts anew, in its UTF-8 mode.
    """
    if sys.executable and sys.getfilesystemencoding().lower() != "utf-8":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 - itself
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower() != "utf-8":  # PYTHONIOENCODING
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    # As in the launcher: PYTHONPATH stays, behind what is installed.
    given = {os.path.abspath(each) for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each}  # noqa: PTH100 - as in sys.path
    sys.path.sort(key=lambda each: os.path.abspath(each) in given)  # noqa: PTH100 - as above


class _Version(argparse.Action):
    """Says what runs, and ends."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002 - the interface of argparse
        values: object,  # noqa: ARG002 - as above
        option_string: str | None = None,  # noqa: ARG002 - as above
    ) -> None:
        from provider_shim.commands.version import version

        print(version())
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code.

    Args:
        argv: The arguments without the program's name. Default: those of the process.

    Returns:
        0, or 1 where the command found or met a problem, which it has printed.

    Raises:
        SystemExit: After ``--help`` and ``--version`` with 0, on wrong arguments with 2.
    """
    if argv is None:
        as_a_program()
    given = _parser().parse_args(argv)
    try:
        return _run(given)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough. Python would complain again when it ends.
        sys.stderr.close()
        return 1


def _run(given: argparse.Namespace) -> int:  # noqa: PLR0911 - one return a command
    # Each command imports what it needs, and the SDK is none of it for most.
    match given.command:
        case "install":
            from provider_shim.commands.install import install

            return install()
        case "bundle":
            from provider_shim.commands.bundle import bundle

            return bundle(given.to)
        case "serve":
            from provider_shim.commands.serving import serving

            return serving(given.database, given.host, given.port, model=given.model, quiet=given.quiet)
        case "orphans":
            from provider_shim.commands.orphans import Wishes, orphans

            wishes = Wishes(given.delete, given.forget, given.all, given.json)
            return orphans(given.folder, base_url=given.base_url, wishes=wishes)
        case "export":
            from provider_shim.commands.moving import Target, export

            return export(given.ids, given.to, Target.of(given))
        case "seed":
            from provider_shim.commands.moving import Target, seed

            return seed(given.files, Target.of(given))
        case "graph":
            from provider_shim.commands.graph import graph

            return graph(given.folder, format_=given.format, output=given.output)
        case _:
            from provider_shim.commands.doctor import doctor

            return doctor(Path.cwd(), base_url=given.base_url, as_json=given.json)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="openai-thread", description="What cdktf-openai-thread does besides deploying.")
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="show the version, the Python and the OpenAI SDK"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    commands.add_parser(
        "install",
        help="put the provider where terraform finds it from any folder",
        description="Put the provider into ~/.terraform.d, where terraform finds it from any folder: for "
        "configurations in HCL. CDKTF projects need no install.",
    )

    bundle = commands.add_parser(
        "bundle",
        help="make the provider self-contained, for machines without Python",
        description="Make the provider for this platform with a Python of its own, and put it into a folder "
        "from which cdktf synth takes it: what is synthesized then applies on machines without Python. "
        "Made of the Python and the libraries that are installed here; the same ones give the same bytes.",
    )
    bundle.add_argument(
        "--to",
        required=True,
        type=Path,
        metavar="FOLDER",
        help="where to put it, beside the bundles of other platforms; made if it does not exist",
    )

    serve = commands.add_parser(
        "serve",
        help="serve the embedded API over HTTP",
        description='Serve the file behind base_url = "sqlite:FILE" as an API that the OpenAI SDK can '
        "use, until Ctrl-C.",
    )
    serve.add_argument("--database", required=True, type=Path, metavar="FILE", help=DATABASE_HELP)
    serve.add_argument(
        "--port", type=_port, default=8787, help="the TCP port; 0 takes a free one (default: %(default)s)"
    )
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        help="the address to listen on (default: %(default)s); one that other machines reach needs a key in "
        "the environment variable OPENAI_THREAD_SERVE_KEY",
    )

    serve.add_argument(
        "--model",
        default="echo",
        metavar="MODEL",
        help="what answers POST /responses (default: %(default)s): echo says what it was given; the path of "
        "a script (.yaml) answers by it; the URL of an engine, such as http://127.0.0.1:11434/v1#llama3.2, "
        "passes on what a server of /chat/completions says, or of /responses where the URL ends so",
    )
    serve.add_argument("--quiet", action="store_true", help="do not log each request to stderr")

    orphans = commands.add_parser(
        "orphans",
        help="list what interrupted runs may have left at the API",
        description="List what interrupted runs asked the API for and no state is known to hold, and check "
        "at the API whether it is there.",
    )
    orphans.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="the project's or the stack's folder, or that of the provider's journal (default: the "
        "present one)",
    )
    orphans.add_argument(
        "--delete",
        action="store_true",
        help="delete what is there and proven to be in no state: the state is asked of the Terraform or "
        "OpenTofu that ran, in the folder in which it did. Where it can't be read, nothing is deleted",
    )
    orphans.add_argument(
        "--forget",
        action="store_true",
        help="take out of the journal what has no id and was not found, and what was kept on purpose, once "
        "you have seen to it",
    )
    orphans.add_argument("--all", action="store_true", help="list what is in a state, too")
    orphans.add_argument("--json", action="store_true", help="write JSON")
    _base_url(orphans, of_stacks="as the stack of the run is configured, else ")

    export = commands.add_parser(
        "export",
        help="write threads to a file, with all that was said in them",
        description="Write threads as JSON lines: metadata, messages with their parts, and what tools left. "
        "Works with /conversations and /threads of any server. Changes nothing.",
    )
    export.add_argument("ids", nargs="+", metavar="ID", help="the ids of threads: conv_… or thread_…")
    export.add_argument("--to", type=Path, metavar="FILE", help="where to write them (default: to stdout)")
    _place(export, "where the ids live (default: threads for thread_…, else conversations)")

    seed = commands.add_parser(
        "seed",
        help="make threads anew from files that export wrote",
        description="Make each thread of the files anew, with its metadata and all its items in their order, "
        "and print the new ids. What that API can't keep is said.",
    )
    seed.add_argument("files", nargs="+", type=Path, metavar="FILE", help="what export wrote")
    _place(seed, "what to make (default: conversations)")

    graph = commands.add_parser(
        "graph",
        help="write a diagram of a synthesized app",
        description="Write a diagram, for Mermaid or Graphviz, of what cdktf synth wrote: stacks, threads, "
        "files and stores, and what flows between them. Needs neither Terraform nor the API.",
    )
    graph.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path("cdktf.out"),
        metavar="CDKTF.OUT",
        help="the folder that cdktf synth wrote (default: %(default)s)",
    )
    graph.add_argument(
        "--format",
        choices=("mermaid", "dot"),
        help="what to write (default: by the ending of --output: .mmd, .mermaid, .dot or .gv; else mermaid)",
    )
    graph.add_argument("--output", type=Path, metavar="FILE", help="where to write it (default: to stdout)")

    doctor = commands.add_parser(
        "doctor",
        help="look at everything a deploy needs",
        description="Look at everything a deploy from the present folder needs, and say what to do where "
        "something is missing. Changes nothing.",
    )
    doctor.add_argument("--json", action="store_true", help="print the findings as JSON")
    _base_url(doctor, of_stacks="that of each synthesized stack, else ")
    return parser


def _place(command: argparse.ArgumentParser, api: str) -> None:
    command.add_argument("--api", choices=("conversations", "threads"), help=api)
    command.add_argument(
        "--query",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="send this with each call, such as api-version=v1 for Azure AI Foundry; may be repeated",
    )
    command.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="NAME=VARIABLE",
        help="send this header with each call, with the value of an environment variable, such as "
        "api-key=AZURE_KEY; may be repeated",
    )
    command.add_argument(
        "--allow-http",
        action="store_true",
        help="send the key unencrypted to another machine, a server in your own network",
    )
    _base_url(command)


def _base_url(command: argparse.ArgumentParser, of_stacks: str = "") -> None:
    command.add_argument(
        "--base-url",
        metavar="URL",
        help=f"where the API is, as the provider's base_url (default: {of_stacks}the environment variable "
        "OPENAI_BASE_URL, else OpenAI)",
    )


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:  # noqa: PLR2004 - TCP's last
        raise argparse.ArgumentTypeError(f"{text!r} is no port. Allowed: 0 to 65535")
    return int(text)
