"""The same resource on `tf`, the provider framework of PyPI, written as its users would with the SDK.

Terraform starts it, in a virtual environment of its own that has `tf` and `openai`.
"""

from typing import Any

from openai import NotFoundError, OpenAI
from tf.iface import CreateContext, DeleteContext, ReadContext, Resource, UpdateContext
from tf.provider import Provider
from tf.runner import run_provider
from tf.schema import Attribute, Schema
from tf.types import List, Map, Number, String
from tf.utils import Diagnostics


class Thread(Resource):
    """A conversation and its messages. `tf` has no nested attributes: a message is a map."""

    def __init__(self, provider: "Peer") -> None:
        self.client = provider.client

    @classmethod
    def get_name(cls) -> str:
        """`peer_thread`, without the prefix."""
        return "thread"

    @classmethod
    def get_schema(cls) -> Schema:
        """What ours has, as far as the benchmark uses it."""
        return Schema(
            attributes=[
                Attribute("id", String(), computed=True),
                Attribute("created_at", Number(), computed=True),
                Attribute("metadata", Map(String()), optional=True),
                Attribute("messages", List(Map(String())), optional=True, requires_replace=True),
                Attribute("message_ids", List(String()), computed=True),
            ]
        )

    def create(self, ctx: CreateContext, planned: dict[str, Any]) -> dict[str, Any]:
        """Make the conversation, then its messages: only that answer has their ids."""
        made = self.client.conversations.create(metadata=planned["metadata"])
        ids: list[str] = []
        if planned["messages"]:
            items = [{"type": "message", **message} for message in planned["messages"]]
            ids = [each.id for each in self.client.conversations.items.create(made.id, items=items).data]
        return {**planned, "id": made.id, "created_at": made.created_at, "message_ids": ids}

    def read(self, ctx: ReadContext, current: dict[str, Any]) -> dict[str, Any] | None:
        """Read both."""
        try:
            found = self.client.conversations.retrieve(current["id"])
        except NotFoundError:
            return None
        items = list(self.client.conversations.items.list(current["id"], order="asc", limit=100))
        messages = [{"role": each.role, "content": each.content[0].text} for each in items]
        ids = [each.id for each in items]
        return {**current, "metadata": found.metadata, "messages": messages, "message_ids": ids}

    def update(self, ctx: UpdateContext, current: dict[str, Any], planned: dict[str, Any]) -> dict[str, Any]:
        """Send the metadata."""
        self.client.conversations.update(current["id"], metadata=planned["metadata"])
        return {**current, **planned}

    def delete(self, ctx: DeleteContext, current: dict[str, Any]) -> None:
        """Delete it."""
        self.client.conversations.delete(current["id"])


class Peer(Provider):
    """Takes the address and the key from the environment."""

    client: OpenAI

    def full_name(self) -> str:
        """The address of benchmarks/deploys.py."""
        return "localhost/benchmarks/peer"

    def get_model_prefix(self) -> str:
        """What the type's name begins with."""
        return "peer_"

    def get_provider_schema(self, diags: Diagnostics) -> Schema:
        """Nothing to configure."""
        return Schema()

    def validate_config(self, diags: Diagnostics, config: dict[str, Any]) -> None:
        """Nothing to check."""

    def configure_provider(self, diags: Diagnostics, config: dict[str, Any]) -> None:
        """Make the client."""
        self.client = OpenAI()

    def get_data_sources(self) -> list[Any]:
        """There are none."""
        return []

    def get_resources(self) -> list[Any]:
        """The one."""
        return [Thread]

    def new_resource(self, klass: Any) -> Resource:
        """Terraform validates before it configures: there is no client yet."""
        if not hasattr(self, "client"):
            self.client = None  # type: ignore[assignment]
        return klass(self)


if __name__ == "__main__":
    run_provider(Peer())
