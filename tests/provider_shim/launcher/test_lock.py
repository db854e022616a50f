"""The lock file: our entry right whatever was there, everything else as it was."""

import re

import pytest

from provider_shim.launcher.lock import lock_text
from provider_shim.launcher.mirror import SOURCE, h1

HEADER = """\
# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.
"""
OURS = f"""\
provider "{SOURCE}" {{
  version     = "1.2.3"
  constraints = "1.2.3"
  hashes = [
    "{h1("1.2.3")}",
  ]
}}
"""
FOREIGN = OURS.replace(h1("1.2.3"), "h1:someone/elses=")
OLDER = OURS.replace("1.2.3", "1.2.2")
RANDOM = """\
provider "registry.terraform.io/hashicorp/random" {
  version     = "3.6.1"
  constraints = "~> 3.0"
  hashes = [
    "h1:1OlP753r4lOKlBprL0HdZGWerm5DCabD5Mli8k8lWAg=",
    "zh:2a0ec154e39911f19c8214acd6241e469157489fc56b6c739f45fbed5896a176",
  ]
}
"""
OF_OPENTOFU = RANDOM.replace("registry.terraform.io", "registry.opentofu.org")
UNCONSTRAINED = RANDOM.replace('  constraints = "~> 3.0"\n', "")


def comment(*lines: str) -> str:
    start = "/* cdktf-openai-thread: for the cdktf CLI, which reads these lines as well."
    return "\n".join([start, *lines, "*/", ""])


def block(address: str, constraints: str) -> tuple[str, str, str]:
    return f'provider "{address}" {{', f'  constraints = "{constraints}"', "}"


REGISTRY = "registry.terraform.io/"
PRESENT = block(REGISTRY + "hashicorp/random", ">= 0.0.0")


@pytest.mark.parametrize(
    ("expected", "old", "required"),
    [
        pytest.param(f"{HEADER}\n{OURS}", "", {}, id="no lock file yet"),
        pytest.param(f"{HEADER}\n{OURS}", f"{HEADER}\n{OURS}", {}, id="right already"),
        pytest.param(f"{HEADER}\n{OURS}", f"{HEADER}\n{FOREIGN}", {}, id="foreign hash"),
        pytest.param(f"{HEADER}\n{OURS}", f"{HEADER}\n{OLDER}", {}, id="older version"),
        pytest.param(
            f"{HEADER}\n{OURS}\n{RANDOM}", f"{HEADER}\n{OLDER}\n{RANDOM}", {}, id="ours before another"
        ),
        pytest.param(f"{HEADER}\n{RANDOM}\n{OURS}", f"{HEADER}\n{RANDOM}", {}, id="another's file"),
        pytest.param(f"{HEADER}\n{OURS}", f"{HEADER}\n{OURS.rstrip()}", {}, id="no newline at the end"),
        pytest.param(
            f"{HEADER}\n{OURS}\n{comment(*PRESENT)}",
            f"{HEADER}\n{OURS}",
            {"hashicorp/random": "~> 3.0"},
            id="another provider, not locked yet",
        ),
        pytest.param(
            f"{HEADER}\n{OURS}\n{RANDOM}",
            f"{HEADER}\n{OURS}\n{RANDOM}",
            {"hashicorp/random": "~> 3.0"},
            id="another provider, locked as wanted",
        ),
        pytest.param(
            f"{HEADER}\n{OURS}\n{RANDOM}\n" + comment(*PRESENT, *block("hashicorp/random", "~> 3.0")),
            f"{HEADER}\n{OURS}\n{RANDOM}",
            {"hashicorp/random": "~> 4.0"},
            id="another provider's constraint changed",
        ),
        pytest.param(
            f"{HEADER}\n{OURS}\n{RANDOM.replace('~> 3.0', '> 3.0.0')}\n{comment(*PRESENT)}",
            f"{HEADER}\n{OURS}\n{RANDOM.replace('~> 3.0', '> 3.0.0')}",
            {"hashicorp/random": ">3.0"},
            id="a constraint that does not accept itself",
        ),
        pytest.param(
            f"{HEADER}\n{OURS}\n{UNCONSTRAINED}\n{comment(*PRESENT)}",
            f"{HEADER}\n{OURS}\n{UNCONSTRAINED}",
            {"hashicorp/random": None},
            id="no constraint at all",
        ),
        pytest.param(
            f"{HEADER}\n{OURS}\n{OF_OPENTOFU}\n{comment(*PRESENT)}",
            f"{HEADER}\n{OURS}\n{OF_OPENTOFU}",
            {"hashicorp/random": "~> 3.0"},
            id="another provider, locked by OpenTofu, where the CLI does not look",
        ),
        pytest.param(
            f"{HEADER}\n{OURS}\n{OF_OPENTOFU}\n" + comment(*PRESENT, *block("hashicorp/random", "~> 3.0")),
            f"{HEADER}\n{OURS}\n{OF_OPENTOFU}",
            {"hashicorp/random": "~> 4.0"},
            id="its constraint changed",
        ),
        pytest.param(
            f"{HEADER}\n{OURS}",
            f"{HEADER}\n{OURS}\n{comment(*PRESENT)}",
            {},
            id="a provider that left the app",
        ),
        pytest.param(
            f"{HEADER}\n{OURS}\n"
            + comment(
                *block("example.com/team/tool", ">= 0.0.0"),
                *block(REGISTRY + "kreuzwerker/docker", ">= 0.0.0"),
                *block(REGISTRY + "hashicorp/random", ">= 0.0.0"),
            ),
            "",
            {"random": "3.6.1", "kreuzwerker/docker": "~> 3", "example.com/team/tool": "1.0.0"},
            id="short, middle and whole addresses",
        ),
    ],
)
def test_the_lock_file_becomes(expected: str, old: str, required: dict[str, str | None]) -> None:
    required = {SOURCE: "1.2.3", **required}
    text = lock_text(old, required, "1.2.3")

    assert text == expected
    assert lock_text(text, required, "1.2.3") == text


def cdktf_cli_needs(lock: str, required: dict[str, str | None]) -> set[str]:
    """Return the addresses whose recorded constraint the CLI's line by line reader does not find."""
    recorded = {}
    address = None
    for line in lock.splitlines():
        if address is not None and (found := re.match(r'\s*constraints\s+=\s+"(.*)"', line)):
            recorded[address] = found[1]
        elif line.startswith("}"):
            address = None
        elif found := re.search(r'provider "(.*)"', line):
            address = found[1]
    return {each for each in required if not recorded.get(each)}


def test_the_reader_of_the_cdktf_cli_finds_every_required_provider() -> None:
    required: dict[str, str | None] = {SOURCE: "1.2.3", "example.com/team/tool": None}

    assert cdktf_cli_needs(lock_text("", required, "1.2.3"), required) == set()
    assert cdktf_cli_needs("", required) == set(required)
