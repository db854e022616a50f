"""Around `App.synth` and `Testing`: what is wrong comes out as one error, without a trace of Node."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from cdktf_openai_thread.errors import (
    ConfigurationError,
    construct_of,
    print_without_traceback,
    raised_within,
)
from cdktf_openai_thread.synth import neighbours
from cdktf_openai_thread.synth.framework import tf
from provider_shim.contract.check import Problem
from provider_shim.launcher.mirror import SOURCE

if TYPE_CHECKING:
    from types import TracebackType


def watch() -> None:
    """Have `App.synth`, `Testing` and Python itself tell errors in our words. Once is enough."""
    original: Any = tf.App.synth
    if hasattr(original, "__wrapped__"):
        return

    print_without_traceback()

    @functools.wraps(original)
    def synth(app: Any) -> None:  # noqa: ANN401 - a jsii interface
        neighbours.checked(app)
        with _Told(app):
            original(app)

    tf.App.synth = synth  # type: ignore[method-assign, assignment]
    for name in ("synth", "synth_hcl", "full_synth"):
        setattr(tf.Testing, name, _watched(getattr(tf.Testing, name)))


def _watched(original: Any) -> Any:  # noqa: ANN401 - a method of the framework's
    @functools.wraps(original)
    def synth(stack: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        if isinstance(stack, tf.TerraformStack):
            neighbours.give_providers(stack)
        with _Told(stack):
            return original(stack, *given, **named)

    return staticmethod(synth)


class _Told:
    """Around what Node runs: of an exception that crosses jsii no more than its text comes out."""

    # Made by hand: with a context manager of contextlib its line would pass for the user's.

    def __init__(self, scope: object) -> None:
        self._scope = scope

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raise what was raised within, or what a foreign error means."""
        if isinstance(error, RuntimeError):
            said = str(error)
            told = raised_within(said) or _forgotten(said) or _beyond_target(said)
            told = told or _unknown_token(said, self._scope)
            if told is not None:
                raise told from None


def _forgotten(said: str) -> ConfigurationError | None:
    found = re.search(r"to your stack '([^']*)' for the following providers: (.*)", said)
    if found is None or SOURCE not in found[2]:
        return None
    return ConfigurationError(
        f'TerraformStack "{found[1]}"',
        [
            Problem(
                ("provider",),
                "No provider",
                "the stack has resources of cdktf_openai_thread and no OpenaiProvider. Allowed: one in each "
                'such stack. Add OpenaiProvider(self, "openai") to it.',
            )
        ],
    )


def _beyond_target(said: str) -> ConfigurationError | None:
    what = r"\[([^\]]+)\] write-only attributes requires ([^,]+), but the project (.+?)\. Write"
    found = re.search(what, said)
    if found is None:
        return None
    path, needed, targets = found.groups()
    return ConfigurationError(
        f'"{path}"',
        [
            Problem(
                ("content_wo",),
                "More than a target version can do",
                f"content_wo is a write-only attribute, which needs {needed}, and the project {targets}. "
                "Allowed: targetVersions (cdktf.json) from 1.11 of Terraform and of OpenTofu on. Raise them, "
                "or give content if the state may hold the text.",
            )
        ],
    )


def _unknown_token(said: str, scope: Any) -> ConfigurationError | None:  # noqa: ANN401 - a jsii interface
    """Tell which of our constructs holds a token that this app did not make."""
    found = re.search(r"Unrecognized Token Key '([^']+)'", said)
    if found is None:
        return None
    key = found[1]
    held = (
        (each, name)
        for each in scope.node.find_all()
        for name, value in getattr(each, "_values", {}).items()
        if f"TfToken[{key}]" in repr(value)
    )
    for construct, name in held:
        return ConfigurationError(construct_of(construct), [_not_of_this_app(name, key)])
    return None


def _not_of_this_app(name: str, key: str) -> Problem:
    return Problem(
        (name,),
        "Unknown token",
        f"{name} has the token {key}, which this app did not make: a token means something in the run that "
        "made it. Allowed: a reference of this run. Give the reference itself, as thread.id, and not its "
        "text out of a file or of another run.",
    )
