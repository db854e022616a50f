"""What is written: DOT and Mermaid that nothing breaks out of, and the command's sentences."""

import re
from pathlib import Path
from typing import Any

import pydot
import pytest

from provider_shim.cli import main
from provider_shim.graph.cdktf_out import read
from provider_shim.graph.dot import dot
from provider_shim.graph.folding import folded
from provider_shim.graph.labels import LONGEST, clean
from provider_shim.graph.mermaid import mermaid
from provider_shim.graph.model import Arrow, Box, Picture, Stack
from provider_shim.graph.picture import picture
from tests.support.cdktf_out import write
from tests.support.dot import labels, parsed

HOSTILE = (
    '</b>>]; x -> y [label="a"] <script>alert(1)</script>"\'&\\\u202e\x07\ud800\ufffe --> x{{\n%%{init:{}}%%`'
)


def stack(*names: str) -> dict[str, Any]:
    threads: dict[str, Any] = {name: {"messages": [{"content": "secret words"}]} for name in names}
    return {"resource": {"openai_thread": threads}}


def dot_of(folder: Path, stacks: dict[str, dict[str, Any]]) -> pydot.Dot:
    return parsed(dot(folded(picture(read(write(folder / "cdktf.out", stacks))))))


def test_a_stack_its_boxes_and_what_flows_are_written_as_dot() -> None:
    drawn = Picture(
        (Stack("shared", 1), Stack("support", after=("shared",))),
        (
            Box("support", "openai_vector_store", "handbook", "1 file"),
            Box("support", "openai_thread", "desk", "3 threads", 3),
            Box("support", "data.openai_thread", "other"),
        ),
        (Arrow(0, 1, "file search"), Arrow(2, 1, order_only=True)),
    )
    graph = parsed(dot(drawn))
    nodes = {node.get_name(): node for each in graph.get_subgraphs() for node in each.get_nodes()}

    assert labels(graph) == [
        "shared\n1 resource not shown",
        "support",
        "openai_vector_store\nhandbook\n1 file",
        "openai_thread\ndesk\n3 threads",
        "data.openai_thread\nother",
        "file search",
    ]
    assert [nodes[f"box{each}"].get("shape") for each in range(3)] == ["cylinder", "box", "box"]
    assert nodes["box1"].get("peripheries") == "2"
    assert "dashed" in nodes["box2"].get("style")
    assert [(edge.get_source(), edge.get_destination(), edge.get("style")) for edge in graph.get_edges()] == [
        ("box0", "box1", None),
        ("box2", "box1", "dashed"),
        ("stack0", "stack1", "dashed"),
    ]


def test_no_message_is_in_a_diagram(tmp_path: Path) -> None:
    folder = write(tmp_path / "cdktf.out", {"support": stack("desk")})
    found = picture(read(folder))

    assert "1 message" in dot(found)
    assert "secret" not in dot(found) + mermaid(found)


def test_a_name_can_not_break_out_of_dot(tmp_path: Path) -> None:
    graph = dot_of(tmp_path, {HOSTILE: stack(HOSTILE, "名" * 200, "")})

    assert labels(graph) == [
        clean(HOSTILE),
        f"openai_thread\n{clean(HOSTILE)}\n1 message",
        f"openai_thread\n{'名' * LONGEST}…\n1 message",
        "openai_thread\n \n1 message",
    ]
    assert graph.get_edges() == []


def test_a_name_can_not_break_out_of_mermaid(tmp_path: Path) -> None:
    folder = write(tmp_path / "cdktf.out", {HOSTILE: stack(HOSTILE)})
    lines = mermaid(picture(read(folder))).splitlines()

    assert len(lines) == 5
    for line in (lines[1], lines[3]):
        (label,) = re.findall(r'"(.*)"', line)
        shown = re.sub(r"</?b>|<br/>|#\d+;", "", label)
        assert not set(shown) & set('"<>&`%\\|$#'), line


def test_what_is_endless_has_an_end() -> None:
    assert clean("x" * 100_000) == "x" * LONGEST + "…"


def test_three_thousand_threads_are_one_box(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(tmp_path / "cdktf.out", {"large": stack(*(f"t{each}" for each in range(3_000)))})
    target = tmp_path / "large.dot"
    code = main(["graph", str(folder), "--output", str(target)])

    assert code == 0
    assert capsys.readouterr().out == f"{target}: 1 stack, 1 box for 3,000: those alike are one\n"
    assert "3,000 threads" in target.read_text()


def test_the_ending_or_the_format_decides_what_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(write(tmp_path / "cdktf.out", {"support": stack("desk")}))
    for name in ("a.dot", "a.GV", "a.mmd", "a.mermaid"):
        assert main(["graph", folder, "--output", str(tmp_path / name)]) == 0
    assert main(["graph", folder, "--format", "dot", "--output", str(tmp_path / "a.txt")]) == 0
    capsys.readouterr()
    assert main(["graph", folder]) == 0
    plain = capsys.readouterr().out
    assert main(["graph", folder, "--format", "dot"]) == 0
    graph = capsys.readouterr().out

    assert (tmp_path / "a.mmd").read_text() == (tmp_path / "a.mermaid").read_text() == plain
    assert (tmp_path / "a.dot").read_text() == (tmp_path / "a.GV").read_text() == graph
    assert (tmp_path / "a.txt").read_text() == graph
    assert plain.startswith("flowchart LR\n")
    assert graph.startswith("digraph {\n")


ALLOWED = "Allowed: .dot, .gv, .mmd, .mermaid; or say --format dot or --format mermaid."


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (
            "a.png",
            (
                f"a.png ends in .png. {ALLOWED} "
                "Graphviz draws: openai-thread graph --format dot | dot -Tpng -o HERE/a.png"
            ),
        ),
        ("a.txt", f"a.txt ends in .txt. {ALLOWED}"),
        ("a", f"a has no ending. {ALLOWED}"),
        ("no/a.dot", "no/a.dot can't be written: No such file or directory. Give another --output."),
    ],
)
def test_where_it_can_not_be_written_is_said_in_one_line(
    name: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(write(tmp_path / "cdktf.out", {"support": stack("desk")}))
    code = main(["graph", folder, "--output", f"{tmp_path}/{name}"])
    said = capsys.readouterr().err.replace(str(tmp_path), "HERE")

    assert (code, said) == (1, f"openai-thread graph: HERE/{problem}\n")


def test_a_folder_that_is_none_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["graph", str(tmp_path / "no")])

    assert code == 1
    assert capsys.readouterr().err.startswith(f"openai-thread graph: {tmp_path}/no is no folder. Run cdktf")
