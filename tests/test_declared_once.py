"""An attribute that only the contract has, and a resource of three files, are there everywhere."""

import json
import shutil
from pathlib import Path

import pytest

from tests.support.environment import ROOT
from tests.support.programs import printed

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

    found = json.loads(printed(PROGRAM, tmp_path / "threads.db", root=tmp_path, behind=ROOT))
    assert "label" in found["schema"]
    assert found["problems"] == ["label has 1 character. Allowed: at least 2 characters."]
    assert found["labels"] == ["first", "second"]
    assert [len(each) for each in found["warnings"]] == [1, 0]
    assert "The conversations API can't keep label." in found["warnings"][0][0]
    assert found["upgraded"] is None
    assert found["moved"] == "old"
    assert "A label of the thread." in found["page"]


OF_A_MESSAGE = """    tone: NotRequired[
        Annotated[Literal["warm", "cold"], "How it sounds.", PersistedBy(("conversations",))]
    ]
"""

WITH_A_TONE = """
import json
from provider_shim.api.conversations import Conversations
from provider_shim.api.items import message_record
from provider_shim.commands.transcripts import item_of_entry, message_of_entry
from provider_shim.contract.check import check
from provider_shim.contract.message import MESSAGE
from provider_shim.contract.thread import THREAD
from provider_shim.resources import messages
from provider_shim.terraform.values import conform, is_unknown

def thread(tone):
    given = {"messages": [{"role": "user", "content": "Hello", "tone": tone}]}
    return conform(THREAD.attributes, given, lambda *problem: None)

def held(tone):
    return thread(tone)["messages"]

sent = {api: messages.sent(held("warm")[0], api) for api in ("conversations", "threads")}
item = Conversations(None)._posted([sent["conversations"]])["items"][0]
entry = {"type": "message", "role": "user", "content": "Hello", "tone": "warm"}
print(json.dumps({
    "problems": [each.path for each in check(THREAD, thread("loud"), is_unknown)],
    "told": [item.get("tone"), sent["threads"].get("tone")],
    "read": messages.to_state(message_record({**item, "id": "msg_1"}))["tone"],
    "unreadable": messages.to_state(message_record({**item, "tone": 7}))["tone"],
    "replaced": messages.step(held("warm"), held("cold"), "conversations").replace,
    "kept": messages.step(held("warm"), held("cold"), "threads").replace,
    "released": messages.without_released(held("warm"), ["msg_1"], held(None), ["msg_1"])[1],
    "moved": [item_of_entry(entry)[0]["tone"], message_of_entry(entry)[1]],
    "alone": MESSAGE.attributes["tone"].replace,
}))
"""


def test_an_attribute_of_a_message_is_declared_once(tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "provider_shim", tmp_path / "provider_shim", ignore=shutil.ignore_patterns("__pycache__")
    )
    contract = tmp_path / "provider_shim" / "contract" / "thread.py"
    before = "    metadata: NotRequired[\n"
    assert contract.read_text().count(before) == 1
    contract.write_text(contract.read_text().replace(before, OF_A_MESSAGE + before))

    assert json.loads(printed(WITH_A_TONE, root=tmp_path)) == {
        "problems": [["messages", 0, "tone"]],
        "told": ["warm", None],
        "read": "warm",
        "unreadable": None,
        "replaced": ["messages", 0, "tone"],
        "kept": None,
        "released": [[0, "tone"]],
        "moved": ["warm", ["tone of a message"]],
        "alone": True,
    }


OF_THE_PARTS = {
    "contract/thread.py": (
        '"text", "image", "file", "refusal"]\n',
        '"text", "image", "file", "refusal", "video"]\n',
    ),
    "contract/parts.py": (
        '    "file": ("file_id",',
        '    "video": ("file_id", "file_url"),\n    "file": ("file_id",',
    ),
}
"""All that a person writes of a type of part that both APIs have no form of their own for."""

WITH_A_VIDEO = """
import json
from provider_shim.api.conversations import Conversations
from provider_shim.api.items import message_record
from provider_shim.commands.transcripts import item_of_entry
from provider_shim.contract.check import check
from provider_shim.contract.thread import THREAD
from provider_shim.resources import messages
from provider_shim.resources.persistence import message_refusals
from provider_shim.terraform.values import conform, is_unknown

def thread(**part):
    given = {"messages": [{"role": "user", "parts": [{"type": "video", **part}]}]}
    return conform(THREAD.attributes, given, lambda *problem: None)

held = thread(file_id="file-1")["messages"][0]
item = Conversations(None)._posted([messages.sent(held, "conversations")])["items"][0]
entry = {"type": "message", "role": "user", "parts": [{"type": "video", "file_id": "file-1"}]}
print(json.dumps({
    "problems": [each.path for each in check(THREAD, thread(image_url="https://a.example"), is_unknown)],
    "told": item["content"],
    "read": messages.to_state(message_record({**item, "id": "msg_1"}))["parts"][0]["file_id"],
    "refused": [
        [each.path for each in message_refusals({**held, "role": role}, api)]
        for role, api in (("user", "conversations"), ("assistant", "conversations"), ("user", "threads"))
    ],
    "moved": item_of_entry(entry)[0]["content"],
}))
"""


