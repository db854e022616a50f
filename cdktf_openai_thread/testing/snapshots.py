"""What a stack synthesizes to, as a text that is the same on every machine."""

import difflib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Final

from cdktf_openai_thread.synth.framework import tf

_VERSION: Final = "(any version)"


def snapshot(stack: "tf.TerraformStack") -> str:
    """Return what Terraform is told by a stack, as JSON with its keys in order.

    Left out is what differs between machines and releases without a change of the stack: versions of
    providers, comments of the framework, and where the project, the home folder and temporary files are.
    """
    synthesized: dict[str, Any] = json.loads(tf.Testing.synth(stack))
    terraform = synthesized.get("terraform", {})
    for provider in terraform.get("required_providers", {}).values():
        if "version" in provider:
            provider["version"] = _VERSION
    if "local" in terraform.get("backend", {}):
        del terraform["backend"]
    return json.dumps(_portable(synthesized, _places()), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def assert_snapshot(stack: "tf.TerraformStack", path: Path, *, update: bool = False) -> None:
    """Assert that a stack synthesizes to what a file says.

    Args:
        stack: Any stack.
        path: The file, which belongs into version control.
        update: Write the file instead.

    Raises:
        AssertionError: The lines that differ; or there is no file yet.
    """
    actual = snapshot(stack)
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(actual, encoding="utf-8")
        return
    if not path.is_file():
        raise AssertionError(
            f"There is no snapshot {path} yet. Write it: pytest --openai-thread-update, or update=True."
        )
    expected = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    if actual != expected:
        lines = difflib.unified_diff(
            expected.splitlines(), actual.splitlines(), "expected", "actual", lineterm="", n=2
        )
        raise AssertionError(
            "\n".join(
                [
                    f"the stack differs from {path.name}",
                    *lines,
                    "If that is meant: pytest --openai-thread-update",
                ]
            )
        )


def _places() -> list[tuple[str, str]]:
    """Return what is replaced in texts, the longest first: a project lies in the home folder."""
    known = {
        os.path.realpath(tempfile.gettempdir()): "(temporary)",
        tempfile.gettempdir(): "(temporary)",
        os.path.expanduser("~"): "(home)",  # noqa: PTH111 - stays "~" where there is none
        os.path.realpath(Path.cwd()): "(project)",
        str(Path.cwd()): "(project)",
    }
    return sorted(
        ((place, name) for place, name in known.items() if len(place) > 1), key=lambda one: -len(one[0])
    )


def _portable(value: object, places: list[tuple[str, str]]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {_portable(key, places): _portable(one, places) for key, one in value.items() if key != "//"}
    if isinstance(value, list):
        return [_portable(one, places) for one in value]
    if isinstance(value, str):
        for place, name in places:
            value = value.replace(place + os.sep, f"{name}/").replace(place, name)
    return value
