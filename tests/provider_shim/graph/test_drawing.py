"""What is written: SVG that stands alone, Mermaid that nothing breaks out of, and the command's sentences."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from provider_shim.cli import main
from provider_shim.graph.alike import folded
from provider_shim.graph.mermaid import mermaid
from provider_shim.graph.picture import picture
from provider_shim.graph.reading import read
from provider_shim.graph.svg import svg
from provider_shim.graph.text import LONGEST, clean, cut, width
from tests.provider_shim.graph.written import write

NAMESPACE = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>\"'&\u202e\x07\ud800\ufffe]] --> x{{\n%%{init:{}}%%`"


def stack(*names: str) -> dict[str, Any]:
    threads: dict[str, Any] = {name: {"messages": [{"content": "secret words"}]} for name in names}
    return {"resource": {"openai_thread": threads}}


def svg_of(folder: Path, stacks: dict[str, dict[str, Any]]) -> str:
    return svg(folded(picture(read(write(folder / "cdktf.out", stacks)))))


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - we wrote it


def test_an_svg_needs_nothing_from_elsewhere_and_suits_light_and_dark(tmp_path: Path) -> None:
    text = svg_of(tmp_path, {"support": stack("desk")})
    tags = {element.tag.removeprefix(NAMESPACE) for element in parsed(text).iter()}

    assert tags == {"svg", "title", "style", "rect", "g", "text", "path"}
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"href|url\(|@import|\bid=|\bon\w+=", text)
    assert "@media (prefers-color-scheme:dark)" in text


def test_no_message_is_in_a_picture(tmp_path: Path) -> None:
    folder = write(tmp_path / "cdktf.out", {"support": stack("desk")})
    found = picture(read(folder))

    assert "1 message" in svg(found)
    assert "secret" not in svg(found) + mermaid(found)


def test_a_name_can_not_break_out_of_an_svg(tmp_path: Path) -> None:
    root = parsed(svg_of(tmp_path, {HOSTILE: stack(HOSTILE, "名" * 200, "")}))
    said = [element.text or "" for element in root.iter(f"{NAMESPACE}title")]

    assert [element for element in root.iter() if "script" in element.tag] == []
    assert said[0] == f"Stacks: {clean(HOSTILE)}"
    assert "</text><script>alert(1)</script>\"'&����]] --> x{{ %%{init:{}}%%`" in said


def test_a_name_can_not_break_out_of_mermaid(tmp_path: Path) -> None:
    folder = write(tmp_path / "cdktf.out", {HOSTILE: stack(HOSTILE)})
    lines = mermaid(picture(read(folder))).splitlines()

    assert len(lines) == 5
    for line in (lines[1], lines[3]):
        (label,) = re.findall(r'"(.*)"', line)
        shown = re.sub(r"</?b>|<br/>|#\d+;", "", label)
        assert not set(shown) & set('"<>&`%\\|$#'), line


def test_a_long_name_is_cut_where_its_box_ends_and_whole_in_the_tooltip(tmp_path: Path) -> None:
    name = "a_rather_long_name_for_a_thread_that_nobody_would_want_to_type"
    root = parsed(svg_of(tmp_path, {"support": stack(name)}))
    shown = [element.text or "" for element in root.iter(f"{NAMESPACE}text")]

    assert any(text.endswith("…") and name.startswith(text[:-1]) for text in shown)
    assert f"openai_thread {name}: 1 message" in [each.text for each in root.iter(f"{NAMESPACE}title")]


@pytest.mark.parametrize("text", ["short", "m" * 90, "i" * 90, "名前" * 30, "e\u0301" * 50, ""])
def test_what_is_cut_fits(text: str) -> None:
    room = width("m" * 12, 14)

    assert width(cut(text, 14, room), 14) <= room
    assert cut(text, 14, 1e9) == text


def test_what_is_endless_has_an_end() -> None:
    assert clean("x" * 100_000) == "x" * LONGEST + "…"


def test_every_box_is_within_its_frame_and_every_frame_within_the_picture(tmp_path: Path) -> None:
    both = {
        "resource": {
            "openai_file": {"a": {}, "b": {}},
            "openai_vector_store": {"c": {"file_ids": ["${openai_file.a.id}", "${openai_file.b.id}"]}},
            "openai_thread": {f"t{each}": {"x": "${openai_vector_store.c.id}"} for each in range(5)},
        }
    }
    root = parsed(svg_of(tmp_path, {"one": both, "two": both, "a_name_that_is_longer": {}}))

    def places(name: str) -> list[tuple[float, float, float, float]]:
        found = [each for each in root.iter(f"{NAMESPACE}rect") if each.get("class") == name]
        sizes = [[float(each.get(key, 0)) for key in ("x", "y", "width", "height")] for each in found]
        return [(x, y, x + wide, y + high) for x, y, wide, high in sizes]

    frames, cards, (ground,) = places("frame"), places("card"), places("ground")
    assert (len(frames), len(cards)) == (3, 16)
    for x, y, right, bottom in cards:
        assert any(x > f[0] and y > f[1] and right < f[2] and bottom < f[3] for f in frames)
    for x, y, right, bottom in frames:
        assert x >= 0
        assert y >= 0
        assert right <= ground[2]
        assert bottom <= ground[3]


def test_three_thousand_threads_are_one_pile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(tmp_path / "cdktf.out", {"large": stack(*(f"t{each}" for each in range(3_000)))})
    target = tmp_path / "large.svg"
    code = main(["graph", str(folder), "--output", str(target)])

    assert code == 0
    assert capsys.readouterr().out == f"{target}: 1 stack, 1 box for 3,000: those alike are one\n"
    assert "3,000 threads" in target.read_text()
    assert "A pile is one box for many of a kind." in target.read_text()


def test_the_ending_or_the_format_decides_what_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(write(tmp_path / "cdktf.out", {"support": stack("desk")}))
    for name in ("a.svg", "a.SVG", "a.mmd", "a.mermaid"):
        assert main(["graph", folder, "--output", str(tmp_path / name)]) == 0
    assert main(["graph", folder, "--format", "svg", "--output", str(tmp_path / "a.txt")]) == 0
    capsys.readouterr()
    assert main(["graph", folder]) == 0
    plain = capsys.readouterr().out
    assert main(["graph", folder, "--format", "svg"]) == 0
    drawn = capsys.readouterr().out

    assert (tmp_path / "a.mmd").read_text() == (tmp_path / "a.mermaid").read_text() == plain
    assert (tmp_path / "a.svg").read_text() == (tmp_path / "a.SVG").read_text() == drawn
    assert (tmp_path / "a.txt").read_text() == drawn
    assert plain.startswith("flowchart LR\n")
    HTMLParser().feed(drawn)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (
            "a.png",
            "a.png ends in .png. Allowed: .svg, .mmd, .mermaid; or say --format svg or --format mermaid.",
        ),
        ("a", "a has no ending. Allowed: .svg, .mmd, .mermaid; or say --format svg or --format mermaid."),
        ("no/a.svg", "no/a.svg can't be written: No such file or directory. Give another --output."),
    ],
)
def test_where_it_can_not_be_written_is_said_in_one_line(
    name: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(write(tmp_path / "cdktf.out", {"support": stack("desk")}))
    code = main(["graph", folder, "--output", f"{tmp_path}/{name}"])

    assert (code, capsys.readouterr().err) == (1, f"openai-thread graph: {tmp_path}/{problem}\n")


def test_a_folder_that_is_none_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["graph", str(tmp_path / "no")])

    assert code == 1
    assert capsys.readouterr().err.startswith(f"openai-thread graph: {tmp_path}/no is no folder. Run cdktf")
