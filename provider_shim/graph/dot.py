"""Writes a diagram in DOT, Graphviz's language, as ``terraform graph`` does."""

from html import escape
from typing import Final

from provider_shim.graph.labels import clean
from provider_shim.graph.model import Box, Picture, bare, counted, ours

# Of a resource or data source: the shape, and the colours of its line and its ground.
_LOOKS: Final = {
    "openai_file": ("note", "#b45309", "#fef3c7"),
    "openai_vector_store": ("cylinder", "#7c3aed", "#ede9fe"),
    "openai_vector_store_file": ("note", "#7c3aed", "#ede9fe"),
    "openai_thread": ("box", "#1d5fd6", "#dbe9ff"),
    "openai_thread_set": ("box3d", "#1d5fd6", "#dbe9ff"),
    "openai_thread_messages": ("box", "#0e7490", "#d5f2f8"),
    "openai_message": ("box", "#0e7490", "#d5f2f8"),
    "output": ("oval", "#15803d", "#dcf5e4"),
    "variable": ("hexagon", "#475569", "#e8edf3"),
}
_OTHER: Final = ("box", "#475569", "#e8edf3")
# `compound` lets an arrow begin and end at the border of a stack.
_HEAD: Final = """\
digraph {
    graph [rankdir=LR, compound=true, fontname="Helvetica", nodesep=0.3, ranksep=0.8]
    node [style="filled,rounded", fontname="Helvetica", fontsize=12]
    edge [fontname="Helvetica", fontsize=10, color="#475569"]
"""


def dot(picture: Picture) -> str:
    """Return the diagram as the text of a DOT file."""
    orders = picture.orders()
    lines = [_HEAD.rstrip("\n")]
    for number, stack in enumerate(picture.stacks):
        others = f'<br/><font point-size="10">{counted(stack.others, "")} not shown</font>'
        label = f"<b>{_text(stack.name)}</b>{others if stack.others else ''}"
        lines.append(f"    subgraph cluster{number} {{")
        lines.append(
            f'        graph [label=<{label}>, style="filled,rounded", color="#d0d7de", fillcolor="#f6f8fa"]'
        )
        if any(stack.name in order for order in orders):
            # What an arrow between stacks holds on to, even in a stack without a box.
            lines.append(f'        stack{number} [label="", shape=point, style=invis, width=0]')
        lines += [
            f"        {_node(index, box)}"
            for index, box in enumerate(picture.boxes)
            if box.stack == stack.name
        ]
        lines.append("    }")
    for arrow in picture.arrows:
        attributes = [f"label=<{_text(arrow.label)}>"] if arrow.label else []
        attributes += ["style=dashed"] if arrow.order_only else []
        written = f" [{', '.join(attributes)}]" if attributes else ""
        lines.append(f"    box{arrow.source} -> box{arrow.target}{written}")
    numbers = {stack.name: number for number, stack in enumerate(picture.stacks)}
    lines += [
        f"    stack{numbers[before]} -> stack{numbers[after]} "
        f"[ltail=cluster{numbers[before]}, lhead=cluster{numbers[after]}, style=dashed]"
        for before, after in orders
    ]
    return "\n".join([*lines, "}"]) + "\n"


def _node(number: int, box: Box) -> str:
    shape, line, ground = _LOOKS.get(bare(box.kind), _OTHER)
    texts = [_text(box.kind), f"<b>{_text(box.name)}</b>", *([_text(box.note)] if box.note else [])]
    attributes = [
        f"label=<{'<br/>'.join(texts)}>",
        f"shape={shape}",
        f'color="{line}"',
        f'fillcolor="{ground}"',
    ]
    if box.pile:
        attributes.append("peripheries=2")
    if not ours(box.kind) or box.kind.startswith("data."):
        # Not made and destroyed by a resource of ours: looked at, or passed on.
        attributes.append('style="filled,rounded,dashed"')
    return f"box{number} [{', '.join(attributes)}]"


def _text(text: str) -> str:
    """Return a text for a label in Graphviz's subset of HTML, in which an empty element is an error."""
    return escape(clean(text)) or " "
