"""Cut OpenAI's OpenAPI document down to the structure that the tests check against.

    python tests/support/openapi/strip.py DOCUMENT

DOCUMENT is a JSON copy of the document. Keeps the paths below /conversations, /threads, /files and
/vector_stores and POST /responses with the schemas that they use, without runs (which have no
conversation to belong to here), and drops all prose: descriptions, summaries, titles, examples and
vendor extensions.
"""

import json
import sys
from pathlib import Path
from typing import Any

STRUCTURE = Path(__file__).with_name("structure.json")
ROOTS = ("/conversations", "/threads", "/files", "/vector_stores", "/responses")
PROSE = {"description", "summary", "title", "example", "examples", "externalDocs", "tags"}
# Members whose keys are names of the API, so that a property called "description" stays.
NAMES = {"properties", "schemas", "patternProperties", "paths", "responses"}


def stripped(node: Any, *, names: bool = False) -> Any:
    """Copy the node without prose; `names` says that its keys are names."""
    if isinstance(node, list):
        return [stripped(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: stripped(value, names=key in NAMES and not names)
        for key, value in node.items()
        if names or not (key in PROSE or key.startswith("x-"))
    }


def references(node: Any) -> set[str]:
    """Return the names of the schemas that the node refers to."""
    if isinstance(node, list):
        return set[str]().union(*map(references, node))
    if not isinstance(node, dict):
        return set()
    found = set[str]().union(*map(references, node.values()))
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/components/schemas/"):
        found.add(reference.rpartition("/")[2])
    return found


def mended(schemas: dict[str, Any]) -> dict[str, Any]:
    """Spell the one recursion of the document so that validators follow it.

    A compound filter holds comparisons or compound filters; the document says the latter with an
    anchor that OpenAPI 3.1 does not know.
    """
    items = schemas["CompoundFilter"]["properties"]["filters"]["items"]
    items["oneOf"] = [
        {"$ref": "#/components/schemas/ComparisonFilter"},
        {"$ref": "#/components/schemas/CompoundFilter"},
    ]
    return schemas


def cut(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the paths that are checked, and what those need."""
    paths = {
        path: item
        for path, item in document["paths"].items()
        if path.startswith(ROOTS) and "/runs" not in path and not path.startswith("/responses/")
    }
    components = document["components"]
    everything = components["schemas"]
    needed: set[str] = set()
    wanted = references([paths, components.get("responses", {})]) | {"ErrorResponse"}
    while wanted:
        needed |= wanted
        wanted = references([everything[name] for name in wanted]) - needed
    return {
        "openapi": document["openapi"],
        "info": {"title": "OpenAI API", "version": document["info"]["version"]},
        "paths": stripped(paths, names=True),
        "components": {
            "schemas": mended(stripped({name: everything[name] for name in sorted(needed)}, names=True)),
            "responses": stripped(components.get("responses", {}), names=True),
        },
    }


if __name__ == "__main__":
    source = json.loads(Path(sys.argv[1]).read_text())
    STRUCTURE.write_text(json.dumps(cut(source), separators=(",", ":"), sort_keys=True) + "\n")
