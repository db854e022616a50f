"""States as the retired providers wrote them: every resource, blocks absent and present."""

import json
import shutil
from pathlib import Path
from typing import Any

from provider_shim.launcher.mirror import PLUGINS, SOURCE, write_mirror
from tests.support.environment import registry
from tests.support.served import ServedApi
from tests.support.terraform import Said, TerraformProject

RETIRED = f"{registry()}/mkdev-me/openai"
WAYS = ("replace-provider", "moved", "another source")
"""The last one: the configuration names our provider, and nothing says more."""
TEXT = "The answer is 42."
STATIC = {"max_chunk_size_tokens": 400, "chunk_overlap_tokens": 100}
Json = dict[str, Any]


def at_the_api(api: ServedApi) -> Json:
    """Make what the states tell of."""

    async def made(client: Any) -> Json:
        upload = {"file": ("handbook.md", TEXT.encode()), "purpose": "assistants"}
        file = await client.files.create(**upload)
        expiring = await client.files.create(
            **upload, expires_after={"anchor": "created_at", "seconds": 3_600}
        )
        plain = await client.vector_stores.create(name="plain")
        full = await client.vector_stores.create(
            name="full",
            file_ids=[file.id],
            metadata={"team": "support"},
            expires_after={"anchor": "last_active_at", "days": 7},
            chunking_strategy={"type": "static", "static": STATIC},
        )
        for file_id, more in ((file.id, {}), (expiring.id, {"attributes": {"lang": "en", "year": 2025}})):
            await client.vector_stores.files.create_and_poll(file_id, vector_store_id=plain.id, **more)
        thread = await client.conversations.create()
        talk = await client.conversations.create(metadata={"user": "u1"})
        said = [
            await client.conversations.items.create(
                each.id, items=[{"type": "message", "role": "user", "content": text}]
            )
            for each, text in ((talk, "Hello"), (talk, "Later"), (talk, "In parts"))
        ]
        ids = {"file": file.id, "expiring": expiring.id, "plain": plain.id, "full": full.id}
        return ids | {
            "thread": thread.id,
            "talk": talk.id,
            "later": said[1].data[0].id,
            "parts": said[2].data[0].id,
            "created": file.created_at,
        }

    return api.database.ask(made)