def test_a_type_of_part_is_declared_in_the_contract(tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "provider_shim", tmp_path / "provider_shim", ignore=shutil.ignore_patterns("__pycache__")
    )
    for path, (before, after) in OF_THE_PARTS.items():
        file = tmp_path / "provider_shim" / path
        assert file.read_text().count(before) == 1
        file.write_text(file.read_text().replace(before, after))

    sent = [{"type": "input_video", "file_id": "file-1"}]
    at = ["parts", 0]
    assert json.loads(printed(WITH_A_VIDEO, root=tmp_path)) == {
        "problems": [["messages", 0, "parts", 0, "image_url"], ["messages", 0, "parts", 0, "file_id"]],
        "told": sent,
        "read": "file-1",
        "refused": [[], [at], [at]],
        "moved": sent,
    }


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

    sent, read = json.loads(printed(WITH_A_SERVER, root=tmp_path))
    assert sent == ["first", "second"]
    assert read == ["third", "third"]


RESOURCE = {
    "contract/note.py": """
from typing import Annotated, TypedDict

from provider_shim.contract.attributes import Length, contract
from provider_shim.contract.thread import Id


class NoteConfig(TypedDict):
    thread_id: Annotated[Id, "Id of the thread."]
    text: Annotated[str, "What the note says.", Length(1, 8)]


class NoteComputed(TypedDict):
    id: Annotated[str, "Id at the API."]
    created_at: Annotated[float, "When it was made."]


NOTE = contract("openai_note", "A note on a thread.", NoteConfig, NoteComputed, identity=("thread_id", "id"))
""",
    "resources/note.py": """
from provider_shim.contract.note import NOTE
from provider_shim.resources.lifecycle import Lifecycle, absent, copied
from provider_shim.terraform.handler import resource


@resource
class NoteHandler:
    contract = NOTE

    def __init__(self, connection):
        self._connection = connection
        self._lifecycle = Lifecycle(connection, NOTE.type_name, "note")

    @property
    def _notes(self):
        from provider_shim.api.notes import Notes

        return Notes(self._connection.client)

    def plan_new(self, change):
        pass

    async def plan(self, change):
        pass

    async def create(self, work):
        planned = work.planned
        content = {name: planned[name] for name in ("thread_id", "text")}
        async with self._connection.recovery.pending(work, NOTE.type_name, content) as pending:
            made = await self._notes.create(content)
            pending.made(made["id"])
        work.state = {**planned, **made}

    async def read(self, work):
        state = work.reached
        found = await self._lifecycle.refreshed(work, lambda: self._notes.read(state["id"]), None)
        if found is not None:
            state["text"] = found.text

    async def update(self, work):
        await self._notes.write(work.reached["id"], work.planned["text"])
        work.state = copied(work.planned, work.reached, ("id", "created_at"))

    async def delete(self, work):
        await self._lifecycle.delete(work, self._notes.delete, [])

    async def import_state(self, work, identifier):
        found = self._lifecycle.to_import(await self._notes.read(identifier), "note", "notes")
        work.state = absent(NOTE) | {"id": found.id, "text": found.text}
""",
    "api/notes.py": """
from typing import NamedTuple

from provider_shim.api.client import Request, path_to
from provider_shim.api.leftovers import Leftover
from provider_shim.api.retry import Repeat


class NoteRecord(NamedTuple):
    id: str
    text: str


class Notes:
    def __init__(self, client):
        self._client = client

    async def create(self, content):
        request = Request("making the note", "POST", path_to("notes"), content, repeat=Repeat.NEVER_TWICE)
        made = await self._client.call(request)
        return {name: made[name] for name in ("id", "created_at")}

    async def read(self, identifier):
        answer = await self._client.find(Request("reading the note", "GET", path_to("notes", identifier)))
        return answer and NoteRecord(answer["id"], answer["text"])

    async def write(self, identifier, text):
        await self._client.call(Request("changing", "POST", path_to("notes", identifier), {"text": text}))

    async def delete(self, identifier):
        found = await self._client.find(Request("deleting", "DELETE", path_to("notes", identifier)))
        return found is not None


async def nothing():
    return None


def leftover(record, client, owners):
    notes = Notes(client)
    return Leftover(nothing, notes.read, notes.delete)
""",
}
"""All that a person writes of a resource: its contract, its handler and its calls."""

