"""Writes a picture as Mermaid, which Markdown pages draw."""

from typing import Final

from provider_shim.graph.labels import clean
from provider_shim.graph.model import Box, Picture, bare, counted

# What Mermaid or the page it is in would read as more than text.
_CODES: Final = {character: f"#{ord(character)};" for character in '#"<>&`|%$\\'}
_SHAPES: Final = {
    "openai_vector_store": ("[(", ")]"),
    "openai_thread": ("(", ")"),
    "openai_thread_set": ("[[", "]]"),
    "openai_message": ("(", ")"),
    "output": ("([", "])"),
    "variable": ("{{", "}}"),
}


def mermaid(picture: Picture) -> str:
    """Return the picture as a Mermaid flowchart."""
    lines = ["flowchart LR"]
    for number, stack in enumerate(picture.stacks):
        others = f"<br/>with {counted(stack.others, '')} not shown" if stack.others else ""
        lines.append(f'    subgraph stack{number}["{_safe(stack.name)}{others}"]')
        lines.append("        direction LR")
        lines += [
            f"        {_box(index, box)}"
            for index, box in enumerate(picture.boxes)
            if box.stack == stack.name
        ]
        lines.append("    end")
    for arrow in picture.arrows:
        way = "-.->" if arrow.order_only else "-->"
        label = f'|"{_safe(arrow.label)}"|' if arrow.label else ""
        lines.append(f"    box{arrow.source} {way}{label} box{arrow.target}")
    numbers = {stack.name: number for number, stack in enumerate(picture.stacks)}
    lines += [f"    stack{numbers[before]} -.-> stack{numbers[after]}" for before, after in picture.orders()]
    return "\n".join(lines) + "\n"


def _box(number: int, box: Box) -> str:
    begin, end = ("[[", "]]") if box.pile else _SHAPES.get(bare(box.kind), ("[", "]"))
    texts = [_safe(box.kind), f"<b>{_safe(box.name)}</b>", *([_safe(box.note)] if box.note else [])]
    return f'box{number}{begin}"{"<br/>".join(texts)}"{end}'


def _safe(text: str) -> str:
    return "".join(_CODES.get(character, character) for character in clean(text))
