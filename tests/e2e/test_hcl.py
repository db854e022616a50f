"""`--hcl` is the same stack as JSON, with hostile texts and with tokens of every kind."""

import itertools
import json
import re
import shutil
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

from tests.support.cdktf_project import CdktfProject
from tests.support.environment import ROOT
from tests.support.local_provider import write_mirror
from tests.support.terraform import TerraformProject

EXAMPLES = sorted(each.name for each in (ROOT / "examples").iterdir() if (each / "main.py").exists())
FRAGMENTS = ('"', "\\", "\n", "${x}", "%{if}", "[", "{", "#", "'", "$", "%", "\t", "\r", "\ufeff")
TEXTS = (
    *FRAGMENTS,
    *("".join(pair) for pair in itertools.product(FRAGMENTS, repeat=2)),
    'say "hi"\nline ${literal} %{if} back\\slash\t{"a": 1}',
    "<<EOT\nno heredoc ${x}\nEOT\n",
    "<<-EOT\n  nor this\n  EOT",
    "\n\n// no comment\n# nor this /* nor this */\r\n",
    '"""${"${a}"}""" \'$${b}\' %%{for} ~%{ endfor ~}',
    "\\u0041 \\n é 😀 \u2028",
    "What is in C:\\new and 'a'?",
    *("5", "007", "true", "null", "[1]", '{"a": 1}', '"quoted"', "-1", "1e5"),
    *("${", "%{", "$${", "}", "EOF"),
)
KEYS = (
    "for",
    "null",
    "true",
    "if",
    "-a",
    "1",
    "a b",
    'k"ey',
    "${x}",
    "a\\b",
    "line\nbreak",
    "é",
    "[",
    "a.b",
    "in",
)
PROGRAM = """
import cdktf
from cdktf_openai_thread import File, OpenaiProvider, Thread, ThreadSet, VectorStore

TEXTS = {texts!r}
KEYS = {keys!r}

app = cdktf.App()
stack = cdktf.TerraformStack(app, "it")
OpenaiProvider(stack, "openai", base_url="sqlite:api.db", headers={{"x-a": 'b "c" \\\\', "X_b": "$${{d}}"}})


def variable(name, kind, value):
    return cdktf.TerraformVariable(stack, name, type=kind, default=value)


text = variable("text", "string", "a b").string_value
number = variable("number", "number", 5).number_value
flag = variable("flag", "bool", True).boolean_value
names = variable("names", "list(string)", ["code_interpreter", "file_search"])
labels = variable("labels", "map(string)", {{"a": "x y", "b": "z"}})
local = cdktf.TerraformLocal(stack, "local", {{"role": "assistant", "content": "Hi"}})
first = Thread(stack, "first", metadata={{"of": "first"}})
handbook = File(stack, "handbook", path="${{x}} cafe\\u0301 %{{y}}.md")
name = 'a "store" \\\\'
store = VectorStore(
    stack, "store", name=name, description="costs ${{x}}", files=[handbook], metadata={{"for": text}}
)
MARKS = {{
    "none": "",
    "string": text,
    "number": f"{{number}}",
    "function": cdktf.Fn.upper(cdktf.Fn.raw_string('q "r"')),
    "lookup": cdktf.Fn.lookup(labels.value, "a"),
    "local": cdktf.Token.as_string(cdktf.Fn.lookup(local.expression, "role")),
    "reference": first.id,
    "computed number": f"{{first.created_at}}",
    "joined": cdktf.Fn.join(", ", names.list_value),
    "object": cdktf.Fn.jsonencode(labels.value),
}}
for number_of, mark in enumerate(MARKS.values()):
    thread = Thread(stack, f"marks_{{number_of}}", metadata={{"mark": f"a {{mark}} b", "a " + mark[:0]: "c"}})
    for each in TEXTS if number_of < 2 else TEXTS[::4]:
        thread.say("user", each + mark + each)
for start in range(0, len(KEYS), 5):
    keys = KEYS[start : start + 5]
    of_keys = {{key: {{"metadata": {{"key": text + "$" + text}}}} for key in keys}}
    threads = ThreadSet(stack, f"keys_{{start}}", of_keys)
    Thread(stack, f"ids_{{start}}", metadata={{f"id {{n}}": threads[key].id for n, key in enumerate(keys)}})
    plain = [key.replace("${{x}}", "x") for key in keys]
    Thread(stack, f"labels_{{start}}", metadata={{each: each for each in plain}})
messages = cdktf.Token.as_any([local.expression])
Thread(stack, "whole", metadata=labels.value, tools=names.list_value, messages=messages)
Thread(stack, "map", metadata=cdktf.Token.as_string_map(labels.value), retain_on_destroy=cdktf.Op.not_(flag))
Thread(
    stack,
    "literal",
    metadata=cdktf.Token.as_any({{"a": 'x "y" \\n\\\\', "for": "b"}}),
    messages=[
        {{
            "role": cdktf.Fn.lookup(local.expression, "role"),
            "content": "C:\\\\new 'a'",
            "metadata": cdktf.Fn.merge([labels.value, {{"c": "d"}}]),
        }},
        {{
            "role": "user",
            "content": "x",
            "attachments": [{{"file_id": handbook.id}}],
            "metadata": {{"for": text}},
        }},
    ],
    tools=["file_search"],
    tool_resources={{
        "file_search": {{"vector_store_ids": [store.id]}},
        "code_interpreter": {{"file_ids": [handbook.id]}},
    }},
)
each_of = cdktf.TerraformIterator.from_map({{"a": {{"n": "x"}}, "b": {{"n": "y"}}}})
Thread(stack, "each", for_each=each_of, metadata={{"n": each_of.get_string("n") + ' "'}})
Thread(stack, "counted", count=cdktf.TerraformCount.of(2), metadata={{"n": "a"}})
ThreadSet(stack, "variable", variable("threads", "any", {{"a": {{"metadata": {{"x": "y"}}}}}}))
File(stack, "note", content='${{a}} "b" \\\\ %{{c}}' + text, filename='a "b" ${{c}}.md')
first.outputs()
app.synth()
"""


