"""What the copy of OpenAI's document does not have, and is served: described by the copy's schemas.

``/models`` and the operations on one response are as the types of the installed ``openai`` package
have them; the lists of conversations and threads as Azure AI Foundry has them.
"""

from typing import Any

_RESPONSE = {"$ref": "#/components/schemas/Response"}
_MODEL = {
    "type": "object",
    "required": ["id", "object", "created", "owned_by"],
    "properties": {
        "id": {"type": "string"},
        "object": {"const": "model"},
        "created": {"type": "integer"},
        "owned_by": {"type": "string"},
    },
}
_DELETED = {
    "type": "object",
    "required": ["id", "object", "deleted"],
    "properties": {"id": {"type": "string"}, "object": {"const": "response"}, "deleted": {"const": True}},
}
_ITEMS = {"$ref": "#/components/schemas/ConversationItemList"}
_ID = {"in": "path", "name": "response_id", "required": True, "schema": {"type": "string"}}
_INCLUDE = {
    "in": "query",
    "name": "include",
    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/IncludeEnum"}},
}


def _operation(name: str, answered: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": name,
        "parameters": list(parameters),
        "responses": {"200": {"content": {"application/json": {"schema": answered}}}},
    }


def _list(name: str, each: str) -> dict[str, Any]:
    ids = {name: {"type": "string"} for name in ("first_id", "last_id")}
    return _operation(
        name,
        {
            "type": "object",
            "required": ["object", "data", "first_id", "last_id", "has_more"],
            "properties": {
                "object": {"const": "list"},
                "data": {"type": "array", "items": {"$ref": f"#/components/schemas/{each}"}},
                "has_more": {"type": "boolean"},
                **ids,
            },
        },
        {"in": "query", "name": "limit", "schema": {"type": "integer"}},
        {"in": "query", "name": "order", "schema": {"type": "string", "enum": ["asc", "desc"]}},
        *({"in": "query", "name": cursor, "schema": {"type": "string"}} for cursor in ("after", "before")),
    )


PATHS: dict[str, Any] = {
    "/conversations": {"get": _list("listConversations", "ConversationResource")},
    "/threads": {"get": _list("listThreads", "ThreadObject")},
    "/responses/{response_id}/input_items": {
        "get": _operation(
            "listInputItems",
            _ITEMS,
            _ID,
            _INCLUDE,
            {"in": "query", "name": "limit", "schema": {"type": "integer"}},
            {"in": "query", "name": "order", "schema": {"type": "string", "enum": ["asc", "desc"]}},
            {"in": "query", "name": "after", "schema": {"type": "string"}},
        )
    },
    "/responses/{response_id}/cancel": {"post": _operation("cancelResponse", _RESPONSE, _ID)},
    "/responses/{response_id}": {
        "get": _operation("getResponse", _RESPONSE, _ID, _INCLUDE),
        "delete": _operation("deleteResponse", _DELETED, _ID),
    },
    "/models": {
        "get": _operation(
            "listModels",
            {
                "type": "object",
                "required": ["object", "data"],
                "properties": {"object": {"const": "list"}, "data": {"type": "array", "items": _MODEL}},
            },
        )
    },
    "/models/{model}": {
        "get": _operation(
            "retrieveModel",
            _MODEL,
            {"in": "path", "name": "model", "required": True, "schema": {"type": "string"}},
        )
    },
}
