"""Around `App.synth` and `Testing`: what is wrong comes out as one error, without a trace of Node."""

from __future__ import annotations

import functools
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cdktf_openai_thread.errors import ConfigurationError, raised_within
from cdktf_openai_thread.synth import neighbours
from cdktf_openai_thread.synth.framework import tf
from provider_shim.contract.check import Problem
from provider_shim.launcher.mirror import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator


def watch() -> None:
    """Have `App.synth` and `Testing` tell errors in our words. Once is enough."""
    original: Any = tf.App.synth
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def synth(app: Any) -> None:  # noqa: ANN401 - a jsii interface
        neighbours.checked(app)
        with _told():
            original(app)

    tf.App.synth = synth  # type: ignore[method-assign, assignment]
    for name in ("synth", "synth_hcl", "full_synth"):
        setattr(tf.Testing, name, _watched(getattr(tf.Testing, name)))


def _watched(original: Any) -> Any:  # noqa: ANN401 - a method of the framework's
    @functools.wraps(original)
    def synth(stack: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        if isinstance(stack, tf.TerraformStack):
            neighbours.give_providers(stack)
        with _told():
            return original(stack, *given, **named)

    return staticmethod(synth)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        # An exception that crosses jsii loses its type; its text is in what comes out.
        told = raised_within(str(error)) or _forgotten(str(error))
        if told is None:
            raise
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
