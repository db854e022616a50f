"""The support desk's application: it answers questions in the thread that the stack has deployed.

    python application.py QUESTION…

Where the API is, it takes from the SDK's own environment variables, so the same program runs offline and
with OpenAI.
"""

import json
import sys
from pathlib import Path
from typing import Any

from openai import OpenAI

MODEL = "gpt-5"
FIND_ORDER: Any = {
    "type": "function",
    "name": "find_order",
    "description": "Look up the state of an order.",
    "parameters": {
        "type": "object",
        "properties": {"number": {"type": "integer"}},
        "required": ["number"],
        "additionalProperties": False,
    },
    "strict": True,
}
ORDERS = {42: "shipped yesterday"}


def find_order(number: int) -> str:
    """Return the state of an order."""
    return ORDERS.get(number, "unknown")


def ask(client: OpenAI, thread_id: str, tools: list[Any], question: str) -> str:
    """Ask in the thread, run what the model wants to know, and return its answer with its sources."""
    given: Any = question
    while True:
        response = client.responses.create(
            model=MODEL, conversation=thread_id, input=given, tools=[*tools, FIND_ORDER]
        )
        calls = [item for item in response.output if item.type == "function_call"]
        if not calls:
            return response.output_text + _sources(response)
        given = [
            {
                "type": "function_call_output",
                "call_id": call.call_id,
                "output": find_order(**json.loads(call.arguments)),
            }
            for call in calls
        ]


def _sources(response: Any) -> str:  # noqa: ANN401 - the SDK's response
    names = [
        annotation.filename
        for item in response.output
        if item.type == "message"
        for part in item.content
        for annotation in getattr(part, "annotations", ())
        if annotation.type == "file_citation"
    ]
    return f" ({', '.join(dict.fromkeys(names))})" if names else ""


def main(questions: list[str]) -> None:
    """Ask each question, and print the answer."""
    [desk] = json.loads(Path("outputs.json").read_text()).values()
    client = OpenAI()
    for question in questions:
        print(f"> {question}")
        print(ask(client, desk["support_id"], json.loads(desk["support_response_tools"]), question))


if __name__ == "__main__":
    main(sys.argv[1:])
