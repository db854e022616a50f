"""Write what a version leaves behind: state, private data, the embedded API's database, and traces of use.

    python -m tests.support.states.make NAME [SOURCE]

NAME is the folder below this one. SOURCE is a working copy of the version, by default this one. Each released
version adds one, and test_upgrade.py applies them all with today's.
"""

import json
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.support.database import Database
from tests.support.terraform import TerraformProject

HERE = Path(__file__).parent
CONFIGURATION: dict[str, Any] = {
    "provider": {
        "openai": [
            {"base_url": "sqlite:threads.db"},
            {"alias": "threads", "base_url": "sqlite:threads.db", "api": "threads"},
        ]
    },
    "resource": {
        "openai_file": {"handbook": {"filename": "handbook.txt", "content": "Open from nine to five."}},
        "openai_vector_store": {
            "handbook": {
                "name": "handbook",
                "file_ids": ["${openai_file.handbook.id}"],
                "metadata": {"team": "support"},
                "expires_after": {"anchor": "last_active_at", "days": 30},
            },
            "bare": {},
        },
        "openai_thread": {
            "talk": {
                "metadata": {"team": "support"},
                "tools": ["file_search"],
                "tool_resources": {
                    "file_search": {"vector_store_ids": ["${openai_vector_store.handbook.id}"]}
                },
                "messages": [
                    {"role": "user", "content": "When are you open?", "metadata": {"topic": "hours"}},
                    {"role": "assistant", "content": "From nine to five."},
                ],
            },
            "bare": {},
            "imported": {"metadata": {"made": "elsewhere"}},
            "old_talk": {
                "provider": "openai.threads",
                "metadata": {"team": "support"},
                "tool_resources": {"code_interpreter": {"file_ids": ["${openai_file.handbook.id}"]}},
                "messages": [
                    {"role": "user", "content": "When are you open?", "metadata": {"topic": "hours"}},
                    {"role": "assistant", "content": "From nine to five."},
                ],
            },
            "old_bare": {"provider": "openai.threads"},
        },
        "openai_message": {
            "talk": {"thread_id": "${openai_thread.talk.id}", "role": "user", "content": "And on Sunday?"},
            "old_talk": {
                "provider": "openai.threads",
                "thread_id": "${openai_thread.old_talk.id}",
                "role": "user",
                "content": "And on Sunday?",
                "metadata": {"topic": "hours"},
            },
        },
    },
}
TRACES = {"customer": "4711"}
"""What an application adds to the metadata of everything."""


def with_metadata(attributes: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the paths at the API of all that has metadata there, with the objects in the state."""
    parts = {"openai_thread": "{api}/{id}", "openai_vector_store": "vector_stores/{id}"}
    paths = {
        parts[address.partition(".")[0]].format(**values): values
        for address, values in attributes.items()
        if address.partition(".")[0] in parts
    }
    message = attributes["openai_message.old_talk"]
    paths["threads/{thread_id}/messages/{id}".format(**message)] = message
    thread = attributes["openai_thread.old_talk"]
    paths[f"threads/{thread['id']}/messages/{thread['message_ids'][0]}"] = thread["messages"][0]
    return {f"/{path}": values for path, values in paths.items()}


def make(folder: Path, source: Path | None) -> None:
    """Deploy, let an application write, refresh, and keep what is left."""
    with tempfile.TemporaryDirectory() as work:
        terraform = TerraformProject(Path(work)).write(CONFIGURATION).init()
        if source is not None:
            terraform.environment["PYTHONPATH"] = str(source)
        database = Database(terraform.folder / "threads.db")

        async def elsewhere(client: Any) -> str:
            made = await client.conversations.create(
                metadata={"made": "elsewhere"},
                items=[{"type": "message", "role": "user", "content": "Hello"}],
            )
            return str(made.id)

        imported = database.ask(elsewhere)
        terraform.run("import", "-input=false", "openai_thread.imported", imported)
        terraform.apply()

        async def writing(client: Any) -> None:
            for path, values in with_metadata(terraform.state()).items():
                pairs = {**(values["metadata"] or {}), **TRACES}
                await client.post(path, body={"metadata": pairs}, cast_to=object)

        database.ask(writing)
        database.say(terraform.state()["openai_thread.talk"]["id"], "user", "What a customer wrote")
        terraform.refresh()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        state = json.loads((terraform.folder / "terraform.tfstate").read_text())
        (folder / "terraform.tfstate").write_text(json.dumps(state, indent=1) + "\n")
        (folder / "main.tf.json").write_text((terraform.folder / "main.tf.json").read_text() + "\n")
        with sqlite3.connect(database.path) as connection:
            connection.execute("PRAGMA page_size = 512")
            connection.execute("VACUUM INTO ?", (str(folder / "threads.db"),))
        connection.close()
        shutil.copytree(terraform.folder / "threads.db.files", folder / "threads.db.files")


if __name__ == "__main__":
    make(HERE / sys.argv[1], Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None)
