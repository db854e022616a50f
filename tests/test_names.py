"""A name stands for one thing: no two classes of the product are called the same by chance."""

import ast
from collections import defaultdict

from tests.support.imports import modules

SAME = {
    "Attribute": "the contract's, and as the protocol has it",
    "Conversations": "called at an API, and served by the embedded one",
    "Diagnostic": "the server's, and as the protocol has it",
    "Files": "called at an API, and served by the embedded one",
    "Listing": "Terraform's list of objects, and a list call of the embedded API",
    "Message": "a construct, and of the protocol",
    "Object": "the contract's, and as the protocol has it",
    "OpenaiProvider": "a construct, and what Terraform starts",
    "Passage": "found at an API, and by the embedded one",
    "Provider": "what constructs are made of, and what the server serves",
    "Record": "of the journal, and of a construct's arguments",
    "Stack": "as it is drawn, and as doctor looks at it",
    "Step": "of messages from a state to a plan, and of a path in the protocol",
    "Threads": "called at an API, and served by the embedded one",
    "VectorStoreFiles": "called at an API, served by the embedded one, and in the contract",
    "VectorStores": "called at an API, and served by the embedded one",
}
"""Names that two sides have for their own form of the same, and why."""


def test_no_two_classes_have_the_same_name_by_chance() -> None:
    found = defaultdict(list)
    for module, path in modules().items():
        if not module.startswith("cdktf_openai_thread.bindings"):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found[node.name].append(module)

    assert {name for name, places in found.items() if len(places) > 1} == set(SAME)
