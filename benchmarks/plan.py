"""A plan of one new thread against a plan of one terraform_data, which is Terraform's own."""

import json
from pathlib import Path

from benchmarks.measure import Cost, cost, medians
from tests.e2e.environment import clean, engine
from tests.e2e.terraform import TerraformProject

RUNS = 7


def measure(folder: Path) -> tuple[Cost, Cost]:
    """Return what the plan of a thread and what the plan of a terraform_data cost."""
    thread = TerraformProject(folder / "thread").write(
        {
            "provider": {"openai": {"base_url": f"sqlite:{folder / 'threads.db'}"}},
            "resource": {"openai_thread": {"new": {"metadata": {"priority": "low"}}}},
        }
    )
    thread.init()
    # By hand: TerraformProject.write asks for the provider.
    plain = TerraformProject(folder / "plain")
    configuration = {"resource": {"terraform_data": {"new": {"input": "low"}}}}
    (plain.folder / "main.tf.json").write_text(json.dumps(configuration))
    plain.run("init", "-input=false")

    command: list[str | Path] = [engine(), "plan", "-input=false"]
    of_thread, of_data = medians(
        RUNS,
        lambda: cost(command, thread.folder, clean({})),
        lambda: cost(command, plain.folder, clean({})),
    )
    return of_thread, of_data
