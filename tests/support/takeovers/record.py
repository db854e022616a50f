"""Records what an engine sends of a state that is taken over, or that names another address of this provider.

    TEST_TERRAFORM=/path/to/tofu python -m tests.support.takeovers.record

writes ENGINE_VERSION.json beside this file: the ids that the states speak of, and by way each
request as its bytes, in base64.
"""

import json
import tempfile
from pathlib import Path

from provider_shim.launcher.mirror import SOURCE
from provider_shim.system.engine import word
from tests.support.database import Database
from tests.support.environment import BIN, ROOT, engine
from tests.support.served import ServedApi, served
from tests.support.takeovers import RETIRED, WAYS, Json, at_the_api, stand_in, table, taken_over, write
from tests.support.terraform import TerraformProject

HERE = Path(__file__).parent
HOOK = """
import base64, json
from provider_shim.terraform.server import ProviderServer

call = ProviderServer.call

def recorded(self, name, data):
    if name in ("UpgradeResourceState", "MoveResourceState"):
        with open(RECORD, "a") as file:
            print(json.dumps({"rpc": name, "request": base64.b64encode(data).decode()}), file=file)
    return call(self, name, data)

ProviderServer.call = recorded
"""


def recording(folder: Path) -> tuple[TerraformProject, Path]:
    """Return a project whose provider records, and the file that it records to."""
    hook, record, python = folder / "hook", folder / "record", folder / "python"
    hook.mkdir(parents=True)
    (hook / "sitecustomize.py").write_text(f"RECORD = {str(record)!r}\n{HOOK}")
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{hook}:{ROOT}" exec {BIN}/python "$@"\n')
    python.chmod(0o755)
    environment = {"CDKTF_OPENAI_THREAD_PYTHON": str(python)}
    return TerraformProject(folder / "stack", environment=environment), record


def own(terraform: TerraformProject, rows: dict[str, tuple[Json, Json]], api: ServedApi) -> None:
    """Take over all, then plan with a state that says another address of this very provider."""
    write(terraform, rows, api, moves=False)
    state = terraform.folder / "terraform.tfstate"
    state.write_text(state.read_text().replace(RETIRED, SOURCE))
    stand_in(terraform.folder)
    terraform.run("init", "-input=false")
    terraform.apply()
    (terraform.folder.parent / "record").unlink()
    state.write_text(state.read_text().replace(SOURCE, RETIRED))
    terraform.run("init", "-input=false")
    terraform.plan()


def main() -> None:
    """Record all ways."""
    with tempfile.TemporaryDirectory() as name, served(Database(Path(name) / "threads.db")) as api:
        ids = at_the_api(api)
        found: dict[str, object] = {"ids": ids}
        for way in (*WAYS, "own"):
            terraform, record = recording(Path(name) / way)
            if way == "own":
                own(terraform, table(ids), api)
            else:
                taken_over(terraform, table(ids), api, way)
            found[way] = [json.loads(line) for line in record.read_text().splitlines()]
        version = json.loads(terraform.run("version", "-json"))["terraform_version"]
    (HERE / f"{word(engine().resolve())}_{version}.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
