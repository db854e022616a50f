"""OpenAI's document as the embedded API serves it.

What it leaves out is filled in: that refusals have the shape of ``ErrorResponse``, that a file may have the
purpose ``evals`` that it may be uploaded with, that an image's ``detail`` has a default, and that content is
bytes. Taken out is what the embedded API says it does not serve: responses, and the items that only a
model's run makes.
"""

import copy
from typing import Any

from tests.support.openapi import METHODS, document

SERVED_ITEMS = {
    "CustomToolCall",
    "CustomToolCallOutput",
    "EasyInputMessage",
    "FunctionCallOutputItemParam",
    "FunctionToolCall",
    "InputMessage",
    "Item",
    "ItemReferenceParam",
    "OutputMessage",
    "ReasoningItem",
}


def served_document() -> dict[str, Any]:
    served = copy.deepcopy(document())
    del served["paths"]["/responses"]
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
    for name in ("InputItem", "Item"):
        for word in ("anyOf", "oneOf"):
            if word in schemas[name]:
                schemas[name][word] = [one for one in schemas[name][word] if _name(one) in SERVED_ITEMS]
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
