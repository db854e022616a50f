"""Configurations with a vector store, and what the API has in it."""

from typing import Any

from tests.support.served import ServedApi

ADDRESS = "openai_vector_store.it"


def store(api: ServedApi, files: int = 0, **config: Any) -> dict[str, Any]:
    """Return a store with the first ``files`` of openai_file.doc."""
    if files:
        config["file_ids"] = [f"${{openai_file.doc[{number}].id}}" for number in range(files)]
    return {
        "provider": {"openai": {"base_url": api.base_url}},
        "resource": {
            "openai_file": {
                "doc": {
                    "count": 3,
                    "filename": "doc${count.index}.md",
                    "content": "# Document ${count.index}\n\nThe answer is ${count.index}.",
                }
            },
            "openai_vector_store": {"it": config},
        },
    }


def files_in(api: ServedApi, identifier: str) -> list[str]:
    """Return the ids of the files that the API has in a store."""

    async def listing(client: Any) -> list[str]:
        return sorted([each.id async for each in client.vector_stores.files.list(identifier)])

    return api.database.ask(listing)
