"""Read conversations back through the OpenAI SDK, from the database that the deployment wrote.

    python read_back.py DATABASE OUTPUTS

DATABASE is the file behind base_url = "sqlite:DATABASE"; OUTPUTS is what `cdktf deploy
--outputs-file OUTPUTS` wrote. Every output that is the id of a conversation is read.
"""

import asyncio
import json
import sys
from pathlib import Path

import httpx2
from openai import AsyncOpenAI

from provider_shim.local.app import create_app


def conversation_ids(outputs: Path) -> dict[str, str]:
    """Return the conversations among the outputs of all stacks: the output's name and the id."""
    stacks = json.loads(outputs.read_text())
    values = ((name, value) for stack in stacks.values() for name, value in stack.items())
    return {name: value for name, value in values if isinstance(value, str) and value.startswith("conv_")}


async def show(client: AsyncOpenAI, name: str, conversation_id: str) -> None:
    """Print one conversation: its metadata, and each message's role and text."""
    conversation = await client.conversations.retrieve(conversation_id)
    print(f"{name}: {conversation.id}")
    print(f"  metadata: {json.dumps(conversation.metadata)}")
    async for item in client.conversations.items.list(conversation_id, order="asc"):
        if item.type == "message":
            text = "".join(getattr(part, "text", "") for part in item.content)
            print(f"  {item.role}: {text}")


async def main(database: Path, outputs: Path) -> None:
    """Print every conversation that the outputs name."""
    transport = httpx2.ASGITransport(app=create_app(database))
    async with httpx2.AsyncClient(transport=transport) as http:
        client = AsyncOpenAI(api_key="none", base_url="http://embedded/v1", http_client=http)
        for name, conversation_id in conversation_ids(outputs).items():
            await show(client, name, conversation_id)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
