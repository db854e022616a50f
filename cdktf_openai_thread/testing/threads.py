"""What a stack says about its threads, without Terraform."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cdktf_openai_thread.synth.framework import tf
from provider_shim.contract.path import Key, spelled
from provider_shim.contract.thread import THREAD
from provider_shim.contract.thread_set import THREAD_SET


def threads_of(stack: "tf.TerraformStack") -> dict[str, dict[str, Any]]:
    """Return the attributes of each thread as Terraform is told them, by its path in the stack.

    Of a set of threads each is there as ``tenants["acme"]``; where only the deploy knows which there are, the
    set as ``tenants``. Aspects have run. A reference reads as in Terraform: ``${openai_thread.first.id}``.
    """
    resources = json.loads(tf.Testing.synth(stack)).get("resource", {})
    by_name = paths(stack)
    found = {by_name[name]: each for name, each in resources.get(THREAD.type_name, {}).items()}
    for name, of_set in resources.get(THREAD_SET.type_name, {}).items():
        threads = of_set["threads"]
        if isinstance(threads, str):
            found[by_name[name]] = of_set
        else:
            found |= {in_set(by_name[name], _unescaped(key)): each for key, each in threads.items()}
    return found


def in_set(path: str, key: str) -> str:
    """Return how one thread of a set is called: ``tenants["acme"]``."""
    return path + spelled((Key(key),))


def _unescaped(key: str) -> str:
    return key.replace("$${", "${").replace("%%{", "%{")


def assert_threads(stack: "tf.TerraformStack", expected: Mapping[str, Mapping[str, object]]) -> None:
    """Assert that a stack has these threads and no others, with these attributes.

    Args:
        stack: Any stack.
        expected: For each thread, by its path in the stack, the attributes to compare; others are
            not looked at. None: the attribute is absent.

    Raises:
        AssertionError: Each difference on a line of its own, with its path.
    """
    actual = threads_of(stack)
    lines = [f"{path}: expected a thread, the stack has none" for path in expected if path not in actual]
    lines += [f"{path}: expected no thread, the stack has one" for path in actual if path not in expected]
    for path, attributes in expected.items():
        for name, value in attributes.items() if path in actual else ():
            lines += _differences(f"{path}.{name}", value, actual[path].get(name))
    if lines:
        raise AssertionError("\n".join(["threads differ", *(f"  {line}" for line in lines)]))


def _differences(path: str, expected: object, actual: object) -> Iterator[str]:
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key in dict.fromkeys([*expected, *actual]):
            yield from _differences(f"{path}.{key}", expected.get(key), actual.get(key))
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from _differences(f"{path}[{index}]", one, other)
    elif expected != actual:
        yield f"{path}: expected {_shown(expected)}, got {_shown(actual)}"


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)


def paths(stack: "tf.TerraformStack") -> dict[str, str]:
    """Return each resource's path in the stack by its name in Terraform."""
    start = f"{stack.node.path}/"
    return {
        node.friendly_unique_id: node.node.path.removeprefix(start)
        for node in stack.node.find_all()
        if isinstance(node, tf.TerraformResource)
    }
