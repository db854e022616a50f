"""Parts of messages and write-only texts with the real Terraform."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.faulty import Fault
from tests.support.served import ServedApi
from tests.support.terraform import TerraformError, TerraformProject

SECRET = "the quick brown fox jumps over nobody"
IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "detail": "low"}
PARTS = [
    {"type": "text", "text": "Look"},
    IMAGE,
    {"type": "file", "file_id": "file-1"},
    {"type": "file", "file_data": "data:text/plain;base64,SGk=", "filename": "a.txt"},
    {"type": "image", "file_id": "file-2"},
]
THREAD, PARTS_ALONE, UPLOADED = "openai_thread.it", "openai_message.parts", "openai_file.it"
THREADS = "openai_thread_set.it"
WITH_OUTPUT = {"output": {"parts": {"value": "${data.openai_thread_messages.it.messages[0].parts}"}}}


def configuration(api: ServedApi, *, version: int = 1, **thread: Any) -> dict[str, Any]:
    unseen = {"content_wo": "${var.text}", "content_wo_version": version}
    return {
        "variable": {"text": {"type": "string", "ephemeral": True}},
        "provider": {"openai": {"base_url": api.base_url, "journal": "."}},
        "resource": {
            "openai_thread": {
                "it": {
                    "messages": [
                        {"role": "user", "parts": PARTS},
                        {"role": "assistant", "content": "I see", "phase": "final_answer"},
                        {"role": "system", **unseen},
                    ],
                    "purge_on_destroy": True,
                    **thread,
                }
            },
            "openai_thread_set": {
                "it": {
                    "threads": {
                        "a": {"messages": [{"role": "user", **unseen}, {"role": "user", "parts": PARTS}]}
                    }
                }
            },
            "openai_message": {
                "it": {"thread_id": "${openai_thread.it.id}", "role": "user", **unseen},
                "parts": {"thread_id": "${openai_thread.it.id}", "role": "user", "parts": PARTS[:2]},
            },
            "openai_file": {"it": {"filename": "a.md", **unseen}},
        },
    }


def everything_in(folder: Path) -> bytes:
    """Return all that lies in a folder, and what is in plan files."""
    found = b""
    for each in folder.rglob("*"):
        if not each.is_file() or each.is_symlink() or ".terraform" in each.parts:
            continue
        found += each.read_bytes()
        if zipfile.is_zipfile(each):
            with zipfile.ZipFile(each) as packed:
                found += b"".join(packed.read(name) for name in packed.namelist())
    return found


def test_parts_come_back_and_a_write_only_text_is_nowhere(
    terraform: TerraformProject, api: ServedApi
) -> None:
    log = terraform.folder.parent / "trace.log"
    terraform.environment |= {"TF_VAR_text": SECRET, "TF_LOG": "trace", "TF_LOG_PATH": str(log)}

    terraform.write(configuration(api))
    said = terraform.plan().output
    said += terraform.apply_plan().output
    state = terraform.state()
    identifier = state[THREAD]["id"]
    again = terraform.plan()
    sent = b"".join(each.body for each in api.seen)
    terraform.environment["TF_LOG"] = "off"
    terraform.write(configuration(api, version=2))
    newer = terraform.plan()

    texts = [text for _, text in api.database.messages(identifier)]
    assert texts[:3] == ["Look", "I see", SECRET]
    assert sorted(texts[3:]) == ["Look", SECRET]  # two resources, in any order
    assert sent.count(SECRET.encode()) == 4
    assert (again.actions, again.warnings) == ({}, [])
    # Within a set a thread is made anew for itself.
    assert newer.actions.pop(THREADS) == "update"
    assert set(newer.actions.values()) == {"replace"}
    assert SECRET.encode() not in everything_in(terraform.folder)
    assert SECRET not in said + again.output + log.read_text()
    assert (state[UPLOADED]["sha256"], state[UPLOADED]["bytes"]) == (None, None)

    # A refusal by the API repeats what it was sent.
    refusal = Fault(status=400, body=json.dumps({"error": {"message": f"no: {SECRET}"}}))
    api.fail("POST", "/files", refusal)
    with pytest.raises(TerraformError) as refused:
        terraform.apply("-target", UPLOADED)
    api.heal()
    assert SECRET not in f"{refused.value}{refused.value.output}"

    # Messages of parts come into a state as they were, and are read by the data source.
    terraform.write(configuration(api))
    message = f"{identifier}/{state[PARTS_ALONE]['id']}"
    terraform.run("state", "rm", PARTS_ALONE)
    terraform.run("import", PARTS_ALONE, message)
    read = {"thread_id": identifier}
    terraform.write({**configuration(api), "data": {"openai_thread_messages": {"it": read}}} | WITH_OUTPUT)
    after = terraform.plan()
    assert terraform.state()[PARTS_ALONE] == state[PARTS_ALONE]
    assert UPLOADED in after.actions
    assert PARTS_ALONE not in after.actions
    [shown] = list(terraform.planned()["output_changes"].values())
    assert [each["type"] for each in shown["after"]] == ["text", "image", "file", "file", "image"]

    api.seen.clear()
    terraform.destroy("-target", THREAD)
    deleted = [each.path.partition("?")[0] for each in api.seen if each.method == "DELETE"]
    assert deleted[-1].endswith(f"/conversations/{identifier}")
    assert sum("/items/" in each for each in deleted) >= 5


def test_a_write_only_text_needs_an_engine_that_keeps_it_out_of_the_state(
    terraform: TerraformProject, api: ServedApi
) -> None:
    given = configuration(api)
    given["variable"]["text"].pop("ephemeral")
    knows = terraform.version() >= (1, 11)
    terraform.environment["TF_VAR_text"] = SECRET

    found = terraform.write(given).validate()

    # Of the message nothing is said: it needs the thread.
    new = "Write-only attributes need Terraform 1.11"
    expected = {} if knows else dict.fromkeys([THREAD, THREADS, UPLOADED], new)
    assert {each.address: each.summary for each in found} == expected
    assert SECRET not in "".join(map(str, found))
