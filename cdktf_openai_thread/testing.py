"""Helpers for tests of your own stacks, with pytest or without.

`assert_threads` looks at what a stack says about its threads, without Terraform::

    def test_the_onboarding_thread_greets():
        stack = Support(Testing.app(), "support")

        assert_threads(stack, {"onboarding": {"messages": [{"role": "user", "content": "Hello!"}]}})

`deployed` runs a stack with the real Terraform on the embedded API: no key, no account, no network::

    def test_the_onboarding_thread_is_there(tmp_path):
        conversations = deployed(Support(Testing.app(), "support"), tmp_path)

        assert conversations["onboarding"].messages == [("user", "Hello!")]
"""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cdktf_openai_thread.provider import OpenaiProvider
from cdktf_openai_thread.synth.framework import tf
from provider_shim.contract.thread import THREAD

_SECONDS = 600


class Conversation(NamedTuple):
    """A thread as the API has it."""

    id: str
    metadata: Mapping[str, str]
    messages: list[tuple[str, str]]
    """Role and text of each, oldest first."""


def threads_of(stack: "tf.TerraformStack") -> dict[str, dict[str, Any]]:
    """Return the attributes of each thread as Terraform is told them, by its path in the stack.

    Aspects have run. A reference reads as in Terraform: ``${openai_thread.first.id}``.
    """
    resources = json.loads(tf.Testing.synth(stack)).get("resource", {}).get(THREAD.type_name, {})
    paths = _paths(stack)
    return {paths[name]: attributes for name, attributes in resources.items()}


def assert_threads(stack: "tf.TerraformStack", expected: Mapping[str, Mapping[str, Any]]) -> None:
    """Assert that a stack has these threads and no others, with these attributes.

    Args:
        stack: Any stack.
        expected: For each thread, by its path in the stack, the attributes to compare; others are
            not looked at. None: the attribute is absent.

    Raises:
        AssertionError: Each difference on a line of its own, with its path.
    """
    actual = threads_of(stack)
    lines = [f"{path}: expected a thread, the stack has none" for path in expected if path not in actual]
    lines += [f"{path}: expected no thread, the stack has one" for path in actual if path not in expected]
    for path, attributes in expected.items():
        for name, value in attributes.items() if path in actual else ():
            lines += _differences(f"{path}.{name}", value, actual[path].get(name))
    if lines:
        raise AssertionError("\n".join(["threads differ", *(f"  {line}" for line in lines)]))


def _differences(path: str, expected: Any, actual: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key in dict.fromkeys([*expected, *actual]):
            yield from _differences(f"{path}.{key}", expected.get(key), actual.get(key))
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from _differences(f"{path}[{index}]", one, other)
    elif expected != actual:
        yield f"{path}: expected {_shown(expected)}, got {_shown(actual)}"


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)


def deployed(
    stack: "tf.TerraformStack", folder: Path, *, variables: Mapping[str, Any] | None = None
) -> dict[str, Conversation]:
    """Deploy a stack on the embedded API and return the conversations that are there then.

    Every `OpenaiProvider` of the stack is put on a database file in `folder`, named after it, and the
    state is kept there, whatever backend the stack has. Terraform has to be on PATH, or named by
    ``TERRAFORM_BINARY_NAME``. A second call with the same folder goes on from the first.

    Args:
        stack: A stack of ``Testing.app()``. Resources of other providers are deployed as they are.
        folder: An empty one, such as pytest's ``tmp_path``.
        variables: Values of the stack's Terraform variables.

    Returns:
        The threads by path in the stack; one of a set as ``tenants["acme"]``.

    Raises:
        AssertionError: Terraform failed, with what it said; or there is no Terraform.
    """
    for node in stack.node.find_all():
        if isinstance(node, OpenaiProvider):
            node.reset_api_key()
            node.base_url = f"sqlite:{folder.absolute() / node.node.id}.db"
    name, paths = stack.node.id, _paths(stack)
    synthesized = Path(tf.Testing.full_synth(stack)) / "stacks" / name
    work = folder / "terraform"
    shutil.copytree(synthesized, work, dirs_exist_ok=True)
    local = {"terraform": {"backend": {"local": {"path": "terraform.tfstate"}}}}
    (work / "testing_override.tf.json").write_text(json.dumps(local))
    (work / "testing.auto.tfvars.json").write_text(json.dumps(dict(variables or {})))
    _terraform(work, "init", "-input=false", "-no-color")
    _terraform(work, "apply", "-auto-approve", "-input=false", "-no-color")
    shown = json.loads(_terraform(work, "show", "-json"))
    resources = shown.get("values", {}).get("root_module", {}).get("resources", [])
    ids = {
        paths[each["name"]] + each["address"].partition(each["name"])[2]: each["values"]["id"]
        for each in resources
        if each["mode"] == "managed" and each["type"] == THREAD.type_name
    }
    return asyncio.run(_conversations(ids, sorted(folder.glob("*.db"))))


def _paths(stack: "tf.TerraformStack") -> dict[str, str]:
    """Return each resource's path in the stack by its name in Terraform."""
    start = f"{stack.node.path}/"
    return {
        node.friendly_unique_id: node.node.path.removeprefix(start)
        for node in stack.node.find_all()
        if isinstance(node, tf.TerraformResource)
    }


def _terraform(folder: Path, *arguments: str) -> str:
    command = os.environ.get("TERRAFORM_BINARY_NAME", "terraform")
    if shutil.which(command) is None:
        raise AssertionError(
            f"{command} is not on PATH. Allowed: Terraform 1.8 or newer, or OpenTofu. Install it, or name it "
            "with TERRAFORM_BINARY_NAME."
        )
    done = subprocess.run(  # noqa: PLW1510 - the text is worth more than the exception
        [command, *arguments], cwd=folder, capture_output=True, text=True, timeout=_SECONDS
    )
    if done.returncode:
        raise AssertionError(f"terraform {arguments[0]} failed\n{done.stdout}{done.stderr}")
    return done.stdout


async def _conversations(ids: Mapping[str, str], databases: list[Path]) -> dict[str, Conversation]:
    # Only a test that deploys needs these.
    import httpx2  # noqa: PLC0415

    from provider_shim.local.app import create_app  # noqa: PLC0415

    found: dict[str, Conversation] = {}
    for database in databases:
        app = create_app(database)
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://embedded/v1") as api:
            for path, id_ in ids.items():
                answer = await api.get(f"/conversations/{id_}")
                if answer.is_success:
                    messages = [each async for each in _messages(api, id_)]
                    found[path] = Conversation(id_, answer.json()["metadata"] or {}, messages)
        app.state.store.close()
    return {path: found[path] for path in ids if path in found}


async def _messages(api: Any, id_: str) -> Any:  # noqa: ANN401 - httpx2 is not imported yet
    after: dict[str, str] = {}
    while True:
        answer = await api.get(f"/conversations/{id_}/items", params={"order": "asc", "limit": 100, **after})
        page = answer.json()
        for item in page["data"]:
            if item["type"] == "message":
                yield item["role"], "".join(part.get("text", "") for part in item["content"])
        if not page["has_more"]:
            return
        after = {"after": page["last_id"]}
