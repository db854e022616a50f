"""How a thread comes by messages, files and vector stores: configuration in, configuration out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cdktf_openai_thread.synth.ids import identifier
from cdktf_openai_thread.synth.tokens import is_token
from provider_shim.contract.check import Problem
from provider_shim.contract.path import Path, spelled

if TYPE_CHECKING:
    from collections.abc import Sequence


class KnownAtDeployError(Exception):
    """What is configured is a token, to which nothing can be added; ``problem`` says so."""

    def __init__(self, path: Path) -> None:
        """Take the place of the token."""
        self.problem = Problem(
            path,
            "Known only at deploy",
            f"{spelled(path)} is a token, whose value is known only at deploy: nothing can be added to it. "
            "Allowed: a literal. Put the id into the value that the token stands for.",
        )
        super().__init__(self.problem.detail)


def with_message(messages: object, message: "Mapping[str, object]") -> list[Any]:
    """Return ``messages`` with one more at the end."""
    return [*(_known(messages, ("messages",)) or ()), message]


def said(
    content: str | None, images: "Sequence[object]", files: "Sequence[object]", path: Path
) -> dict[str, Any]:
    """Return what a message says: a text alone as ``content``, else parts, the text first.

    Raises:
        WrongKindError: An image or a file is neither an uploaded file nor an id nor a URL.
    """
    if not images and not files:
        return {"content": content}
    parts: list[object] = [] if content is None else [{"type": "text", "text": content}]
    for kind, given in (("image", images), ("file", files)):
        for each in given:
            parts.append(_part(kind, each, (*path, len(parts), "file_id")))
    return {"parts": parts}


def _part(kind: str, of: object, path: Path) -> object:
    if not isinstance(of, str):
        # A mapping is a part already; what is in it is checked with the message.
        return of if isinstance(of, Mapping) else {"type": kind, "file_id": identifier(of, "file", path)}
    scheme = of.partition(":")[0].lower()
    if scheme == "data" and kind == "file":
        return {"type": kind, "file_data": of}
    return {"type": kind, f"{kind}_url" if scheme in {"https", "http", "data"} else "file_id": of}


def with_tool(tools: object, resources: object, tool: str) -> list[str]:
    """Return ``tools`` with one more, unless it is there.

    Without ``tools`` a thread has those that it has resources for, and they are kept.
    """
    given: Mapping[str, Any] = _known(resources, ("tool_resources",)) or {}
    names: Sequence[str] | None = _known(tools, ("tools",))
    if names is None:
        names = [name for name in given if given[name]]
    return [*names, *([] if tool in names else [tool])]


def with_resource(resources: object, tool: str, ids: str, one: str) -> dict[str, Any]:
    """Return ``tool_resources`` in which ``tool`` may use one more object, unless it may already."""
    path = ("tool_resources", tool, ids)
    given: Mapping[str, Any] = _known(resources, path[:1]) or {}
    of_tool: Mapping[str, Any] = _known(given.get(tool), path[:2]) or {}
    held: Sequence[str] = _known(of_tool.get(ids), path) or ()
    return {**given, tool: {**of_tool, ids: [*held, *([] if one in held else [one])]}}


def _known(value: object, path: Path) -> Any:  # noqa: ANN401 - JSON
    # One element that is a token is a list; a token in the place of the list is not.
    if value is not None and is_token(value):
        raise KnownAtDeployError(path)
    return value
