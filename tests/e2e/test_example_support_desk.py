"""examples/support_desk: stack and application in one folder, deployed and answered by one command."""

import subprocess
from pathlib import Path

import pytest

from tests.support.environment import BIN, clean
from tests.support.example import Example, copied


@pytest.mark.cdktf
def test_one_command_deploys_the_desk_and_answers_offline(tmp_path: Path) -> None:
    project = Example("support_desk", tmp_path)
    untouched = project.synth().stack("desk")
    untouched.run("init", "-input=false")
    untouched.apply()

    assert untouched.is_unchanged()
    untouched.destroy_untouched()

    made = subprocess.run(
        ["make", "-s"],
        cwd=project.folder,
        env=clean({}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert made.returncode == 0, made.stdout + made.stderr
    assert made.stdout.endswith(
        "\n> How do I return a parcel?\n"
        "Parcels can be returned within 30 days. (handbook.md)\n"
        "> Where is order 42?\n"
        "Your order was shipped yesterday.\n"
    )


def test_its_own_tests_pass(tmp_path: Path) -> None:
    folder = copied("support_desk", tmp_path)
    environment = clean({"TERRAFORM_BINARY_NAME": str(BIN / "terraform")})
    done = subprocess.run(
        [BIN / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
