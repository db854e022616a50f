"""Where in a configuration something is: ``messages[0].role``."""

Step = str | int
Path = tuple["Step | Key", ...]


class Key(str):
    """A key of a map, as opposed to the name of an attribute."""

    __slots__ = ()


def spelled(path: Path) -> str:
    """The path as Terraform writes it: ``messages[0].metadata["topic"]``."""
    text = ""
    for step in path:
        if isinstance(step, Key):
            escaped = str(step).replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
        elif isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text
