"""Which engine a person means, and how it is called."""

import os
from pathlib import Path

import pytest

from provider_shim.system.engine import (
    VARIABLE,
    chosen,
    cli_finds_no,
    in_words_of,
    keeps_what_leaves,
    word,
)
from provider_shim.system.engine_state import Unreadable, pulled


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Return a folder for a PATH."""
    return tmp_path


def program(tools: Path, name: str) -> Path:
    (tools / name).write_text("#!/bin/sh\n")
    (tools / name).chmod(0o755)
    return tools / name


def test_the_variable_decides_then_terraform_then_tofu(tools: Path) -> None:
    path = {"PATH": str(tools)}
    none = chosen(path)
    tofu = program(tools, "tofu")
    only_tofu = chosen(path)
    terraform = program(tools, "terraform")

    assert none is None
    assert only_tofu == tofu
    assert chosen(path) == terraform
    assert chosen({**path, VARIABLE: "tofu"}) == tofu
    assert chosen({**path, VARIABLE: str(tofu)}) == tofu
    assert chosen({**path, VARIABLE: "absent"}) is None


def test_the_cdktf_cli_finds_only_terraform_and_what_the_variable_names(tools: Path) -> None:
    tofu = program(tools, "tofu")

    assert "which is not on the PATH" in str(cli_finds_no(tofu, {"PATH": str(tools)}))
    assert cli_finds_no(tofu, {VARIABLE: "tofu"}) is None
    assert cli_finds_no(tools / "terraform", {}) is None


@pytest.mark.parametrize(
    ("expected", "program", "text"),
    [
        ("tofu state rm x, or tofu apply", "/usr/bin/tofu", "terraform state rm x, or terraform apply"),
        ("(tofu import)", "/opt/OpenTofu-1.12", "(terraform import)"),
        ("terraform state rm x", "/usr/bin/terraform", "terraform state rm x"),
        ("terraform state rm x", "", "terraform state rm x"),
        (
            "terraform.d, terraform.tfstate, myterraform apply",
            "tofu",
            "terraform.d, terraform.tfstate, myterraform apply",
        ),
    ],
)
def test_commands_are_those_of_the_engine(expected: str, program: str, text: str) -> None:
    assert in_words_of(program, text) == expected
    assert word(program) == ("tofu" if "ofu" in program else "terraform")


@pytest.mark.parametrize(
    ("expected", "program", "version"),
    [
        (True, "/usr/bin/tofu", "1.12.6"),
        (True, "/opt/tofu", "1.13.0-dev"),
        (False, "/usr/bin/tofu", "1.11.14"),
        (False, "/usr/bin/terraform", "1.15.5"),
        (True, "/usr/bin/terraform", "1.16.0-beta1"),
        (False, "", ""),
    ],
)
def test_an_engine_is_known_to_leave_objects_by_its_version(
    expected: bool,
    program: str,
    version: str,
) -> None:
    assert keeps_what_leaves(program, version) is expected


COMPLAINT = "\nWarning: Unable to open CLI configuration file\n\nThe file {x} does not exist.\n"


@pytest.mark.parametrize("before", ["", COMPLAINT], ids=["the state alone", "behind a complaint"])
def test_a_state_is_read_also_behind_what_an_engine_complains_of(tools: Path, before: str) -> None:
    tofu = program(tools, "tofu")
    text = '{\n  "version": 4,\n  "resources": [{"type": "openai_thread"}]\n}\n'
    tofu.write_text(f"#!/bin/sh\ncat <<'END'\n{before}{text}END\n")

    assert pulled([str(tofu)], tools, os.environ) == [{"type": "openai_thread"}]


def test_a_complaint_alone_is_no_state(tools: Path) -> None:
    tofu = program(tools, "tofu")
    tofu.write_text(f"#!/bin/sh\ncat <<'END'\n{COMPLAINT}END\n")

    with pytest.raises(Unreadable):
        pulled([str(tofu)], tools, os.environ)
