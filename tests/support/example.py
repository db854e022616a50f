"""Copies of the examples, in a folder of a test's own."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.cdktf_project import CdktfProject
from tests.support.environment import ROOT, in_framework
from tests.support.terraform import NOTHING, TerraformProject

WARNING = re.compile(r"\bWarning: .*")


def copied(name: str, folder: Path) -> Path:
    """Copy an example without what runs of it have left; return where it is."""
    made = shutil.ignore_patterns(
        "cdktf.out",
        "__pycache__",
        "*.db*",
        "*.tfstate*",
        "outputs.json",
        "serve.log",
        "settings.json",
        ".openai-thread-*",
    )
    copy = Path(shutil.copytree(ROOT / "examples" / name, folder / f"an example, {name}", ignore=made))
    for program in copy.glob("*.py"):
        program.write_text(in_framework(program.read_text()))
    return copy


class Example(CdktfProject):
    """A copy of an example: where nothing was changed at the API, no plan and no destroy has a warning."""

    def __init__(self, name: str, folder: Path, *, environment: Mapping[str, str] = NOTHING) -> None:
        super().__init__(copied(name, folder), environment=environment)

    def _heard(self, said: str) -> str:
        if "No changes" in said or "Destroy complete" in said:
            assert_quiet(said)
        return said

    def stack(self, name: str) -> "ExampleStack":
        return ExampleStack(self.folder / "cdktf.out" / "stacks" / name, environment=self.environment)


class ExampleStack(TerraformProject):
    """A stack of an example, in which Terraform is run directly."""

    def is_unchanged(self) -> bool:
        """Plan, without a warning; tell whether there is nothing to do."""
        done = self.execute("plan", "-detailed-exitcode", "-no-color")
        assert_quiet(done.stdout + done.stderr)
        return done.returncode == 0

    def destroy_untouched(self) -> None:
        """Destroy what nobody but Terraform has touched, without a warning."""
        assert self.destroy().warnings == []


def assert_quiet(said: str) -> None:
    """Assert that no command has warned of anything."""
    assert WARNING.findall(said) == [], said


async def counted(client: Any) -> tuple[int, int]:
    """Return how many files and vector stores there are."""
    files = [each async for each in client.files.list()]
    stores = [each async for each in client.vector_stores.list()]
    return len(files), len(stores)
