"""OpenAI's document as the embedded API serves it.

What it leaves out is filled in: that refusals have the shape of ``ErrorResponse``, that a file may have the
purpose ``evals`` that it may be uploaded with, that an image's ``detail`` has a default, and that content is
bytes. Taken out is what the embedded API says it does not serve: an item that asks for a compaction, stored
prompts, tools that only OpenAI has.
"""

import copy
from typing import Any

from tests.support.openapi import METHODS, document

NOT_KEPT = {"CompactionTriggerItemParam"}
TOOLS = {"FunctionTool", "FileSearchTool", "CustomToolParam", "NamespaceToolParam"}


def served_document() -> dict[str, Any]:
    served = copy.deepcopy(document())
    schemas = served["components"]["schemas"]
    refusal = {
        "description": "Refused",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}},
    }
    for path in served["paths"].values():
        for operation in (path[method] for method in METHODS if method in path):
            success = operation["responses"]["200"]
            operation["responses"] = {"200": {"description": "Done", **success}, "4XX": refusal}
    content = served["paths"]["/files/{file_id}/content"]["get"]["responses"]["200"]
    content["content"] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    schemas["InputImageContent"]["required"].remove("detail")
    schemas["OpenAIFile"]["properties"]["purpose"]["enum"].append("evals")
    schemas["InputItem"]["anyOf"] = [
        one for one in schemas["InputItem"]["anyOf"] if _name(one) not in NOT_KEPT
    ]
    schemas["Tool"]["oneOf"] = [one for one in schemas["Tool"]["oneOf"] if _name(one) in TOOLS]
    del schemas["ResponseProperties"]["properties"]["prompt"]
    _drop_discriminators(served)
    return served


def _name(reference: dict[str, str]) -> str:
    return reference["$ref"].rpartition("/")[2]


def _drop_discriminators(node: object) -> None:
    """The document's lack the mapping from values to schemas, which have other names."""
    if isinstance(node, dict):
        node.pop("discriminator", None)
        node = list(node.values())
    for each in node if isinstance(node, list) else ():
        _drop_discriminators(each)
