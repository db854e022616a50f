"""What a plan must not load: imports are what a provider costs."""

from pathlib import Path

from tests.support.database import Database
from tests.support.served import ServedApi
from tests.support.terraform import TerraformProject

HEAVY = ("openai", "starlette", "httpx2", "pydantic")

# Terraform ends a provider with a signal where it is slow to end, so the file is there before.
WITNESS = """
import sys, importlib.abc

class Witness(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if "." not in name:
            with open({seen!r}, "a") as seen:
                seen.write(name + "\\n")

sys.meta_path.insert(0, Witness())
"""


def imported_during(terraform: TerraformProject, folder: Path, command: str) -> set[str]:
    """Return the top-level modules that the provider's processes load during a command."""
    folder.mkdir(exist_ok=True)
    seen = folder / f"{command}.txt"
    (folder / "sitecustomize.py").write_text(WITNESS.format(seen=str(seen)))
    terraform.environment["PYTHONPATH"] = str(folder)
    getattr(terraform, command)()
    return set(seen.read_text().split())


def test_a_plan_of_a_new_thread_imports_neither_the_sdk_nor_the_embedded_api(
    terraform: TerraformProject, database: Database, tmp_path: Path
) -> None:
    terraform.write(
        {
            "provider": {"openai": {"base_url": database.base_url}},
            "resource": {"openai_thread": {"new": {"metadata": {"priority": "low"}}}},
        }
    )

    planning = imported_during(terraform, tmp_path / "witness", "plan")
    applying = imported_during(terraform, tmp_path / "witness", "apply")

    assert "hpack" in planning
    assert planning.isdisjoint(HEAVY)
    assert applying >= {"openai", "starlette"}


def test_a_new_thread_takes_one_call_and_one_more_for_its_messages(
    terraform: TerraformProject, api: ServedApi
) -> None:
    messages = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Good morning"}]
    terraform.write(
        {
            "provider": {"openai": {"base_url": api.base_url}},
            "resource": {"openai_thread": {"bare": {}, "seeded": {"messages": messages}}},
        }
    )

    terraform.apply()

    asked = sorted((each.method, each.path.split("/")[-1]) for each in api.seen)
    assert asked == [("POST", "conversations"), ("POST", "conversations"), ("POST", "items")]
