"""A thread written as HCL by the real command, with all that needs escaping, read by the real Terraform."""

from pathlib import Path

import pytest

from tests.support.cdktf_project import CdktfProject

TEXTS = (
    'say "hi"\nline ${literal} %{if} back\\slash\t{"a": 1}',
    "<<EOT\nno heredoc ${x}\nEOT\n",
    "<<-EOT\n  nor this\n  EOT",
    "\n\n// no comment\n# nor this /* nor this */\r\n",
    '"""${"${a}"}""" \'$${b}\' %%{for} ~%{ endfor ~}',
    "\\u0041 \\n é 😀 \u2028",
    "[1]",
)
METADATA = {"a b": 'quo"te\nnl', 'k"ey': "[1]", "digits": "007", "heredoc": "<<EOT\nEOT"}
PROGRAM = f"""
import cdktf
from cdktf_openai_thread import OpenaiProvider, Thread

app = cdktf.App()
stack = cdktf.TerraformStack(app, "hcl")
OpenaiProvider(stack, "openai", base_url="sqlite:api.db", headers={{"x-a": 'b "c"'}})
price = cdktf.TerraformVariable(stack, "price", type="string", default="5").string_value
thread = Thread(
    stack,
    "it",
    metadata={METADATA!r} | {{"sum": "$" + price}},
    tool_resources={{"code_interpreter": {{"file_ids": ["file-1"]}}}},
)
for text in {TEXTS!r}:
    thread.say("user", text).say("user", text + " $" + price)
app.synth()
"""


@pytest.mark.cdktf
def test_terraform_reads_the_text_as_it_was_written(tmp_path: Path) -> None:
    stack = CdktfProject(tmp_path / "a project").write(PROGRAM).synth_hcl().stack("hcl")
    expected = [said for text in TEXTS for said in (text, f"{text} $5")]

    stack.run("init")
    problems = stack.validate()
    stack.plan()
    (thread,) = stack.planned()["planned_values"]["root_module"]["resources"]

    assert (stack.folder / "cdk.tf").read_text().startswith("terraform {")
    assert problems == []
    assert thread["values"]["metadata"] == {**METADATA, "sum": "$5"}
    assert [each["content"] for each in thread["values"]["messages"]] == expected
