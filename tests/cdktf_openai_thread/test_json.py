"""Attributes of files: a mapping in Python, JSON text in HCL, and references in it keep their types."""

import json
from typing import Any

import cdktf
import pytest

from cdktf_openai_thread import ConfigurationError, File, OpenaiProvider, VectorStore, VectorStoreFile


@pytest.fixture
def stack() -> cdktf.TerraformStack:
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "stack")
    OpenaiProvider(stack, "openai")
    return stack


def written(stack: cdktf.TerraformStack, attributes: Any) -> str:
    """Return what is written for attributes of a file in a store."""
    VectorStoreFile(stack, "it", vector_store_id="vs_1", file_id="file-1", attributes=attributes)
    synthesized = json.loads(cdktf.Testing.synth(stack))
    return str(synthesized["resource"]["openai_vector_store_file"]["it"]["attributes"])


def test_literals_become_json_that_terraform_takes_for_nothing_else(stack: cdktf.TerraformStack) -> None:
    text = written(stack, {"year": 2026, "public": True, "said": 'a "quote"\n', "part": 0.5})

    assert json.loads(text) == {"year": 2026, "public": True, "said": 'a "quote"\n', "part": 0.5}


def test_references_stay_what_they_are_and_texts_around_them_too(stack: cdktf.TerraformStack) -> None:
    year = cdktf.TerraformVariable(stack, "year", type="number")
    name = cdktf.TerraformVariable(stack, "name", type="string")
    attributes = {
        "brace": '} "{',
        "year": year.number_value,
        "name": name.string_value,
        "both": f"a {name.string_value}",
        "hand": "${upper(var.name)}",
        "on": True,
    }

    assert written(stack, attributes) == (
        r'${jsonencode({("brace") = "\u007d \"\u007b", ("year") = var.year, ("name") = var.name,'
        r' ("both") = join("", ["a ", var.name]), ("hand") = (upper(var.name)), ("on") = true})}'
    )


def test_text_and_what_makes_it_are_taken_as_they_are(stack: cdktf.TerraformStack) -> None:
    assert written(stack, cdktf.Fn.jsonencode({"a": 1})) == '${jsonencode({"a" = 1})}'


def test_a_stores_files_are_constructs_or_what_hcl_has(stack: cdktf.TerraformStack) -> None:
    one, two = (File(stack, name, content="x", filename=f"{name}.md") for name in ("one", "two"))
    VectorStore(stack, "store", files=[one, {"file_id": two.id, "attributes": {"year": 2026}}])
    synthesized = json.loads(cdktf.Testing.synth(stack))["resource"]

    assert synthesized["openai_vector_store"]["store"] == {
        "file_ids": ["${openai_file.one.id}"],
        "files": [{"file_id": "${openai_file.two.id}", "attributes": '{"year":2026}'}],
    }
    # The old text stays searchable until the new one is.
    assert all(
        each["lifecycle"] == {"create_before_destroy": True} for each in synthesized["openai_file"].values()
    )


WRONG: list[tuple[Any, str]] = [
    ({"a": None}, 'attributes["a"] is null. Allowed: a string, a number, true or false.'),
    ({"a": [1]}, 'attributes["a"] is a list. Allowed: a string, a number, true or false.'),
    ({"a": "x" * 513}, 'attributes["a"] has 513 characters. Allowed: at most 512. Shorten it by 1.'),
    ({"k" * 65: 1}, "has 65 characters. Allowed: at most 64."),
    (
        {str(number): number for number in range(17)},
        "attributes has 17 pairs. Allowed: at most 16. Remove 1.",
    ),
    ("{", 'attributes is "{", which is no JSON'),
    ("[1]", "attributes is JSON of a list."),
    ({1: 2}, "attributes has the key 1 (int). Allowed: keys that are strings."),
    (3, "attributes is 3 (int). Allowed: an object, as JSON text"),
]


def test_what_no_api_takes_is_refused_with_its_path(stack: cdktf.TerraformStack) -> None:
    for number, (attributes, expected) in enumerate(WRONG):
        with pytest.raises(ConfigurationError) as refused:
            VectorStoreFile(
                stack, f"bad{number}", vector_store_id="vs_1", file_id="file-1", attributes=attributes
            )
        assert expected in str(refused.value)


def test_a_file_is_in_a_store_once_and_chunks_are_judged_where_they_are(stack: cdktf.TerraformStack) -> None:
    static = {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 60}
    files: list[Any] = [
        {"file_id": "file-1"},
        {"file_id": "file-2", "chunking_strategy": {"type": "static", "static": static}},
    ]
    with pytest.raises(ConfigurationError) as refused:
        VectorStore(stack, "store", file_ids=["file-1"], files=files)

    assert 'files[0].file_id is "file-1", which is in file_ids as well.' in str(refused.value)
    assert "files[1].chunking_strategy.static.chunk_overlap_tokens is 60." in str(refused.value)
