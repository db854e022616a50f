"""Configurations of a set of threads, for tests with the real Terraform."""

from collections.abc import Mapping
from typing import Any

from tests.support.served import ServedApi
from tests.support.terraform import Diagnostic, Said

ADDRESS = "openai_thread_set.it"


def thread_set(api: ServedApi, threads: object, kind: str = "conversations", **config: Any) -> dict[str, Any]:
    return {
        "provider": {"openai": {"base_url": api.base_url, "api": kind}},
        "resource": {"openai_thread_set": {"it": {"threads": threads, **config}}},
    }


def deleted(api: ServedApi) -> int:
    """Count the conversations whose deletion was asked for."""
    return sum(each.method == "DELETE" and "/items" not in each.path for each in api.seen)


def ids(state: Mapping[str, Any]) -> dict[str, str]:
    """Return the ids that a set holds."""
    return {key: each["id"] for key, each in state[ADDRESS]["threads"].items()}


def warned(said: Said, summary: str) -> Diagnostic:
    """Return the last warning with this summary: of an apply the one that is not its plan's."""
    return [each for each in said.warnings if each.summary == summary][-1]
