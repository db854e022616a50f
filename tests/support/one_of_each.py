"""One deployment with an object of each kind, for whoever only looks at it.

Its API is shared as well: a test may make objects of its own there.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.support.served import ServedApi
from tests.support.terraform import TerraformProject

THREAD = "openai_thread.it"
STORE = "openai_vector_store.it"
IDENTITIES = {
    THREAD: ["id"],
    "openai_message.it": ["thread_id", "id"],
    "openai_file.it": ["id"],
    STORE: ["id"],
    "openai_vector_store_file.it": ["vector_store_id", "file_id"],
}
"""Attributes that the identity of each resource is made of. A set of threads has none."""
RESOURCES: dict[str, Any] = {
    "openai_thread": {"it": {"metadata": {"a": "b"}, "messages": [{"role": "user", "content": "one"}]}},
    "openai_thread_set": {"it": {"threads": {"acme": {"metadata": {"team": "a"}}}}},
    "openai_message": {"it": {"thread_id": f"${{{THREAD}.id}}", "role": "user", "content": "two"}},
    "openai_file": {"it": {"filename": "a.md", "content": "# The answer is 42."}},
    "openai_vector_store": {"it": {"name": "Knowledge"}},
    "openai_vector_store_file": {
        "it": {"vector_store_id": f"${{{STORE}.id}}", "file_id": "${openai_file.it.id}"}
    },
}


class OneOfEach(NamedTuple):
    """The deployment, its API and its state."""

    terraform: TerraformProject
    api: ServedApi
    state: Mapping[str, Mapping[str, Any]]

    def identity(self, address: str) -> dict[str, Any]:
        """Return the identity of an object."""
        return {name: self.state[address][name] for name in IDENTITIES[address]}

    def identities(self) -> dict[str, dict[str, Any]]:
        """Return the identities of all objects that have one, by address."""
        return {address: self.identity(address) for address in IDENTITIES}

    def configuration(self, **more: Any) -> dict[str, Any]:
        """Return what was applied, with other parts in place of it; what is None is left out."""
        parts = {"provider": {"openai": {"base_url": self.api.base_url}}, "resource": RESOURCES, **more}
        return {name: each for name, each in parts.items() if each is not None}


def one_of_each(terraform: TerraformProject, api: ServedApi) -> OneOfEach:
    """Make an object of each kind."""
    made = OneOfEach(terraform, api, {})
    terraform.write(made.configuration()).apply()
    return made._replace(state=terraform.state())