OF_A_RESOURCE = """
import asyncio, contextlib, io, json, os, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from provider_shim.commands.orphans import Wishes, orphans
from provider_shim.contract.note import NOTE
from provider_shim.graph.model import counted
from provider_shim.resources.handlers import member_of
from provider_shim.resources.provider import OpenaiProvider
from provider_shim.terraform import plan, tfplugin6 as pb
from provider_shim.terraform.handler import Work
from provider_shim.terraform.server import ProviderServer
from provider_shim.terraform.values import conform, encode

notes, asked = {}, []

class Server(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        identifier = self.path.partition("/notes/")[2] or f"note_{len(notes) + 1}"
        notes[identifier] = {"created_at": 1, **notes.get(identifier, {}), **body, "id": identifier}
        self.answer(notes[identifier])

    def do_GET(self):
        self.answer(notes.get(self.path.rpartition("/")[2]))

    def do_DELETE(self):
        gone = notes.pop(self.path.rpartition("/")[2])
        self.answer({"id": gone["id"], "object": "note.deleted", "deleted": True})

    def answer(self, found):
        asked.append(self.command)
        self.send_response(404 if found is None else 200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        problem = {"message": f"No note found with id '{self.path.rpartition('/')[2]}'.", "code": None}
        self.wfile.write(json.dumps(found or {"error": problem}).encode())

    def log_message(self, *args):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_address[1]}/v1"
provider = OpenaiProvider({})
told = ProviderServer(provider)
schema = told.GetProviderSchema(pb.GetProviderSchema.Request())
config = {"thread_id": "conv_1", "text": "too long a text", "id": None, "created_at": None}
request = pb.ValidateResourceConfig.Request(
    type_name="openai_note",
    config=pb.DynamicValue(msgpack=encode(NOTE.attributes, config, print)),
)
problems = [each.detail for each in told.ValidateResourceConfig(request).diagnostics]
handler = provider.resources["openai_note"]
given = {**dict.fromkeys(provider.contract.attributes), "base_url": url, "journal": os.getcwd()}
assert provider.configure(given, "1") == []

def change(state, text):
    values = conform(NOTE.attributes, {"thread_id": "conv_1", "text": text}, lambda *problem: None)
    found = plan.change(NOTE, state, values)
    assert not found.replace
    return Work(state and dict(state), asyncio.Event(), state, found.planned, found.config, {})

async def run():
    made = change(None, "first")
    await handler.create(made)
    changed = change(made.state, "second")
    await handler.update(changed)
    notes["note_1"]["text"] = "third"
    read = Work(dict(changed.state), asyncio.Event(), changed.state)
    await handler.read(read)
    imported = Work(None, asyncio.Event())
    await handler.import_state(imported, "note_1")
    left = change(None, "left")
    await handler.create(left)
    gone = Work(dict(read.state), asyncio.Event(), read.state)
    await handler.delete(gone)
    await provider.close()
    return [made.state["id"], changed.state["text"], read.state["text"], imported.state["text"], gone.state]

reached = asyncio.run(run())
listed = io.StringIO()
with contextlib.redirect_stdout(listed):
    orphans(Path.cwd(), base_url=url, wishes=Wishes())
server.shutdown()
print(json.dumps({
    "schema": [each.name for each in schema.resource_schemas["openai_note"].block.attributes],
    "problems": problems,
    "reached": reached,
    "asked": asked[:-1],
    "left": listed.getvalue().splitlines()[0].split("  ")[0],
    "looked": asked[-1],
    "member": member_of("openai_note"),
    "counted": counted(2, "openai_note"),
}))
"""

WRITTEN = """
import json
from cdktf import App, TerraformStack, Testing
from cdktf_openai_thread import Note, NoteConfig
from scripts.reference.__main__ import REFERENCE, written

stack = TerraformStack(App(), "stack")
Note(stack, "note", thread_id="conv_1", text="Hello")
print(json.dumps([json.loads(Testing.synth(stack))["resource"], written()[REFERENCE / "note.md"]]))
"""


@pytest.fixture(scope="module")
def with_a_note(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("with_a_note")
    for folder in ("provider_shim", "cdktf_openai_thread", "scripts"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path, text in RESOURCE.items():
        (root / "provider_shim" / path).write_text(text)
    return root


def test_a_resource_is_its_contract_its_handler_and_its_calls(with_a_note: Path, tmp_path: Path) -> None:
    found = json.loads(printed(OF_A_RESOURCE, root=with_a_note, folder=tmp_path))

    assert found["schema"] == ["thread_id", "text", "id", "created_at"]
    assert found["problems"] == ["text has 15 characters. Allowed: at most 8. Shorten it by 7."]
    assert found["reached"] == ["note_1", "second", "third", "third", None]
    assert found["asked"] == ["POST", "POST", "GET", "GET", "POST", "DELETE"]
    assert (found["left"], found["looked"]) == ("openai_note note_2", "GET")
    assert found["member"] == ["thread_id", "id"]
    assert found["counted"] == "2 notes"


def test_the_construct_and_the_page_of_a_resource_are_written(with_a_note: Path, tmp_path: Path) -> None:
    printed("from scripts.constructs.__main__ import main; main()", root=with_a_note, folder=tmp_path)
    resources, page = json.loads(printed(WRITTEN, root=with_a_note, folder=tmp_path))

    assert resources["openai_note"]["note"]["text"] == "Hello"
    assert "# openai_note · `Note`" in page
    assert "What the note says." in page
