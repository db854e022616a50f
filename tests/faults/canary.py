"""A key that must appear nowhere, through a whole run with the most talkative log."""

import json
from pathlib import Path

from tests.faults.crash import AT, BUG, crashing_python
from tests.faults.ground import Site, report, site
from tests.support.cdktf_project import CdktfProject
from tests.support.environment import BIN, ROOT
from tests.support.faulty import Fault

KEY = "sk-canary-4f1c9b7e2d8a6035"
TEXT = "canary-text-93b1"

PROGRAM = """
from cdktf import App, TerraformStack, TerraformVariable
from cdktf_openai_thread import OpenaiProvider, Thread

app = App()
stack = TerraformStack(app, "support")
{key}
OpenaiProvider(stack, "openai", base_url={base_url!r}, timeout=2, max_retries=1{settings})
Thread(stack, "thread", messages=[{{"role": "user", "content": {text!r}}}])
app.synth()
"""
VARIABLE = 'key = TerraformVariable(stack, "key", type="string", sensitive=True).string_value'
WAYS = {
    "environment": ("", "", "OPENAI_API_KEY"),
    "variable": (VARIABLE, ", api_key=key", "TF_VAR_key"),
    "header": (VARIABLE, ', headers={"authorization": "Bearer " + key}', "TF_VAR_key"),
}
"""How a key gets to the provider: lines of the program, settings, the variable that has it."""

ECHO = json.dumps({"error": {"message": f"Incorrect API key: {KEY}", "code": "invalid_api_key"}})
FAULTS = {
    "refused with the key": Fault(status=401, body=ECHO),
    "a page with the key": Fault(
        status=502, body=f"<p>{KEY} at {KEY}</p>", headers={"content-type": "text/html"}
    ),
    "no JSON": Fault(status=200, body=f'{{"id": "{KEY}'),
    "another object": Fault(status=200, body=json.dumps({KEY: KEY})),
    "reset": Fault(then="reset"),
}


def searched(place: Site, way: str) -> dict[str, list[str]]:
    """Deploy, fail in every way, destroy; return where key and text are, of all that was said and left."""
    program, settings, variable = WAYS[way]
    with place.ground() as (ground, api):
        folder = ground.database.path.parent
        project = CdktfProject(folder / "project", environment={variable: KEY})
        project.write(
            PROGRAM.format(key=program, base_url=api.base_url, settings=settings, text=TEXT)
        ).synth()
        stack = project.stack("support")
        stack.environment["TF_LOG"] = "TRACE"
        said: list[str] = []

        def terraform(*arguments: str, fails: bool = False) -> None:
            done = stack.execute(*arguments, "-no-color")
            said.append(done.stdout + done.stderr)
            assert bool(done.returncode) == fails, said[-1]

        terraform("init")
        api.decide = lambda request, _number: (
            FAULTS["refused with the key"] if request.method == "POST" else None
        )
        terraform("apply", "-auto-approve", fails=True)
        api.heal()
        if way == "environment":  # Terraform itself keeps variables in a plan, secret ones too
            terraform("plan", "-out=plan.bin")
            terraform("show", "-json", "plan.bin")
            terraform("apply", "plan.bin")
        else:
            terraform("apply", "-auto-approve")
        for fault in FAULTS.values():
            api.decide = lambda _request, _number, fault=fault: fault  # type: ignore[misc]
            terraform("plan", fails=True)
        api.heal()
        python = crashing_python(folder / "python", BIN / "python", ROOT)
        stack.environment |= {"CDKTF_OPENAI_THREAD_PYTHON": str(python), AT: BUG}
        terraform("plan", fails=True)
        assert "Traceback" in said[-1], "the log has none of the bug"
        assert "the key is " in said[-1]
        del stack.environment[AT]
        terraform("show", "-json")
        found = search(said, folder)
        terraform("destroy", "-auto-approve")
        assert {each.headers["authorization"] for each in api.seen} == {f"Bearer {KEY}"}
        return {KEY: found[KEY] + search(said[-1:], folder)[KEY], TEXT: found[TEXT]}


def search(said: list[str], folder: Path) -> dict[str, list[str]]:
    """Return the places of the key and of the text in what was said and in all files."""
    found: dict[str, list[str]] = {}
    for needle in (KEY, TEXT):
        spoken = [line for output in said for line in output.splitlines() if needle in line]
        files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
        written = [str(path.relative_to(folder)) for path in files if needle.encode() in path.read_bytes()]
        found[needle] = [line[:200] for line in spoken] + written
    return found


def main() -> None:
    """Each way to give the key."""
    with site() as place:
        for way in WAYS:
            found = searched(place, way)
            report("canary key", given_as=way, hits=found[KEY], text_is_in=len(found[TEXT]))


if __name__ == "__main__":
    main()
