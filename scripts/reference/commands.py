"""The command line's page, read off its parser."""

import argparse

from provider_shim.cli import _parser
from scripts.reference.page import GENERATED

# ruff: noqa: SLF001 - argparse has no other way to ask a parser for its options


def command_line() -> str:
    """Return the page."""
    parser = _parser()
    (group,) = (each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    overview = {each.dest: each.help for each in group._choices_actions}
    status = "0; 1 where a problem was found, which is printed; 2 for wrong arguments; 130 after Ctrl-C"
    lines = [
        GENERATED.format("provider_shim/cli.py"),
        "# Command line",
        "",
        f"{parser.description} Exit status: {status}.",
        "",
        "| Command | |",
        "| --- | --- |",
        *(f"| [`{parser.prog} {name}`](#{name}) | {text} |" for name, text in overview.items()),
        "",
    ]
    options = [each for each in parser._actions if each.option_strings and each.dest != "help"]
    lines += [f"`{parser.prog} {each.option_strings[0]}`: {each.help}." for each in options]
    lines += [""]
    for name, command in group.choices.items():
        lines += [f"## `{name}` {{ #{name} }}", "", str(command.description), ""]
        lines += ["```sh", _usage(command), "```", ""]
        given = [each for each in command._actions if not isinstance(each, argparse._HelpAction)]
        if given:
            lines += ["| | |", "| --- | --- |"]
            lines += [f"| {_name(each)} | {_sentence(each)} |" for each in given]
            lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def _usage(command: argparse.ArgumentParser) -> str:
    required = [
        f"{each.option_strings[0]} {each.metavar}" if each.option_strings else str(each.metavar)
        for each in command._actions
        if each.required
    ]
    return " ".join([command.prog, *required])


def _name(action: argparse.Action) -> str:
    if not action.option_strings:
        return f"`{action.metavar}`"
    value = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
    return f"`{action.option_strings[0]}{value}`"


def _sentence(action: argparse.Action) -> str:
    text = str(action.help) % {"default": f"`{action.default}`"}
    text = text[:1].upper() + text[1:]
    return f"{text}. Required." if action.required else f"{text}."
