"""Commands in the documents exist, with the options they are given."""

import re
import shlex
import subprocess
from functools import cache
from itertools import dropwhile, groupby

import pytest

from tests.support.blocks import Block, blocks, documents
from tests.support.environment import BIN, ROOT, clean, engine

# Of the shell, or of the reader's own: only their syntax is checked.
KNOWN = {
    "(",
    ")",
    "cat",
    "cd",
    "cp",
    "curl",
    "echo",
    "export",
    "git",
    "gpg",
    "grep",
    "head",
    "ls",
    "mkdir",
    "mv",
    "pytest",
    "python",
    "rm",
    "sed",
    "set",
    "sh",
    "source",
    "unset",
}
PROGRAMS = {
    "openai-thread": str(BIN / "openai-thread"),
    "cdktf": str(BIN / "cdktf"),
    "cdktn": str(BIN / "cdktf"),  # the same command under its new name
    "terraform": str(engine()),
    "tofu": str(engine()),  # the same commands under another name
    "pip": str(BIN / "pip"),
    "npm": "npm",
}
# `openai-thread serve …`, `make docs` and the like in running text.
INLINE = re.compile(r"`((?:openai-thread|cdktf|terraform|make) [a-z][^`\n]*)`")


def shell() -> list[Block]:
    return [each for document in documents() for each in blocks(document) if each.language == "sh"]


def commands(text: str) -> list[list[str]]:
    """Split shell text into commands, each as its words."""
    found: list[list[str]] = []
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars="|&;")
        words.whitespace_split = True
        for between, group in groupby(words, key=lambda word: word in ("|", "||", "&&", ";")):
            if not between:
                found.append(list(dropwhile(lambda word: "=" in word, group)))  # variables of the command
    return [each for each in found if each]


@cache
def helped(program: str, *subcommands: str) -> str:
    """Return what a command says of itself; empty where it does not know the subcommand."""
    option = "-help" if program == "terraform" else "--help"
    done = subprocess.run(
        [PROGRAMS[program], *subcommands, option],
        env=clean({}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    # Terraform explains subcommands such as `state mv` on stderr or stdout, by version.
    text = done.stdout + done.stderr
    return "" if done.returncode not in (0, 127) or "has no command named" in text else text


def problem(words: list[str]) -> str | None:
    """Say what is wrong with a command; None if nothing."""
    program, *rest = words
    if program in KNOWN:
        return None
    if program == "make":
        made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        return None if rest[0] in made else f"make has no target {rest[0]}"
    if program not in PROGRAMS:
        return f"{program} is not known here"
    if words[:2] == ["terraform", "query"]:
        return None  # newer than the engine may be; tests/e2e/test_query.py runs what is shown
    names = 2 if program == "terraform" and rest[:1] in (["state"], ["providers"], ["workspace"]) else 1
    subcommands = [each for each in rest if not each.startswith("-")][:names]
    text = helped(program, *subcommands)
    if program == "terraform" and subcommands == ["apply"]:
        text += helped(program, "plan")  # its help says only: and the options of plan
    if not text:
        return f"{program} has no {' '.join(subcommands)}"
    options = [each.partition("=")[0] for each in rest if each.startswith("-") and each != "-"]
    lacking = [each for each in options if each not in text]
    return f"{' '.join(words)}: no {', '.join(lacking)}" if lacking else None


@pytest.mark.parametrize("program", sorted({*PROGRAMS, "make"}))
def test_each_command_exists_with_its_options(program: str) -> None:
    given = [(block.name, words) for block in shell() for words in commands(block.text)]
    given += [
        (str(document.relative_to(ROOT)), shlex.split(each.replace("…", "")))
        for document in documents()
        for each in INLINE.findall(document.read_text())
    ]

    assert [(name, wrong) for name, words in given if words[0] == program and (wrong := problem(words))] == []


def test_each_other_command_is_one_of_the_shells() -> None:
    unknown = {
        words[0]
        for block in shell()
        for words in commands(block.text)
        if words[0] not in {*PROGRAMS, *KNOWN, "make"}
    }

    assert unknown == set()


def test_each_block_is_what_a_shell_understands() -> None:
    for block in shell():
        done = subprocess.run(["sh", "-n"], input=block.text, capture_output=True, text=True, check=False)

        assert done.stderr == "", block.name