def table(ids: Json) -> dict[str, tuple[Json, Json]]:
    """Return, by address, what a retired provider has in the state and what is configured."""
    static = {"type": "static", "static": STATIC}
    block = [{"type": "static", "static": [STATIC]}]
    file = {"file": "handbook.md", "purpose": "assistants"}
    known = {**file, "bytes": len(TEXT), "created_at": ids["created"], "filename": "handbook.md"}
    return {
        "openai_thread.absent": (
            {"id": ids["thread"], "metadata": {}, "messages": [], "tools": [], "tool_resources": []},
            {},
        ),
        "openai_thread.present": (
            {
                "id": ids["talk"],
                "object": "thread",
                "created_at": ids["created"],
                "metadata": {"user": "u1"},
                "tools": [{"type": "file_search", "function": []}, {"type": "code_interpreter"}],
                "tool_resources": [
                    {
                        "file_search": [{"vector_store_ids": [ids["full"]], "vector_stores": []}],
                        "code_interpreter": [{"file_ids": [ids["file"]]}],
                    }
                ],
                "messages": [
                    {"role": "user", "content": "Hello", "file_ids": [], "metadata": {}, "attachments": []}
                ],
                "assistant_id": "asst_1",
            },
            {
                "metadata": {"user": "u1"},
                "tools": ["file_search", "code_interpreter"],
                "tool_resources": {
                    "file_search": {"vector_store_ids": [ids["full"]]},
                    "code_interpreter": {"file_ids": [ids["file"]]},
                },
                "messages": [{"role": "user", "content": "Hello"}],
            },
        ),
        "openai_message.absent": (
            {
                "id": ids["later"],
                "thread_id": ids["talk"],
                "role": "user",
                "content": "Later",
                "attachments": [],
                "metadata": {},
                "run_id": "",
                "assistant_id": "",
            },
            {"thread_id": ids["talk"], "role": "user", "content": "Later"},
        ),
        "openai_message.present": (
            {
                "id": ids["parts"],
                "thread_id": ids["talk"],
                "role": "user",
                "content": [{"type": "text", "text": [{"value": "In parts", "annotations": []}]}],
                "attachments": [{"file_id": ids["file"], "tools": [{"type": "file_search"}]}],
                "metadata": {"a": "1"},
            },
            {
                "thread_id": ids["talk"],
                "role": "user",
                "content": "In parts",
                "attachments": [{"file_id": ids["file"], "tools": ["file_search"]}],
                "metadata": {"a": "1"},
            },
        ),
        "openai_file.absent": ({**known, "id": ids["file"], "expires_after": []}, file),
        "openai_file.present": (
            {
                **{name: each for name, each in known.items() if name != "file"},
                "file_path": "handbook.md",
                "id": ids["expiring"],
                "expires_after": [{"anchor": "created_at", "seconds": 3_600}],
                "status_details": None,
            },
            {**file, "expires_after": {"seconds": 3_600}},
        ),
        "openai_vector_store.absent": (
            {
                "id": ids["plain"],
                "name": "plain",
                "file_ids": None,
                "metadata": None,
                "file_count": 0,
                "expires_after": [],
                "chunking_strategy": [],
            },
            {"name": "plain"},
        ),
        "openai_vector_store.present": (
            {
                "id": ids["full"],
                "name": "full",
                "file_ids": [ids["file"]],
                "metadata": {"team": "support"},
                "expires_after": [{"anchor": "last_active_at", "days": 7}],
                "chunking_strategy": block,
                "file_counts": [{"completed": "1", "total": "1"}],
                "status": "completed",
            },
            {
                "name": "full",
                "file_ids": [ids["file"]],
                "metadata": {"team": "support"},
                "expires_after": {"days": 7},
                "chunking_strategy": static,
            },
        ),
        "openai_vector_store_file.absent": (
            {
                "id": ids["file"],
                "vector_store_id": ids["plain"],
                "file_id": ids["file"],
                "attributes": {},
                "chunking_strategy": [],
                "last_error": [],
            },
            {"vector_store_id": ids["plain"], "file_id": ids["file"]},
        ),
        "openai_vector_store_file.present": (
            {
                "id": f"{ids['plain']}:{ids['expiring']}",
                "vector_store_id": ids["plain"],
                "file_id": ids["expiring"],
                "attributes": {"lang": "en", "year": "2025"},
                "chunking_strategy": block,
                "last_error": [{"code": "server_error", "message": "once"}],
            },
            {
                "vector_store_id": ids["plain"],
                "file_id": ids["expiring"],
                "attributes": '{"lang": "en", "year": 2025}',
                "chunking_strategy": static,
            },
        ),
    }


def write(
    terraform: TerraformProject, rows: dict[str, tuple[Json, Json]], api: ServedApi, *, moves: bool
) -> None:
    """Write a state of the retired provider, and the configuration of ours."""
    resources: list[Json] = []
    configured: dict[str, Json] = {}
    for address, (attributes, config) in rows.items():
        kind, _, name = address.partition(".")
        configured.setdefault(kind, {})[name] = config
        resources.append(
            {
                "mode": "managed",
                "type": kind,
                "name": f"old_{name}" if moves else name,
                "provider": f'provider["{RETIRED}"]',
                "instances": [{"schema_version": 0, "attributes": attributes, "private": "bm8gSlNPTg=="}],
            }
        )
    state = {"version": 4, "terraform_version": "1.8.4", "serial": 1, "lineage": "x", "resources": resources}
    (terraform.folder / "terraform.tfstate").write_text(json.dumps(state))
    (terraform.folder / "handbook.md").write_text(TEXT)
    moved = [{"from": address.replace(".", ".old_"), "to": address} for address in rows]
    terraform.write(
        {
            "provider": {"openai": {"base_url": api.base_url}},
            "resource": configured,
            **({"moved": moved} if moves else {}),
        }
    )


def stand_in(folder: Path) -> None:
    """Have the engine find a provider under the retired one's address: it wants each that is in a state."""
    plugins = folder / PLUGINS
    write_mirror(plugins)
    (plugins / RETIRED).mkdir(parents=True)
    for packed in (plugins / SOURCE).glob("*.zip"):
        shutil.copy(packed, plugins / RETIRED / packed.name)


def taken_over(
    terraform: TerraformProject, rows: dict[str, tuple[Json, Json]], api: ServedApi, way: str
) -> Said:
    """Write a state of the retired provider and plan the takeover on one of the ways."""
    write(terraform, rows, api, moves=way == "moved")
    stand_in(terraform.folder)
    if way == "replace-provider":
        terraform.run("state", "replace-provider", "-auto-approve", RETIRED, SOURCE)
    terraform.run("init", "-input=false")
    return terraform.plan()
