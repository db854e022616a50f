"""Configurations of a thread, for tests with the real Terraform."""

from typing import Any

from tests.support.served import ServedApi
from tests.support.terraform import TerraformProject

ADDRESS = "openai_thread.it"
MESSAGE = "openai_message.it"
KINDS = ["conversations", "threads"]


def message(content: str, role: str = "user", **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


def thread(api: ServedApi, kind: str = "conversations", **config: Any) -> dict[str, Any]:
    return {
        "provider": {"openai": {"base_url": api.base_url, "api": kind}},
        "resource": {"openai_thread": {"it": config}},
    }


def created(api: ServedApi) -> int:
    """Count the conversations that were asked for."""
    return sum(each.method == "POST" and each.path == "/v1/conversations" for each in api.seen)


ONE, TWO, THREE = message("one"), message("two", "assistant"), message("three")


def path_of(terraform: TerraformProject, kind: str) -> str:
    return f"/{kind}/{terraform.state()[ADDRESS]['id']}"
