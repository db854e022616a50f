"""Writes what the package makes public, and the construct of a resource that has none yet."""

from collections.abc import Sequence

from scripts.constructs.module import HEAD, given_names
from scripts.constructs.subjects import Subject
from scripts.constructs.text import docstring

_MORE = {
    "any_thread": ("ExistingThread", "IThread"),
    "errors": ("ConfigurationError",),
    "thread_set": ("ThreadOfSet",),
}
"""What a person wrote beside the constructs, by module."""
_VERSION = "from provider_shim import __version__"


def public(subjects: Sequence[Subject]) -> str:
    """Return the package's `__init__`: the constructs, and what is given to them."""
    found = {f"cdktf_openai_thread.{module}": list(names) for module, names in _MORE.items()}
    for each in subjects:
        found.setdefault(f"cdktf_openai_thread.{each.module}", []).append(each.name)
        found.setdefault("cdktf_openai_thread.bindings", []).extend(given_names(each))
    names = sorted([*(name for those in found.values() for name in those), "__version__"])
    return "\n".join(
        [
            HEAD.format("the contract"),
            '"""OpenAI threads as infrastructure: constructs for CDKTF, with the provider they need."""\n',
            *(f"from {module} import {', '.join(those)}" for module, those in found.items()),
            "from cdktf_openai_thread.synth.app import watch",
            _VERSION,
            "",
            f"__all__ = {names!r}",
            "",
            "watch()",
        ]
    )


def construct(of: Subject) -> str:
    """Return the module of a construct that adds nothing to what is generated; a person's from then on."""
    bindings = f"cdktf_openai_thread.bindings.{of.module}"
    return "\n".join(
        [
            f'"""{of.name}, as a construct."""\n',
            f"from {bindings} import *  # noqa: F403 - what is given to it, and refers to it",
            f"from {bindings} import {of.name}Base\n\n",
            f"class {of.name}({of.name}Base):",
            docstring(of.contract.description, of.name, 4),
        ]
    )
