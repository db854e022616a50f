"""Beside another provider of the name openai: ours gives way to another local name.

A stack has one source for a local name, and cdktf keeps the last without a word. `openai/openai`, which
administrates an organization, bears the same name as ours.
"""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from cdktf_openai_thread.errors import ConfigurationError, construct_of
from cdktf_openai_thread.synth.framework import tf
from provider_shim.contract.check import Problem
from provider_shim.launcher.mirror import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import Construct

NAME: Final = "openai"
OTHER_NAME: Final = "openai-threads"
"""Terraform allows no underscore in it."""
_looked_at = 0
_others: list[Any] = []
_stacks: dict[Any, str] = {}


def local_name(of: Construct) -> str:
    """Return what our provider is called in the stack of a construct. Asks Node only where it has to."""
    _look()
    return _stacks.get(tf.TerraformStack.of(of), NAME) if _stacks else NAME


def give_providers(stack: Any) -> None:  # noqa: ANN401 - a jsii interface
    """Have the resources of a stack name their provider where Terraform would imply the other one."""
    _look()
    if stack not in _stacks:
        return
    default = next((each for each in stack.all_providers() if _is_ours(each) and each.alias is None), None)
    if default is not None:
        for each in stack.node.find_all():
            if _is_ours(each) and not isinstance(each, tf.TerraformProvider) and each.provider is None:
                each.provider = default


def _is_ours(made: object) -> bool:
    return hasattr(type(made), "_CONTRACT")


def checked(scope: Construct) -> None:
    """Refuse what can't work in stacks that have another provider of the name, too.

    Raises:
        ConfigurationError: A resource of ours has no provider of ours, or the other one.
    """
    _look()
    for stack in _stacks:
        if stack.node.root.__jsii_ref__.ref == scope.__jsii_ref__.ref:  # type: ignore[attr-defined]
            give_providers(stack)
            _check(stack)


def _look() -> None:
    """Look at the providers that were made since the last time: jsii notes every construct."""
    global _looked_at
    made = _made()
    if len(made) == _looked_at:
        return
    start, _looked_at = (_looked_at if len(made) > _looked_at else 0), len(made)
    new = [*islice(made.values(), start, None)]
    _others.extend(each for each in new if _is_of_another(each))
    while _others:
        other = _others.pop()
        if other.terraform_resource_type == NAME and other.terraform_provider_source != SOURCE:
            _stacks[tf.TerraformStack.of(other)] = OTHER_NAME


def _is_of_another(made: object) -> bool:
    return isinstance(made, tf.TerraformProvider) and not _is_ours(made)


def _made() -> dict[str, Any]:
    references = getattr(sys.modules.get("jsii._reference_map"), "_refs", None)
    return getattr(references, "_refs", {})


def _check(stack: Any) -> None:  # noqa: ANN401 - a jsii interface
    ours = [each for each in stack.node.find_all() if _is_ours(each)]
    providers = [each for each in ours if isinstance(each, tf.TerraformProvider)]
    elements = [each for each in ours if not isinstance(each, tf.TerraformProvider)]
    implied = any(each.alias is None for each in providers)
    problems = [problem for each in elements for problem in _of(each, providers, implied=implied)]
    if problems:
        raise ConfigurationError(f'TerraformStack "{stack.node.path}"', problems)


def _of(element: Any, providers: list[Any], *, implied: bool) -> Iterator[Problem]:  # noqa: ANN401 - a jsii interface
    given = element.provider
    if given is not None and given not in providers:
        said = f"has the provider {given.terraform_provider_source or given.terraform_resource_type}"
    elif given is None and not implied:
        said = "has no provider, and the stack has no OpenaiProvider without an alias"
    else:
        return
    yield Problem(
        ("provider",),
        "No provider",
        f"{construct_of(element)} {said}. Allowed: an OpenaiProvider of "
        "cdktf_openai_thread. The other provider of the name openai knows no threads. Add "
        'OpenaiProvider(self, "threads") to the stack, or give provider=….',
    )
