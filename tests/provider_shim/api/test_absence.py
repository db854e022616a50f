"""Which answers prove that an object does not exist, and which only look like it."""

import json

import pytest

from provider_shim.api.absence import is_absent

CONV = "conv_1a2b"


def openai(message: str, code: str | None = None, kind: str = "invalid_request_error") -> dict[str, object]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


PROOFS = {
    "OpenAI, a conversation": (CONV, openai(f"Conversation with id '{CONV}' not found.")),
    "OpenAI, a thread": ("thread_9", openai("No thread found with id 'thread_9'.")),
    "OpenAI, a file": ("file-7", openai("No such File object: file-7")),
    "OpenAI, a vector store": ("vs_3", openai("Vector store with id 'vs_3' not found.")),
    "OpenAI, a file of a vector store": (
        "file-7",
        openai("No file found with id 'file-7' in vector store 'vs_3'."),
    ),
    "OpenAI, an item": ("msg_4", openai(f"Item with id 'msg_4' not found in conversation '{CONV}'.")),
    "OGX": (CONV, {"detail": f"Conversation '{CONV}' not found. Use the list call to see all."}),
    "OGX, error in an object": (CONV, {"error": {"message": f"Conversation {CONV} not found"}}),
    "does not exist": (CONV, openai(f"The conversation '{CONV}' does not exist.")),
    "smg, which names no id": (CONV, openai("Conversation not found", "not_found")),
    "smg, an item": ("msg_4", openai("Item not found in this conversation", "not_found")),
    "an id with such a word in it": ("path", openai("Conversation with id 'path' not found.")),
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
    "something else of it": openai(f"Organization 'org_1' not found for conversation '{CONV}'."),
    "the organization": openai(f"Organization {CONV} not found"),
    "no host for it": openai(f"No upstream found for id '{CONV}'"),
    "the model": openai(f"The model '{CONV}' does not exist", "model_not_found"),
    "no kind, code alone": openai("Not found", "not_found"),
    "no code": openai("Conversation not found"),
    "half an error": {"error": {"message": "Conversation not found", "code": "not_found"}},
    "error as text": {"error": f"Conversation with id '{CONV}' not found."},
    "a message at the top": {"message": f"Conversation with id '{CONV}' not found."},
}


@pytest.mark.parametrize(("identifier", "body"), PROOFS.values(), ids=PROOFS)
def test_the_apis_own_not_found_for_this_id_proves_absence(identifier: str, body: object) -> None:
    assert is_absent(404, body, identifier)


@pytest.mark.parametrize("body", NO_PROOFS.values(), ids=NO_PROOFS)
def test_anything_else_with_404_proves_nothing(body: object) -> None:
    assert not is_absent(404, body, CONV)


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 405, 410, 429, 500, 502, 503])
@pytest.mark.parametrize("body", [body for _, body in PROOFS.values()], ids=PROOFS)
def test_no_other_status_proves_anything(status: int, body: object) -> None:
    assert not any(is_absent(status, body, identifier) for identifier, _ in PROOFS.values())


@pytest.mark.parametrize(("identifier", "body"), PROOFS.values(), ids=PROOFS)
def test_an_empty_id_is_never_absent(identifier: str, body: object) -> None:
    assert identifier in json.dumps(body) or "not_found" in json.dumps(body)
    assert not is_absent(404, body, "")
