"""An attribute that is added to the contract, and nowhere else, is there everywhere."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.environment import ROOT

DECLARED = """    label: Annotated[str, "A label of the thread.", Length(2, 8), PersistedBy(())]
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


SENT = """    settings = ("label",)
"""

WITH_A_SERVER = """
import asyncio, json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from provider_shim.contract.thread import THREAD
from provider_shim.resources.provider import OpenaiProvider
from provider_shim.terraform import plan
from provider_shim.terraform.handler import Work
from provider_shim.terraform.values import conform

thread, bodies = {"id": "conv_1", "object": "conversation", "created_at": 1, "metadata": {}}, []

class Server(BaseHTTPRequestHandler):
    def do_POST(self):
        bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        thread.update(bodies[-1])
        self.do_GET()

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        items = {"object": "list", "data": [], "has_more": False}
        self.wfile.write(json.dumps(items if "/items" in self.path else thread).encode())

    def log_message(self, *args):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
provider = OpenaiProvider({})
handler = provider.resources["openai_thread"]
url = f"http://127.0.0.1:{server.server_address[1]}/v1"
given = {**dict.fromkeys(provider.contract.attributes), "base_url": url, "journal": "off"}
assert provider.configure(given, "1") == []

async def applied(state, private, label):
    change = plan.change(THREAD, state, conform(THREAD.attributes, {"label": label}, lambda *problem: None))
    change.private = private
    await handler.plan(change)
    work = Work(state, asyncio.Event(), state, change.planned, change.config, change.private)
    await (handler.create(work) if state is None else handler.update(work))
    return work

async def run():
    made = await applied(None, {}, "first")
    changed = await applied(made.state, made.private, "second")
    thread["label"] = "third"
    read = Work(changed.state, asyncio.Event(), changed.state, private=changed.private)
    await handler.read(read)
    imported = Work(None, asyncio.Event())
    await handler.import_state(imported, "conv_1")
    await provider.close()
    return [read.state["label"], imported.state["label"]]

labels = asyncio.run(run())
server.shutdown()
print(json.dumps([[each.get("label") for each in bodies], labels]))
"""


def test_one_line_in_an_apis_mapping_sends_an_attribute_and_reads_it(tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "provider_shim", tmp_path / "provider_shim", ignore=shutil.ignore_patterns("__pycache__")
    )
    contract = tmp_path / "provider_shim" / "contract" / "thread.py"
    contract.write_text(contract.read_text().replace(BEFORE, DECLARED + BEFORE))
    mapping = tmp_path / "provider_shim" / "api" / "conversations.py"
    before = '    collection = "conversations"\n'
    assert mapping.read_text().count(before) == 1
    mapping.write_text(mapping.read_text().replace(before, before + SENT))

    done = subprocess.run(
        [sys.executable, "-c", WITH_A_SERVER],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    sent, read = json.loads(done.stdout)
    assert sent == ["first", "second"]
    assert read == ["third", "third"]
