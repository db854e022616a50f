"""The second line of a box: in a few words what is in it."""

from typing import Any, Final

from provider_shim.graph.model import counted


def note_of(kind: str, body: dict[str, Any]) -> tuple[str, int | None]:
    """Say what is in a resource, and how many it is; None where only the deploy knows."""
    each = body.get("for_each", body.get("count"))
    if isinstance(each, dict | list):
        return counted(len(each), kind), len(each)
    if isinstance(each, int):
        return counted(each, kind), each
    if isinstance(each, str):
        expression = each.removeprefix("${").removesuffix("}")
        return f"{'one for each of' if 'for_each' in body else 'as many as'} {expression}", None
    attribute = _LISTED.get(kind)
    if attribute is not None:
        return _length(body.get(attribute), attribute), 1
    said = next((body[name] for name in _SAID.get(kind, ()) if isinstance(body.get(name), str)), "")
    if "${" in said:
        return "", 1
    return said.rsplit("/", 1)[-1] if kind == "openai_file" else said, 1


_LISTED: Final = {
    "openai_thread": "messages",
    "openai_thread_set": "threads",
    "openai_vector_store": "file_ids",
}
_SAID: Final = {"openai_file": ("filename", "file"), "openai_message": ("role",), "module": ("source",)}


def _length(values: object, attribute: str) -> str:
    noun = attribute.removesuffix("s").removesuffix("_id")
    if isinstance(values, str):
        return f"{noun}s known at deploy"
    if not isinstance(values, list | dict) or not values:
        return f"no {noun}s"
    return f"{len(values):,} {noun}{'' if len(values) == 1 else 's'}"
