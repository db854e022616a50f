"""Which engine a person means, and how it is called."""

from pathlib import Path

import pytest

from provider_shim.system.engine import VARIABLE, chosen, cli_finds_no, in_words_of, word


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
