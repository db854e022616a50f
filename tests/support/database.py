"""The embedded API's file, seen as an application sees it: through the OpenAI SDK."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import httpx2
from openai import AsyncOpenAI, NotFoundError
from openai.types.conversations import Conversation, Message
from starlette.applications import Starlette

from provider_shim.local.app import create_app

Answer = TypeVar("Answer")


class Database:
    """Reads and changes what the provider keeps in a `sqlite:` file, from outside Terraform."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def behind(self) -> Path | str | Starlette:
        """What a server in front of it has behind it."""
        return self.path

    @property
    def takes_nulls(self) -> bool:
        """Whether a null takes a key out of metadata, which OpenAI's document does not know."""
        return False

    @property
    def base_url(self) -> str:
        """What to give the provider as base_url."""
        return f"sqlite:{self.path}"

    def ask(self, question: Callable[[AsyncOpenAI], Awaitable[Answer]]) -> Answer:
        """Let the SDK ask the embedded API anything."""

        async def asking() -> Answer:
            app = create_app(self.path)
            try:
                async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app)) as http:
                    client = AsyncOpenAI(
                        api_key="none", base_url="http://embedded/v1", http_client=http, max_retries=0
                    )
                    return await question(client)
            finally:
                app.state.store.close()

        return asyncio.run(asking())

    def conversation(self, conversation_id: str) -> Conversation | None:
        """Return a conversation, or None where there is none."""
        try:
            return self.ask(lambda client: client.conversations.retrieve(conversation_id))
        except NotFoundError:
            return None

    def messages(self, conversation_id: str) -> list[tuple[str, str]]:
        """Return the role and the text of each message, oldest first."""

        async def listing(client: AsyncOpenAI) -> list[tuple[str, str]]:
            items = client.conversations.items.list(conversation_id, order="asc")
            return [(each.role, _text(each)) async for each in items if isinstance(each, Message)]

        return self.ask(listing)

    def say(self, conversation_id: str, role: str, text: str) -> str:
        """Add a message as an application would; return its id."""

        async def adding(client: AsyncOpenAI) -> str:
            added = await client.conversations.items.create(
                conversation_id,
                items=[{"type": "message", "role": role, "content": text}],  # type: ignore[misc, list-item]
            )
            return str(added.first_id)

        return self.ask(adding)

    def delete_message(self, conversation_id: str, message_id: str) -> None:
        """Delete one message as an application would."""
        self.ask(
            lambda client: client.conversations.items.delete(message_id, conversation_id=conversation_id)
        )

    def delete_conversation(self, conversation_id: str) -> None:
        """Delete a conversation behind Terraform's back."""
        self.ask(lambda client: client.conversations.delete(conversation_id))


class Peer(Database):
    """A third-party server of the Conversations API, at an address such as http://127.0.0.1:1234."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    @property
    def behind(self) -> str:
        """What a server in front of it has behind it."""
        return self.origin

    @property
    def takes_nulls(self) -> bool:
        """Whether a null takes a key out of metadata: it merges."""
        return True

    def ask(self, question: Callable[[AsyncOpenAI], Awaitable[Answer]]) -> Answer:
        """Let the SDK ask the server anything."""

        async def asking() -> Answer:
            async with AsyncOpenAI(api_key="none", base_url=f"{self.origin}/v1", max_retries=0) as client:
                return await question(client)

        return asyncio.run(asking())


def _text(message: Message) -> str:
    return "".join(getattr(part, "text", "") for part in message.content)
