"""Outputs of a construct, named after it."""

import re
from collections.abc import Mapping

from constructs import Construct

from cdktf_openai_thread.errors import ConfigurationError, construct_of
from cdktf_openai_thread.synth.framework import tf
from cdktf_openai_thread.synth.tokens import shown
from provider_shim.contract.check import Problem


def outputs(of: Construct, name: str | None, values: Mapping[str, object]) -> dict[str, "tf.TerraformOutput"]:
    """Make one output for each value, in the stack and by the name `NAME_KEY`.

    Raises:
        ConfigurationError: The stack has a construct of that name.
    """
    stack = tf.TerraformStack.of(of)
    if name is not None and (
        not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_][\w-]*", name, re.ASCII)
    ):
        raise ConfigurationError(construct_of(of), [_no_name(name)])
    start = name or re.sub(r"[^0-9A-Za-z_-]", "_", of.node.path.removeprefix(f"{stack.node.path}/"))
    taken = [f"{start}_{key}" for key in values if stack.node.try_find_child(f"{start}_{key}") is not None]
    if taken:
        raise ConfigurationError(construct_of(of), [_taken(each) for each in taken])
    return {key: tf.TerraformOutput(stack, f"{start}_{key}", value=value) for key, value in values.items()}


def _no_name(given: object) -> Problem:
    return Problem(
        ("name",),
        "Not a name",
        f"name is {shown(given)} ({type(given).__name__}). Allowed: letters, digits, _ and -, a letter or _ "
        "first. Leave it out for the construct's own path.",
    )


def _taken(name: str) -> Problem:
    return Problem(
        ("outputs",),
        "Name in use",
        f"outputs would make the output {name}, and the stack has a construct of that name. "
        'Allowed: a name of its own. Give one: outputs("…").',
    )
