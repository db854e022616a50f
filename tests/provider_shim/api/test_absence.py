"""Which answers prove that an object does not exist, and which only look like it."""

import pytest

from provider_shim.api.absence import is_absent
from provider_shim.contract.identifiers import path_of

CONV = "conv_1a2b"


def openai(message: str, code: str | None = None, kind: str = "invalid_request_error") -> dict[str, object]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


LONG = "/".join(["file", *["bGl0ZWxsbTpmaWxl"] * 18])
"""As a gateway makes them: some 300 characters, with slashes."""

# What was asked for (collection and id, twice where it is in another object), status and body.
PROOFS: dict[str, tuple[tuple[str, ...], int, object]] = {
    "OpenAI, a conversation": (
        ("conversations", CONV),
        404,
        openai(f"Conversation with id '{CONV}' not found."),
    ),
    "OpenAI, a thread": (("threads", "thread_9"), 404, openai("No thread found with id 'thread_9'.")),
    "OpenAI, a file": (("files", "file-7"), 404, openai("No such File object: file-7")),
    "OpenAI, a vector store": (
        ("vector_stores", "vs_3"),
        404,
        openai("Vector store with id 'vs_3' not found."),
    ),
    "OpenAI, a file of a vector store": (
        ("vector_stores", "vs_3", "files", "file-7"),
        404,
        openai("No file found with id 'file-7' in vector store 'vs_3'."),
    ),
    "OpenAI, an item": (
        ("conversations", CONV, "items", "msg_4"),
        404,
        openai(f"Item with id 'msg_4' not found in conversation '{CONV}'."),
    ),
    "OpenAI, an item of a conversation that is gone": (
        ("conversations", CONV, "items", "msg_4"),
        404,
        openai(f"Conversation with id '{CONV}' not found."),
    ),
    "OGX, a conversation": (
        ("conversations", CONV),
        404,
        {"detail": f"Conversation '{CONV}' not found. Use the list call to see all."},
    ),
    "OGX, error in an object": (
        ("conversations", CONV),
        404,
        {"error": {"message": f"Conversation {CONV} not found"}},
    ),
    "OGX, a store, with 400": (
        ("vector_stores", "vs_3"),
        400,
        {"error": {"message": "Vector_store 'vs_3' not found"}},
    ),
    "open-assistant-api, a file": (
        ("files", "file-7"),
        404,
        {
            "error": {
                "code": "resource_not_found",
                "message": "File not found",
                "type": "not_found_error",
                "param": None,
            }
        },
    ),
    "open-assistant-api, a message": (
        ("threads", "thread_9", "messages", "msg_4"),
        404,
        {"error": {"code": "http_error", "message": "Message not found", "type": "", "param": None}},
    ),
    "myla": (("threads", "thread_9"), 404, {"detail": "Thread not found"}),
    "smg": (("conversations", CONV), 404, openai("Conversation not found", "not_found")),
    "smg, an item": (
        ("conversations", CONV, "items", "msg_4"),
        404,
        openai("Item not found in this conversation", "not_found"),
    ),
    "LiteLLM, with a prefix": (
        ("files", LONG),
        404,
        openai(f"litellm.NotFoundError: OpenAIException - No such File object: {LONG}", "404"),
    ),
    "LiteLLM, around a kind": (
        ("threads", "thread_9"),
        404,
        openai("litellm.NotFoundError: NotFoundError: OpenAIException - Thread not found", "None"),
    ),
    "gone": (("files", "file-7"), 410, openai("File 'file-7' does not exist.")),
    "does not exist": (("conversations", CONV), 404, openai(f"The conversation '{CONV}' does not exist.")),
    "a code of its own": (
        ("vector_stores", "vs_3"),
        404,
        openai("Vector store vs_3 not found", "vector_store_not_found"),
    ),
    "an id with such a word in it": (
        ("conversations", "path"),
        404,
        openai("Conversation with id 'path' not found."),
    ),
    "an id that ends a sentence": (("files", "a. b"), 404, openai("File 'a. b' not found")),
    "the id behind all words": (("conversations", CONV), 400, openai(f"Conversation not found: {CONV}")),
    "an id that is named twice": (
        ("conversations", CONV),
        400,
        openai(f"Conversation '{CONV}' not found, {CONV} was asked for"),
    ),
    "words on both sides": (("threads", "thread_9"), 400, openai("No thread 'thread_9' found")),
    "a kind with a full stop": (("threads", "thread_9"), 404, openai("Thread not found.")),
    "a kind in one word": (("vector_stores", "vs_3"), 404, openai("Vector_store not found!")),
}