def both(folder: Path) -> dict[str, TerraformProject]:
    """Synthesize JSON in one copy of a project and HCL in another."""
    variables = {"HOME": str(folder / "home")}
    example_of_postgres = "PgBackend"  # no server is there, and what is compared is not where a state is kept
    stacks = {}
    for form in ("json", "hcl"):
        copy = folder / form
        shutil.copytree(folder / "app", copy)
        project = CdktfProject(copy, environment={**variables, "OPENAI_BASE_URL": f"sqlite:{copy}/env.db"})
        if form == "hcl":
            project.environment["SYNTH_HCL_OUTPUT"] = "true"
        project.synth()
        for name in in_order(copy):
            stack = project.stack(name)
            if example_of_postgres in (copy / "main.py").read_text():
                (stack.folder / "backend_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
            stacks[f"{form} {name}"] = stack
    assert {each.suffix for each in (folder / "hcl").glob("cdktf.out/stacks/*/cdk.tf*")} == {".tf"}
    return stacks


def in_order(folder: Path) -> list[str]:
    """Return the stacks, each behind those that it refers to."""
    stacks = json.loads((folder / "cdktf.out/manifest.json").read_text())["stacks"]
    graph = {name: each["dependencies"] for name, each in stacks.items()}
    return list(TopologicalSorter(graph).static_order())


def deployed(stack: TerraformProject) -> dict[str, Any]:
    """Return what was deployed, without ids and times."""
    stack.run("init", "-input=false")
    stack.apply()
    assert stack.plan().actions == {}
    state = {name: each for name, each in stack.state().items() if name.startswith("openai_")}
    text = re.sub(r"(msg_|conv_|file-|vs_|set_)[0-9a-f]{6,}", r"\1", json.dumps(state))
    # A text may have the time of another thread in it.
    for time in {each["created_at"] for each in state.values() if "created_at" in each}:
        text = text.replace(str(time), "0")
    text = re.sub(r'"created_at": [0-9]+', '"created_at": 0', text)
    found: dict[str, Any] = json.loads(text)
    return found


def test_texts_and_tokens_are_deployed_from_hcl_as_from_json(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "${x} cafe\u0301 %{y}.md").write_text("menu")
    CdktfProject(app).write(PROGRAM.format(texts=TEXTS, keys=KEYS))
    stacks = both(tmp_path)

    from_json, from_hcl = deployed(stacks["json it"]), deployed(stacks["hcl it"])
    said = [each["content"] for each in from_json["openai_thread.marks_0"]["messages"]]

    marked = [each["content"] for each in from_json["openai_thread.marks_1"]["messages"]]

    assert said == [text + text for text in TEXTS]
    assert marked == [f"{text}a b{text}" for text in TEXTS]
    assert len(from_json) > 25  # sets are one resource each
    assert from_hcl == from_json


@pytest.mark.parametrize(
    "example",
    # Three of them have what the others have: files, stores, sets, several stacks.
    [
        pytest.param(each, marks=() if each in ("platform", "quickstart", "tenants") else pytest.mark.table)
        for each in EXAMPLES
    ],
)
def test_an_example_is_deployed_from_hcl_as_from_json(example: str, tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns(
        "cdktf.out", "*.db*", "*.tfstate*", "settings.json", "outputs.json", ".*"
    )
    shutil.copytree(ROOT / "examples" / example, tmp_path / "app", ignore=ignored)
    write_mirror(tmp_path / "home/.terraform.d/plugins")
    tenants = tmp_path / "app/tenants.json"
    if tenants.exists():
        tenants.write_text(json.dumps(dict([*json.loads(tenants.read_text()).items()][:4])))
    stacks = both(tmp_path)
    names = [each.removeprefix("json ") for each in stacks if each.startswith("json ")]

    assert [deployed(stacks[f"hcl {name}"]) for name in names] == [
        deployed(stacks[f"json {name}"]) for name in names
    ]
