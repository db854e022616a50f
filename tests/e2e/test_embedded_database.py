"""The file of the embedded API, where it is not what the state was made with."""

from tests.support.database import Database
from tests.support.terraform import TerraformProject


def test_a_database_that_a_plan_has_made_is_said_once(
    terraform: TerraformProject, database: Database
) -> None:
    terraform.write(
        {
            "provider": {"openai": {"base_url": database.base_url}},
            "resource": {
                "openai_thread": {"one": {}, "two": {}},
                "openai_file": {"a": {"content": "a", "filename": "a.txt"}},
            },
        }
    )
    made = terraform.run("apply", "-auto-approve")
    for path in database.path.parent.glob(f"{database.path.name}*"):
        path.rename(path.with_name(f"away-{path.name}"))

    first = terraform.run("plan")
    second = terraform.run("plan")

    assert "The database is new" not in made
    assert first.count("The database is new") == 1
    assert f"{database.path}.files" in " ".join(first.split())
    assert "The database is new" not in second
