"""The lock file of a stack, so that the first `terraform init` and the cdktf CLI find it complete.

Why this is not left to Terraform: where `.terraform.lock.hcl` lacks an entry that the stack needs,
the cdktf CLI runs `terraform providers lock` after init. That command passes every mirror by and
asks each provider's origin, which for ours is nobody.
"""

import re
from collections.abc import Iterable, Mapping

from provider_shim import __version__
from provider_shim.launcher.mirror import SOURCE, h1

_HEADER = """\
# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.
"""
_COMMENT_START = "/* cdktf-openai-thread: for the cdktf CLI, which reads these lines as well."
_COMMENT = r"(?sm)\n*^/\* cdktf-openai-thread: .*?^\*/\n?"
_ENTRY = r'(?sm)^provider "([^"]+)" \{\n(.*?)^\}\n?'
_CONSTRAINTS = r'(?m)^\s*constraints\s*=\s*"([^"]*)"'
_REGISTRY = "registry.terraform.io/"
_OF_OPENTOFU = "registry.opentofu.org/"


def lock_text(
    old: str, required: Mapping[str, str | None], version: str = __version__, bundles: Iterable[str] = ()
) -> str:
    """Return the lock file for a stack.

    Args:
        old: The present text, `""` where there is none.
        required: The stack's providers: address as the configuration has it (`hashicorp/random`)
            to version constraint.
        version: The version of our own provider.
        bundles: The hashes of bundles that stand in for the launcher on some platforms.

    Returns:
        `old` with our provider's entry right, whatever it was. The entries of other providers stay
        as they are. What the cdktf CLI has to find besides stands in a comment, which Terraform
        passes over, and drops when it writes the file next.
    """
    text = re.sub(_COMMENT, "\n", old).rstrip("\n")
    hashes = "".join(f'    "{each}",\n' for each in sorted({h1(version), *bundles}))
    entry = (
        f'provider "{SOURCE}" {{\n'
        f'  version     = "{version}"\n'
        f'  constraints = "{version}"\n'
        "  hashes = [\n"
        f"{hashes}"
        "  ]\n"
        "}\n"
    )
    entries = {match[1]: match for match in re.finditer(_ENTRY, text + "\n")}
    if (ours := entries.get(SOURCE)) is not None:
        text = (text[: ours.start()] + entry + text[ours.end() :]).rstrip("\n") + "\n"
    else:
        text = f"{text or _HEADER.rstrip()}\n\n{entry}"

    lines = []
    for short, wanted in sorted(required.items()):
        address = _address(short)
        if address == SOURCE:
            continue
        recorded = None
        # OpenTofu records the same provider under its own registry, where the CLI does not look.
        of_opentofu = address.replace(_REGISTRY, _OF_OPENTOFU)
        match = entries.get(address) or entries.get(of_opentofu)
        if match is not None:
            found = re.search(_CONSTRAINTS, match[2])
            recorded = found[1] if found else ""
        lines += _for_the_cdktf_cli(address, wanted or "", recorded, is_found=address in entries)
    if lines:
        text += "\n" + "\n".join([_COMMENT_START, *lines, "*/"]) + "\n"
    return text


def _for_the_cdktf_cli(address: str, wanted: str, recorded: str | None, *, is_found: bool) -> list[str]:
    """Return the lines that keep the cdktf CLI from `terraform providers lock` for one provider.

    The CLI takes the first number of the wanted constraint for a version and holds it against each
    recorded one. A lone `~>`, `>=`, `<=` or version accepts itself, nothing else is sure to.
    """
    changed = recorded is not None and _normal(recorded) != _normal(wanted)
    alone = re.fullmatch(r"(~>|>=|<=|=)?\s*\d[^,]*", wanted.strip())
    if recorded and not changed and alone and is_found:
        return []
    lines = [f'provider "{address}" {{', '  constraints = ">= 0.0.0"', "}"]
    if recorded and changed and address.startswith(_REGISTRY):
        # The CLI answers a changed constraint with `init -upgrade`, and should. It decides that
        # on every entry, and takes this spelling of the address for the same provider.
        short = address.removeprefix(_REGISTRY)
        lines += [f'provider "{short}" {{', f'  constraints = "{recorded}"', "}"]
    return lines


def _address(source: str) -> str:
    """Return a provider's whole address, as the lock file names it."""
    implied = {0: _REGISTRY + "hashicorp/", 1: _REGISTRY}
    return implied.get(source.count("/"), "") + source


def _normal(constraints: str) -> set[tuple[str, str]]:
    """Return what Terraform makes equal when it writes constraints into the lock file."""
    normal = set()
    for one in filter(None, (part.strip() for part in constraints.split(","))):
        number = one.lstrip("~<>=! ")
        operator = one.removesuffix(number).strip()
        if operator != "~>":
            number += ".0" * (2 - number.count("."))
        normal.add((operator.removeprefix("=") if operator == "=" else operator, number))
    return normal
