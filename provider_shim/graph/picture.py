"""Makes boxes and arrows of synthesized stacks: ours, what they use, and what uses them."""

from collections.abc import Iterator
from typing import Any, Final

from provider_shim.graph.cdktf_out import Synthesized
from provider_shim.graph.model import Arrow, Box, Picture, Stack, joined, ours
from provider_shim.graph.notes import note_of
from provider_shim.graph.references import references

_REMOTE: Final = "terraform_remote_state"
_CROSS_OUTPUT: Final = "cross-stack-output-"  # how cdktf names an output that another stack asked for
_CROSS_INPUT: Final = "cross-stack-reference-input-"  # and the remote state through which it reads it
_NO_RESOURCE: Final = ("variable", "local", "output", f"data.{_REMOTE}")
_Place = tuple[str, str]
"""A stack's name and an address in it."""


def picture(stacks: list[Synthesized]) -> Picture:
    """Return what is drawn of these stacks."""
    elements = {
        (stack.name, address): (kind, name, body)
        for stack in stacks
        for address, kind, name, body in _elements(stack.configuration)
    }
    flows = [
        (source, target, label, order_only)
        for target, (kind, _, body) in elements.items()
        if kind != "local"
        for source, label, order_only in _sources(stacks, elements, target[0], body)
        if source != target
    ]
    drawn = _drawn(elements, [(source, target) for source, target, _, _ in flows])
    number = {place: index for index, place in enumerate(drawn)}
    boxes = []
    for stack, address in drawn:
        kind, name, body = elements[stack, address]
        boxes.append(Box(stack, kind, name, *note_of(kind, body if isinstance(body, dict) else {})))
    arrows = joined(
        Arrow(number[source], number[target], label, order_only)
        for source, target, label, order_only in flows
        if source in number and target in number
    )
    return Picture(
        tuple(Stack(each.name, _others(elements, number, each.name), each.after) for each in stacks),
        tuple(boxes),
        arrows,
    )


def _elements(configuration: dict[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """Yield address, kind, name and configuration of everything that may become a box."""
    for section, prefix in (("resource", ""), ("data", "data.")):
        for type_name, named in _entries(configuration.get(section)):
            for name, body in _entries(named):
                yield f"{prefix}{type_name}.{name}", f"{prefix}{type_name}", name, body
    for section, prefix, kind in (
        ("module", "module", "module"),
        ("variable", "var", "variable"),
        ("locals", "local", "local"),
        ("output", "output", "output"),
    ):
        for name, body in _entries(configuration.get(section)):
            yield f"{prefix}.{name}", kind, name, body


def _entries(value: object) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((key, each) for key, each in value.items() if key != "//")


def _sources(
    stacks: list[Synthesized],
    elements: dict[_Place, tuple[str, str, object]],
    stack: str,
    body: object,
) -> Iterator[tuple[_Place, str, bool]]:
    """Yield what flows into an element: from where, under which label, and whether it is order only."""
    for address, output, label, order_only in references(body):
        place = stack, address
        if place not in elements:
            continue
        kind, name, remote = elements[place]
        if kind == "local":  # another name for what it refers to
            for source, inner, also_order_only in _sources(stacks, elements, stack, remote):
                yield source, label or inner, order_only or also_order_only
            continue
        producer = _producer(stacks, name, remote) if kind == f"data.{_REMOTE}" else None
        if producer is None:
            yield place, label, order_only
        elif (published := elements.get((producer, f"output.{output}"))) is not None:
            # Not from output to output: what the other stack publishes flows here.
            for found in references(published[2]):
                if (producer, found.address) in elements:
                    yield (producer, found.address), label, order_only


def _producer(stacks: list[Synthesized], name: str, remote: object) -> str | None:
    """Return the stack whose state a remote state reads; None if it is none of this app's."""
    if isinstance(remote, dict):
        for stack in stacks:
            settings = stack.configuration.get("terraform")
            backend = settings.get("backend") if isinstance(settings, dict) else None
            if backend and backend == {remote.get("backend"): remote.get("config")}:
                return stack.name
    wanted = name.removeprefix(_CROSS_INPUT) if name.startswith(_CROSS_INPUT) else None
    return next((stack.name for stack in stacks if stack.name == wanted), None)


def _drawn(
    elements: dict[_Place, tuple[str, str, object]], flows: list[tuple[_Place, _Place]]
) -> list[_Place]:
    """Return ours and their neighbours, in the order of the files."""
    neighbours: dict[_Place, list[_Place]] = {}
    for source, target in flows:
        neighbours.setdefault(source, []).append(target)
        neighbours.setdefault(target, []).append(source)
    found = {place for place, (kind, _, _) in elements.items() if ours(kind)}
    found |= {each for place in found for each in neighbours.get(place, [])}
    return [
        place
        for place, (kind, name, _) in elements.items()
        if place in found and not (kind == "output" and name.startswith(_CROSS_OUTPUT))
    ]


def _others(elements: dict[_Place, tuple[str, str, object]], drawn: dict[_Place, int], stack: str) -> int:
    """Count the resources, data sources and modules of a stack that are not drawn."""
    return sum(
        place[0] == stack and place not in drawn and kind not in _NO_RESOURCE
        for place, (kind, _, _) in elements.items()
    )
