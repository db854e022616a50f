"""Runs a page from its first block to its last, in a folder and a shell of its own, as a reader would.

A page whose front matter says `session: true` is one; `framework: cdktn` leaves it to make test-cdktn. A
block with a title is a file, a `diff` with a title changes one; `sh` is run; a `text` after it is what the
last one said, `…` standing for any part. The comment `<!-- test: fails -->` announces a command that ends
with an error, `<!-- test: stays -->` one that goes on running beside the others, `<!-- test: not run -->` one
that only the
reader can run.
"""

import re
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path

from tests.support.blocks import Block, blocks
from tests.support.environment import clean
from tests.support.matching import matches

SECONDS = 180
PORT = "8787"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Session:
    """A page being read: its folder, and what the last command said."""

    def __init__(self, folder: Path, cleanup: ExitStack) -> None:
        folder.mkdir(parents=True)
        (folder.parent / "home").mkdir()
        self._folder = folder
        self._environment = clean({"HOME": str(folder.parent / "home"), "COLUMNS": "110"})
        self._cleanup = cleanup
        self._port = str(_free_port())
        self._left = folder.parent / "shell"
        self._left.mkdir()
        self._said = ""

    def read(self, document: Path) -> None:
        """Do what the page says."""
        for block in blocks(document):
            self._one(block)

    def _one(self, block: Block) -> None:
        text = block.text.replace(PORT, self._port)
        if block.language == "diff":
            self._change(block, text)
        elif block.title:
            path = self._folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif block.language == "sh" and block.note == "stays":
            self._start(text)
        elif block.language == "sh" and block.note != "not run":
            self._run(block, text)
        elif block.language == "text" and block.note != "picture":
            assert matches(_unspaced(text), self._plain(self._said)), (
                f"{block.name} shows\n{text}\nand the output is\n{self._said}"
            )

    def _change(self, block: Block, text: str) -> None:
        path = self._folder / block.title
        lines = text.splitlines(keepends=True)
        before = "".join(line[1:] or line for line in lines if not line.startswith("+"))
        after = "".join(line[1:] or line for line in lines if not line.startswith("-"))
        old = path.read_text()
        assert old.count(before) == 1, f"{block.name}: not once in {block.title}:\n{before}"
        path.write_text(old.replace(before, after))

    def _run(self, block: Block, text: str) -> None:
        # One shell for the whole page: where the last block has left it, and with what that has exported.
        there = f'cd "$(cat folder 2>/dev/null || echo {self._folder})"'
        before = f'cd "{self._left}"; [ ! -f env ] || . ./env; {there}'
        after = f"trap 'pwd > {self._left}/folder; export -p > {self._left}/env' EXIT"
        done = subprocess.run(
            ["bash", "-e", "-c", f"{before}\n{after}\n{text}"],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        self._said = done.stdout

        assert (done.returncode != 0) == (block.note == "fails"), f"{block.name}\n{done.stdout}"

    def _plain(self, said: str) -> str:
        """Leave out colours, the stack's name before a line of cdktf's, and space that it adds or trims."""
        names = "|".join(re.escape(each.name) for each in self._folder.glob("cdktf.out/stacks/*"))
        said = _COLOUR.sub("", said)
        return _unspaced(re.sub(rf"^(?:{names}) +", "", said, flags=re.MULTILINE) if names else said)

    def _start(self, text: str) -> None:
        process = subprocess.Popen(
            ["bash", "-c", f"exec env {text.strip().removesuffix('&')}"],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._cleanup.callback(_end, process)
        assert process.stdout is not None
        self._said = "".join(process.stdout.readline() for _ in range(7))


def _unspaced(text: str) -> str:
    """Leave out the space that lines begin with, and empty lines: of these cdktf keeps what it likes."""
    return re.sub(r"^\s+", "", text, flags=re.MULTILINE)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate(timeout=SECONDS)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
