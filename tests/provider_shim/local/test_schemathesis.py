"""Schemathesis against the served application: requests, valid and not, that its document suggests.

The document is OpenAI's, with what it leaves out filled in: that refusals have the shape of
``ErrorResponse``, that a file may have the purpose ``evals`` that it may be uploaded with, that an
image's ``detail`` has a default, and that content is bytes. Taken out is what the embedded API says
it does not serve: an item that asks for a compaction, stored prompts, tools that only OpenAI has.
"""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.openapi import METHODS, document

SECONDS = 25
EXAMPLES = 30
"""Of each operation and phase, at most."""

NOT_KEPT = {"CompactionTriggerItemParam"}
TOOLS = {"FunctionTool", "FileSearchTool", "CustomToolParam", "NamespaceToolParam"}
# OpenAI refuses, and so do we, what the document only says in prose: a limit of 0 or 101, an unknown
# member of tool_resources, an overlap of more than half a chunk. So that a valid request is refused
# is no fault.
EXCLUDED_CHECKS = "positive_data_acceptance"


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


def test_no_answer_departs_from_openais_document(base_url: str, tmp_path: Path) -> None:
    described = tmp_path / "openapi.json"
    described.write_text(json.dumps(served_document()))
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            *("run", str(described), "--url", base_url),
            *("--max-time", str(SECONDS), "--max-examples", str(EXAMPLES), "--seed", "1"),
            *("--phases", "coverage,fuzzing,stateful", "--checks", "all"),
            *("--exclude-checks", EXCLUDED_CHECKS, "--continue-on-failure", "--warnings", "off"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS * 5,
        check=False,
    )

    assert run.returncode == 0, run.stdout
    assert "Tested: 45" in run.stdout
