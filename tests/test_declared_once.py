"""An attribute that is added to the contract, and nowhere else, is there everywhere."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.environment import ROOT

DECLARED = """    label: Annotated[str, "A label of the thread.", Length(2, 8), Kept(())]
"""
BEFORE = "    retain_on_destroy: Annotated[\n"

PROGRAM = """
import asyncio, json, sys
from scripts.reference.__main__ import TEMPLATES
from scripts.reference.page import page
from provider_shim.contract.check import check
from provider_shim.contract.thread import THREAD
from provider_shim.resources.provider import OpenaiProvider
from provider_shim.terraform import encoding, plan
from provider_shim.terraform.handler import Source, Work
from provider_shim.terraform.values import conform, is_unknown

provider = OpenaiProvider({})
handler = provider.resources["openai_thread"]
attributes = dict.fromkeys(provider.contract.attributes)
assert provider.configure({**attributes, "base_url": f"sqlite:{sys.argv[1]}"}, "1") == []
state, private, warnings = None, {}, []

def config(label):
    return conform(THREAD.attributes, {"label": label}, lambda *problem: None)

async def applied(label):
    global state, private
    change = plan.change(THREAD, state, config(label))
    change.private = dict(private)
    if state is None:
        handler.plan_new(change)
    else:
        await handler.plan(change)
    assert not change.replace
    warnings.append([each.detail for each in change.diagnostics])
    work = Work(state, asyncio.Event(), state, change.planned, change.config, change.private)
    await (handler.create(work) if state is None else handler.update(work))
    state, private = work.state, work.private
    work = Work(dict(state), asyncio.Event(), prior=state, private=private)
    await handler.read(work)
    return work.state["label"]

async def run():
    made, changed = await applied("first"), await applied("second")
    await provider.close()
    return [made, changed]

print(json.dumps({
    "schema": [each.name for each in encoding.schema_to_proto(THREAD).block.attributes],
    "problems": [each.detail for each in check(THREAD, config("x"), is_unknown)],
    "labels": asyncio.run(run()),
    "warnings": warnings,
    "upgraded": handler.upgrade(0, {"id": "conv_1"}).get("label", "absent"),
    "moved": handler.move(Source("a/b/c", "openai_thread", 0, {"id": "conv_1", "label": "old"}))["label"],
    "page": page(TEMPLATES / "thread.md"),
}))
"""


def test_an_attribute_that_the_contract_alone_declares_is_everywhere(tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "provider_shim", tmp_path / "provider_shim", ignore=shutil.ignore_patterns("__pycache__")
    )
    contract = tmp_path / "provider_shim" / "contract" / "thread.py"
    text = contract.read_text()
    assert text.count(BEFORE) == 1
    contract.write_text(text.replace(BEFORE, DECLARED + BEFORE))

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "threads.db")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "label" in found["schema"]
    assert found["problems"] == ["label has 1 character. Allowed: at least 2 characters."]
    assert found["labels"] == ["first", "second"]
    assert [len(each) for each in found["warnings"]] == [1, 0]
    assert "The conversations API can't keep label." in found["warnings"][0][0]
    assert found["upgraded"] is None
    assert found["moved"] == "old"
    assert "A label of the thread." in found["page"]