NO_PROOFS: dict[str, object] = {
    "no JSON": "<html><title>404 Not Found</title></html>",
    "nothing": None,
    "a list": [],
    "an empty object": {},
    "FastAPI without the route": {"detail": "Not Found"},
    "Kong": {"message": "no Route matched with those values"},
    "Spring": {"status": 404, "error": "Not Found", "path": f"/v1/conversations/{CONV}"},
    "Azure, wrong endpoint": {"error": {"code": "404", "message": "Resource not found"}},
    "Azure, wrong deployment": openai(f"The API deployment {CONV} does not exist.", "DeploymentNotFound"),
    "OpenAI, unknown path": openai(f"Invalid URL (GET /v1/conversations/{CONV})"),
    "OpenAI, no words": openai("Not found"),
    "smg, unknown path": openai("Invalid URL (GET /v1/threads/thread_1)", "unknown_url"),
    "nginx in JSON": openai(f"The requested URL /v1/conversations/{CONV} was not found on this server."),
    "a path that names the id": {"detail": f"Path /v1/conversations/{CONV} not found"},
    "another id": openai("Conversation with id 'conv_other' not found."),
    "a longer id": openai(f"Conversation with id '{CONV}c' not found."),
    "an id that ends alike": openai(f"Conversation with id 'x{CONV}' not found."),
    "an id that goes on": openai(f"Conversation with id '{CONV}.json' not found."),
    "something else of it": openai(f"Organization 'org_1' not found for conversation '{CONV}'."),
    "a file of it": openai(f"No file found with id 'file-7' in conversation '{CONV}'."),
    "the organization": openai(f"Organization {CONV} not found"),
    "the project": openai(f"Project '{CONV}' does not exist"),
    "no host for it": openai(f"No upstream found for id '{CONV}'"),
    "the model": openai(f"The model '{CONV}' does not exist", "model_not_found"),
    "access": openai(f"Conversation '{CONV}' does not exist or you do not have access to it."),
    "permission": openai(f"No permission to read: conversation '{CONV}' not found for this key"),
    "locked": openai(f"Conversation '{CONV}' not found", "conversation_locked"),
    "a code of something else": openai(f"Conversation '{CONV}' not found", "permission_denied"),
    "no kind, code alone": openai("Not found", "not_found"),
    "another kind": openai("File not found", "not_found"),
    "a kind that is no object": {"detail": "Route not found"},
    "a kind behind a path": {"detail": "Path /v1/conversations: conversation not found"},
    "a kind and more": openai("Conversation not found in the cache, asking the origin"),
    "error as text": {"error": f"Conversation with id '{CONV}' not found."},
    "a message at the top": {"message": f"Conversation with id '{CONV}' not found."},
    "a text that is a number": {"error": {"message": 404}},
    "a null where the id could be": openai("Conversation with id '\0' not found."),
    "words about a model on both sides": openai(f"No model '{CONV}' found"),
    "words about what may not be done": openai(f"No conversation '{CONV}' can be changed while it runs."),
    "words about nothing on both sides": openai(f"'{CONV}' found"),
}


@pytest.mark.parametrize(("steps", "status", "body"), PROOFS.values(), ids=PROOFS)
def test_the_apis_own_not_found_for_this_object_proves_absence(
    steps: tuple[str, ...], status: int, body: object
) -> None:
    assert is_absent(status, body, path_of(*steps))


@pytest.mark.parametrize("body", NO_PROOFS.values(), ids=NO_PROOFS)
@pytest.mark.parametrize("status", [400, 404, 410])
def test_anything_else_proves_nothing(status: int, body: object) -> None:
    assert not is_absent(status, body, path_of("conversations", CONV))


@pytest.mark.parametrize("status", [200, 301, 401, 403, 405, 409, 422, 429, 500, 502, 503])
@pytest.mark.parametrize(("steps", "_", "body"), PROOFS.values(), ids=PROOFS)
def test_no_other_status_proves_anything(status: int, steps: tuple[str, ...], _: int, body: object) -> None:
    assert not is_absent(status, body, path_of(*steps))


@pytest.mark.parametrize("status", [400, 410])
def test_only_404_may_leave_the_id_away(status: int) -> None:
    assert not is_absent(status, {"detail": "Thread not found"}, "/threads/thread_9")


@pytest.mark.parametrize(("steps", "status", "body"), PROOFS.values(), ids=PROOFS)
def test_a_call_on_no_object_proves_nothing(steps: tuple[str, ...], status: int, body: object) -> None:
    assert not is_absent(status, body, path_of(steps[0]))
