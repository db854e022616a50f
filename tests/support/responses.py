"""What tests of responses have in common: the events of a stream, and files that can be searched."""

from typing import Any

import openai

from tests.support.openapi import validate_event


async def events_of(stream: Any) -> list[Any]:
    """Return the events of a stream, each checked against OpenAI's document, and their numbers."""
    events = [event async for event in stream]
    for event in events:
        validate_event(event.to_dict())
    assert [event.sequence_number for event in events] == list(range(len(events)))
    return events


async def searchable(sdk: openai.AsyncOpenAI, files: dict[str, tuple[str, dict[str, Any]]]) -> str:
    """Make a vector store of files, given by name with text and attributes; return its id."""
    store = await sdk.vector_stores.create()
    for name, (text, attributes) in files.items():
        file = await sdk.files.create(file=(name, text.encode()), purpose="assistants")
        await sdk.vector_stores.files.create_and_poll(
            file.id, vector_store_id=store.id, attributes=attributes
        )
    return store.id
