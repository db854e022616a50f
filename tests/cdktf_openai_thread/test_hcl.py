"""A thread written as HCL, with all that needs escaping, read by the real Terraform."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.environment import BIN, in_framework

TEXT = 'say "hi"\nline ${literal} %{if} back\\slash\t{"a": 1}'
METADATA = {"a b": 'quo"te\nnl', 'k"ey': "[1]", "digits": "007"}
PROGRAM = f"""
import cdktf
from cdktf_openai_thread import OpenaiProvider, Thread

app = cdktf.App(outdir="out", hcl_output=True)
stack = cdktf.TerraformStack(app, "hcl")
OpenaiProvider(stack, "openai", base_url="sqlite:api.db", headers={{"x-a": 'b "c"'}})
price = cdktf.TerraformVariable(stack, "price", type="string", default="5").string_value
text = {TEXT!r}
Thread(
    stack,
    "it",
    metadata={METADATA!r} | {{"sum": "$" + price}},
    messages=[{{"role": "user", "content": text}}, {{"role": "user", "content": text + " $" + price}}],
    tool_resources={{"code_interpreter": {{"file_ids": ["file-1"]}}}},
)
app.synth()
"""


def run(folder: Path, *command: str | Path) -> str:
    # SYNTH_HCL_OUTPUT is what `cdktf synth --hcl` sets.
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "SYNTH_HCL_OUTPUT": "true"}
    environment.pop("TF_CLI_CONFIG_FILE", None)
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_terraform_reads_the_text_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(in_framework(PROGRAM))
    folder = tmp_path / "out" / "stacks" / "hcl"

    run(tmp_path, sys.executable, "main.py")
    run(folder, BIN / "terraform", "init", "-no-color")
    run(folder, BIN / "terraform", "validate", "-no-color")
    run(folder, BIN / "terraform", "plan", "-no-color", "-out=plan.bin")
    plan = json.loads(run(folder, BIN / "terraform", "show", "-json", "plan.bin"))
    (thread,) = plan["planned_values"]["root_module"]["resources"]
    assert (folder / "cdk.tf").read_text().startswith("terraform {")
    assert thread["values"]["metadata"] == {**METADATA, "sum": "$5"}
    assert [each["content"] for each in thread["values"]["messages"]] == [TEXT, f"{TEXT} $5"]
