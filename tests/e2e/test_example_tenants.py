"""examples/tenants: 200 threads in two projects."""

import json
from pathlib import Path

from tests.support.database import Database
from tests.support.example import Example


def test_every_tenant_has_a_thread_in_the_project_of_its_region(tmp_path: Path) -> None:
    project = Example("tenants", tmp_path)
    tenants = json.loads((project.folder / "tenants.json").read_text())
    project.synth()
    terraform = project.stack("tenants")
    terraform.run("init")

    made = terraform.apply()
    unchanged = terraform.is_unchanged()
    ids = {region: terraform.outputs()[f"thread_ids_{region}"] for region in ("eu", "us")}
    tenants["new-tenant"] = {"region": "eu", "plan": "free", "language": "de"}
    (project.folder / "tenants.json").write_text(json.dumps(tenants))
    project.synth()
    then = terraform.plan()

    changes = {each["address"]: each["change"] for each in terraform.planned()["resource_changes"]}
    eu = changes["openai_thread_set.threads_eu"]

    assert made.actions == dict.fromkeys(changes, "create")
    assert len(ids["eu"]) + len(ids["us"]) == 200
    assert unchanged
    assert then.actions == {"openai_thread_set.threads_eu": "update"}
    assert set(eu["after"]["threads"]) - set(eu["before"]["threads"]) == {"new-tenant"}
    in_eu = Database(project.folder / "eu.db").conversation(ids["eu"]["birch-foods"])
    assert in_eu is not None
    assert in_eu.metadata == {"plan": tenants["birch-foods"]["plan"], "region": "eu"}
    assert Database(project.folder / "us.db").messages(ids["us"]["alder-foods"]) == [
        ("assistant", "Hello! How can I help?")
    ]
