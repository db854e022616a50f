"""Writes what a synthesized app is made of as a diagram."""

import sys
from pathlib import Path
from typing import Final, Literal

from provider_shim.graph.cdktf_out import read
from provider_shim.graph.dot import dot
from provider_shim.graph.folding import folded
from provider_shim.graph.mermaid import mermaid
from provider_shim.graph.model import GraphError
from provider_shim.graph.picture import picture

Format = Literal["dot", "mermaid"]

_ENDINGS: Final[dict[str, Format]] = {".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid"}
_DRAWN: Final = (".svg", ".png", ".pdf")
"""What a drawing program makes of what is written here."""


def graph(folder: Path, *, format_: Format | None, output: Path | None) -> int:
    """Write the diagram of a ``cdktf.out`` to a file or to stdout; return the exit code."""
    try:
        chosen = format_ or _by_ending(output)
        whole = picture(read(folder))
        drawn = folded(whole)
        text = dot(drawn) if chosen == "dot" else mermaid(drawn)
        if output is None:
            print(text, end="")
            return 0
        _write(output, text)
    except GraphError as problem:
        print(f"openai-thread graph: {problem}", file=sys.stderr)
        return 1
    stacks = f"{len(drawn.stacks):,} stack{'' if len(drawn.stacks) == 1 else 's'}"
    boxes = f"{len(drawn.boxes):,} box{'' if len(drawn.boxes) == 1 else 'es'}"
    folding = (
        "" if len(drawn.boxes) == len(whole.boxes) else f" for {len(whole.boxes):,}: those alike are one"
    )
    print(f"{output}: {stacks}, {boxes}{folding}")
    return 0


def _by_ending(output: Path | None) -> Format:
    if output is None:
        return "mermaid"
    found = _ENDINGS.get(output.suffix.lower())
    if found is None:
        ending = f"ends in {output.suffix}" if output.suffix else "has no ending"
        kind = output.suffix.lower()
        drawing = (
            f" Graphviz draws: openai-thread graph --format dot | dot -T{kind[1:]} -o {output}"
            if kind in _DRAWN
            else ""
        )
        raise GraphError(
            f"{output} {ending}. Allowed: {', '.join(_ENDINGS)}; or say --format dot or --format mermaid."
            + drawing
        )
    return found


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise GraphError(
            f"{output} can't be written: {problem.strerror or problem}. Give another --output."
        ) from None
