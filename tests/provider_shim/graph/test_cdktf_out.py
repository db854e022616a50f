"""What is no cdktf.out gets a sentence that says what to do."""

import json
from pathlib import Path

import pytest

from provider_shim.graph.cdktf_out import read
from provider_shim.graph.model import GraphError
from tests.support.cdktf_out import write

AGAIN = "Run cdktf synth, then openai-thread graph cdktf.out."


def said(folder: Path) -> str:
    with pytest.raises(GraphError) as raised:
        read(folder)
    return str(raised.value).replace(f"{folder}", "HERE")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert said(tmp_path / "cdktf.out") == f"HERE is no folder. {AGAIN}"


def test_terraform_written_by_hand_is_not_drawn(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "openai_thread" "one" {}')

    assert said(tmp_path) == (
        "HERE has no manifest.json, so it is not what cdktf synth wrote. Only that is drawn, not Terraform "
        f"written by hand. {AGAIN}"
    )


def test_a_projects_folder_is_told_the_command(tmp_path: Path) -> None:
    write(tmp_path / "cdktf.out", {})

    assert said(tmp_path) == (
        "HERE has no manifest.json, HERE/cdktf.out has: openai-thread graph HERE/cdktf.out"
    )


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        ('{"stacks": {}}', "names no stack. Add a TerraformStack to the app."),
        ("{}", 'has no "stacks".'),
        ('{"stacks": [1]}', 'has no "stacks".'),
        ("[]", "holds no JSON object."),
        (
            '{"stacks": {"a": 1',
            "is no JSON: Expecting ',' delimiter: line 1 column 19 (char 18).",
        ),
        ('{"stacks": {"a": {}}}', ': stack "a" has no synthesizedStackPath.'),
        ('{"stacks": {"a": 5}}', ': stack "a" has no synthesizedStackPath.'),
    ],
)
def test_a_manifest_that_says_nothing_usable(manifest: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    space = "" if problem.startswith(":") else " "

    assert said(tmp_path) == f"HERE/manifest.json{space}{problem} {AGAIN}"


def test_bytes_that_are_no_text_and_json_without_end(tmp_path: Path) -> None:
    for content in (b"\xff\xfe\x00", b"[" * 100_000):
        (tmp_path / "manifest.json").write_bytes(content)

        assert said(tmp_path).startswith("HERE/manifest.json is no JSON: ")


def test_a_stack_that_is_missing_broken_or_hcl_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"support": {}})
    path = tmp_path / "stacks/0/cdk.tf.json"
    path.write_text('{"resource": }')
    broken = said(tmp_path)
    path.unlink()
    missing = said(tmp_path)
    manifest = {"stacks": {"support": {"synthesizedStackPath": "stacks/support/cdk.tf"}}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    hcl = said(tmp_path)

    assert broken.startswith("HERE/stacks/0/cdk.tf.json is no JSON: Expecting value: line 1 column 14")
    assert missing == f"HERE/stacks/0/cdk.tf.json can't be read: No such file or directory. {AGAIN}"
    assert hcl == (
        "HERE/stacks/support/cdk.tf is HCL. Run cdktf synth without --hcl, "
        "then openai-thread graph cdktf.out."
    )


def test_the_stacks_come_in_the_manifests_order_with_what_they_wait_for(tmp_path: Path) -> None:
    write(tmp_path, {"b": {"output": {}}, "a": {}}, {"a": ["b"]})
    stacks = read(tmp_path)

    assert [(each.name, each.after) for each in stacks] == [("b", ()), ("a", ("b",))]
    assert stacks[0].configuration == {"output": {}}
