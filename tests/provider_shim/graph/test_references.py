"""Which addresses a configuration names."""

from typing import Any

import pytest

from provider_shim.graph.references import references, templates


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain openai_thread.a.id", []),
        ("${openai_thread.a.id}", ["openai_thread.a.id"]),
        ("a ${one.a} b ${two.b} c", ["one.a", "two.b"]),
        ("$${one.a} and %%{two.b}", []),
        ("$$${one.a}", []),
        ("%{if one.a}yes%{endif}", ["if one.a", "endif"]),
        ("${{ for key, val in one.a: key => val.id }}", ["{ for key, val in one.a: key => val.id }"]),
        ('${join("-", [one.a, "x${two.b}"])} three.c', ['join("-", [one.a, "x${two.b}"])']),
        ("${never.closed", []),
        ("} ${", []),
    ],
)
def test_only_what_terraform_interpolates_is_looked_at(text: str, found: list[str]) -> None:
    assert list(templates(text)) == found


def found(body: Any) -> set[tuple[str, str, str, bool]]:
    return {(*each,) for each in references(body)}


def test_an_address_is_found_with_what_it_is_for() -> None:
    body = {
        "for_each": "${toset(var.names)}",
        "thread_id": "${openai_thread.desk[0].id}",
        "tool_resources": {
            "code_interpreter": {"file_ids": ["${openai_file.a.id}"]},
            "file_search": {"vector_store_ids": ["${data.openai_vector_store.b.id}"]},
        },
        "messages": [{"attachments": [{"file_id": "${openai_file.c.id}"}]}],
    }

    assert found(body) == {
        ("var.names", "", "for each", False),
        ("openai_thread.desk", "", "", False),
        ("openai_file.a", "", "code interpreter", False),
        ("data.openai_vector_store.b", "", "file search", False),
        ("openai_file.c", "", "attached", False),
    }


def test_depends_on_is_order_only_and_a_provider_is_no_flow() -> None:
    body = {
        "//": {"metadata": {"path": "${one.a}"}},
        "depends_on": ["openai_thread.a"],
        "lifecycle": {"replace_triggered_by": ["openai_file.b.sha256"]},
        "provider": "openai.eu",
    }

    assert found(body) == {("openai_thread.a", "", "", True), ("openai_file.b", "", "", False)}


def test_an_output_of_another_state_is_found_by_its_name_however_it_is_written() -> None:
    state = "data.terraform_remote_state.cross-stack-reference-input-shared"
    body = [f"${{{state}.outputs.cross-stack-output-x}}", f'${{{state}.outputs["y z"]}}']

    assert found(body) == {(state, "cross-stack-output-x", "", False), (state, "y z", "", False)}
