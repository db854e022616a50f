"""``response_tools``: what a thread's tools and tool_resources mean to the Responses API."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from provider_shim.terraform.values import UNKNOWN, unknown_paths


def response_tools(tools: Sequence[str] | None, resources: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - JSON or UNKNOWN
    """Return the ``tools`` argument of ``responses.create`` as JSON, ``[]`` where there is none.

    A tool is there when ``tools`` names it or, without ``tools``, when it has resources.
    File search without a vector store is left out: the Responses API refuses it.
    """
    if unknown_paths([tools, resources]):
        return UNKNOWN
    resources = resources or {}
    names = (
        tools
        if tools is not None
        else [name for name in ("code_interpreter", "file_search") if resources.get(name)]
    )
    made: list[dict[str, Any]] = []
    for name in dict.fromkeys(names):
        given = resources.get(name) or {}
        if name == "code_interpreter":
            container: dict[str, Any] = {"type": "auto"}
            if given.get("file_ids"):
                container["file_ids"] = list(given["file_ids"])
            made.append({"type": "code_interpreter", "container": container})
        elif given.get("vector_store_ids"):
            made.append({"type": "file_search", "vector_store_ids": list(given["vector_store_ids"])})
    return json.dumps(made, separators=(",", ":"))
