"""A stack, deployed for a test: the real Terraform, the embedded API."""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cdktf_openai_thread.provider import OpenaiProvider
from cdktf_openai_thread.synth.framework import tf
from cdktf_openai_thread.testing.threads import in_set, paths
from provider_shim.contract.provider import ENVIRONMENT
from provider_shim.contract.thread import THREAD
from provider_shim.contract.thread_set import THREAD_SET
from provider_shim.system.engine import VARIABLE, chosen, document, word

_SECONDS = 600


class Conversation(NamedTuple):
    """A thread as the API has it."""

    id: str
    metadata: Mapping[str, str]
    messages: list[tuple[str, str]]
    """Role and text of each, oldest first."""


def deployed(
    stack: "tf.TerraformStack",
    folder: Path,
    *,
    variables: Mapping[str, object] | None = None,
    base_url: str | None = None,
) -> dict[str, Conversation]:
    """Deploy a stack on the embedded API and return the conversations that are there then.

    Every `OpenaiProvider` of the stack is put on a database file in `folder`, named after it, or on the
    server at `base_url`. The state is kept in `folder`, whatever backend the stack has. Terraform has to be
    on PATH, or named by ``TERRAFORM_BINARY_NAME``. A second call with the same folder goes on from
    the first; it may replace threads that the application has written to (``OPENAI_THREAD_FORCE_DESTROY``
    is set).

    Args:
        stack: A stack of ``Testing.app()``. Resources of other providers are deployed as they are.
        folder: An empty one, such as pytest's ``tmp_path``.
        variables: Values of the stack's Terraform variables.
        base_url: Where the API is, such as a `Server`'s. Default: a database file in `folder`.

    Returns:
        The threads by path in the stack; one of a set as ``tenants["acme"]``.

    Raises:
        AssertionError: Terraform failed, with what it said; or there is no Terraform.
    """
    for node in stack.node.find_all():
        if isinstance(node, OpenaiProvider):
            node.reset_api_key()
            node.base_url = base_url or f"sqlite:{folder.absolute() / node.node.id}.db"
    name, by_name = stack.node.id, paths(stack)
    synthesized = Path(tf.Testing.full_synth(stack)) / "stacks" / name
    work = folder / "terraform"
    shutil.copytree(synthesized, work, dirs_exist_ok=True)
    local = {"terraform": {"backend": {"local": {"path": "terraform.tfstate"}}}}
    (work / "testing_override.tf.json").write_text(json.dumps(local))
    (work / "testing.auto.tfvars.json").write_text(json.dumps(dict(variables or {})))
    _terraform(work, "init", "-input=false", "-no-color")
    _terraform(work, "apply", "-auto-approve", "-input=false", "-no-color")
    shown = json.loads(document(_terraform(work, "show", "-json")))
    resources = shown.get("values", {}).get("root_module", {}).get("resources", [])
    ids = {
        by_name[each["name"]] + each["address"].partition(each["name"])[2]: each["values"]["id"]
        for each in resources
        if each["mode"] == "managed" and each["type"] == THREAD.type_name
    }
    for each in resources:
        if each["mode"] == "managed" and each["type"] == THREAD_SET.type_name:
            path = by_name[each["name"]] + each["address"].partition(each["name"])[2]
            ids |= {in_set(path, key): id_ for key, id_ in each["values"]["ids"].items()}
    if base_url is not None:
        return asyncio.run(_served(ids, base_url))
    return asyncio.run(_kept(ids, sorted(folder.glob("*.db"))))


def _terraform(folder: Path, *arguments: str) -> str:
    command = chosen(os.environ)
    if command is None:
        named = os.environ.get(VARIABLE)
        absent = f"{named} is not" if named else "Neither terraform nor tofu is"
        raise AssertionError(
            f"{absent} on PATH. Allowed: Terraform 1.8 or newer, or OpenTofu. Install it, or name it with "
            f"{VARIABLE}."
        )
    # What the application under test has written must not keep a second deploy from replacing a thread.
    environment = {ENVIRONMENT["force_destroy"]: "true", **os.environ}
    done = subprocess.run(  # noqa: PLW1510 - the text is worth more than the exception
        [command, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=_SECONDS
    )
    if done.returncode:
        raise AssertionError(f"{word(command)} {arguments[0]} failed\n{done.stdout}{done.stderr}")
    return done.stdout


async def _served(ids: Mapping[str, str], base_url: str) -> dict[str, Conversation]:
    import httpx2  # noqa: PLC0415 - only a test that deploys needs it

    async with httpx2.AsyncClient(base_url=base_url, trust_env=False) as api:
        return {path: found async for path, found in _read(api, ids)}


async def _kept(ids: Mapping[str, str], databases: list[Path]) -> dict[str, Conversation]:
    # Only a test that deploys needs these.
    import httpx2  # noqa: PLC0415 - only who deploys needs it

    from provider_shim.local.app import create_app  # noqa: PLC0415 - as above

    found: dict[str, Conversation] = {}
    for database in databases:
        app = create_app(database)
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://embedded/v1") as api:
            found |= {path: each async for path, each in _read(api, ids)}
        app.state.store.close()
    return {path: found[path] for path in ids if path in found}


async def _read(api: Any, ids: Mapping[str, str]) -> AsyncIterator[tuple[str, Conversation]]:  # noqa: ANN401 - httpx2 is not imported yet
    for path, id_ in ids.items():
        answer = await api.get(f"{_kind(id_)}/{id_}")
        if answer.is_success:
            messages = [each async for each in _messages(api, id_)]
            yield path, Conversation(id_, answer.json()["metadata"] or {}, messages)


async def _messages(api: Any, id_: str) -> AsyncIterator[tuple[str, str]]:  # noqa: ANN401 - as above
    after: dict[str, str] = {}
    items = "items" if _kind(id_) == "/conversations" else "messages"
    while True:
        answer = await api.get(f"{_kind(id_)}/{id_}/{items}", params={"order": "asc", "limit": 100, **after})
        page = answer.json()
        for item in page["data"]:
            if item.get("type", "message") == "message":
                yield item["role"], "".join(_text(part) for part in item["content"])
        if not page["has_more"]:
            return
        after = {"after": page["last_id"]}


def _kind(id_: str) -> str:
    return "/threads" if id_.startswith("thread_") else "/conversations"


def _text(part: Mapping[str, object]) -> str:
    text = part.get("text", "")
    return str(text["value"] if isinstance(text, Mapping) else text)
