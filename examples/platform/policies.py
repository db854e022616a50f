"""Rules of the platform team: aspects, which see every construct of a stack before it is synthesized."""

from typing import Any

import jsii
from cdktf import Annotations, IAspect
from constructs import IConstruct

from cdktf_openai_thread import Thread, ThreadSet, VectorStore


@jsii.implements(IAspect)
class Tagged:
    """Puts metadata on every thread and vector store. What one has of its own under such a key stays."""

    def __init__(self, **tags: str) -> None:
        """Take the tags."""
        self._tags = tags

    def visit(self, node: IConstruct) -> None:
        """Add the tags."""
        if isinstance(node, Thread | VectorStore):
            node.metadata = {**self._tags, **(node.metadata_input or {})}
        elif isinstance(node, ThreadSet):
            self._tag(node)

    def _tag(self, threads: ThreadSet) -> None:
        if threads.threads_input is None:
            Annotations.of(threads).add_warning("only the deploy knows which threads there are: not tagged")
            return
        for key, thread in threads.threads_input.items():
            own: Any = thread.get("metadata", {})
            tagged: dict[str, Any] = {**thread, "metadata": {**self._tags, **own}}
            threads.add(key, **tagged)


@jsii.implements(IAspect)
class RetainedThreads:
    """Forbids threads that a destroy would delete, and with them what customers wrote."""

    def visit(self, node: IConstruct) -> None:
        """Refuse threads without retain_on_destroy."""
        if isinstance(node, Thread):
            self._look_at(node, "thread", retained=node.retain_on_destroy_input)
        elif isinstance(node, ThreadSet):
            shared = node.retain_on_destroy_input
            for key, thread in (node.threads_input or {"threads": {}}).items():
                self._look_at(node, key, retained=thread.get("retain_on_destroy", shared))

    @staticmethod
    def _look_at(node: IConstruct, name: str, *, retained: object) -> None:
        if not retained:
            Annotations.of(node).add_error(f"production needs retain_on_destroy=True: {name}")
