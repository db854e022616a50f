"""What the page is shown with: everything that a database can hold, the hostile included."""

from collections.abc import Mapping
from typing import Any, Final

from openai import OpenAI

MARKUP: Final = "<script>document.title = 'owned'</script><img src=x onerror=alert(1)>"
ATTRIBUTE: Final = "\"'><b onmouseover=alert(1)>"
TURNED: Final = "invoice\u202efdp.exe"
TURNED_SHOWN: Final = "invoice[U+202E]fdp.exe"
ELSEWHERE: Final = "https://elsewhere.example/cat.png"
RIGHT_TO_LEFT: Final = "مرحبا بالعالم"
WIDE: Final = "W" * 500
LARGE: Final = "0123456789abcdef" * 65_536
"""A text of 1 MiB without a place to break it."""

OURS: Final = {"x-openai-thread-client": "terraform"}


def fill(base_url: str, api_key: str = "none") -> Mapping[str, str]:
    """Fill a database as Terraform and an application would; return the ids of what was made."""
    with (
        OpenAI(base_url=base_url, api_key=api_key, default_headers=OURS) as terraform,
        OpenAI(base_url=base_url, api_key=api_key) as application,
    ):
        stored = _stored(terraform, application)
        return {
            **stored,
            "conversation": _conversation(terraform, application, stored["document"]),
            "hostile": _hostile(terraform, application),
            "large": application.conversations.create(items=[_said("user", LARGE)]).id,
            "thread": _thread(terraform, stored),
        }


def _said(role: str, content: Any) -> Any:
    return {"type": "message", "role": role, "content": content}


def _stored(terraform: OpenAI, application: OpenAI) -> dict[str, str]:
    returns = b"# Returns\n\nA parcel can be returned within 30 days.\n"
    document = terraform.files.create(file=("returns.md", returns), purpose="assistants")
    binary = application.files.create(file=(TURNED, bytes(range(256))), purpose="user_data")
    store = terraform.vector_stores.create(
        name="Knowledge", description=MARKUP, file_ids=[document.id], metadata={"team": "support"}
    )
    application.vector_stores.files.create_and_poll(binary.id, vector_store_id=store.id)
    return {"document": document.id, "binary": binary.id, "store": store.id}


def _conversation(terraform: OpenAI, application: OpenAI, file_id: str) -> str:
    made = terraform.conversations.create(
        metadata={"team": "support", "Größe": "ÜBER"},
        items=[_said("system", "Be kind."), _said("user", "Where is my parcel?")],
    )
    attached = [{"type": "input_text", "text": "See the file."}, {"type": "input_file", "file_id": file_id}]
    application.conversations.items.create(
        made.id,
        items=[
            {"type": "function_call", "call_id": "call_1", "name": "find", "arguments": '{"number":4711}'},
            {"type": "function_call_output", "call_id": "call_1", "output": "shipped"},
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Easy."}]},
            _said("assistant", [{"type": "output_text", "text": "It was shipped.", "annotations": []}]),
            _said("assistant", [{"type": "refusal", "refusal": "That I can't say."}]),
            _said("user", attached),
        ],
    )
    return made.id


def _hostile(terraform: OpenAI, application: OpenAI) -> str:
    made = terraform.conversations.create(
        metadata={MARKUP[:64]: ATTRIBUTE, "wide": WIDE}, items=[_said("user", MARKUP)]
    )
    image = [{"type": "input_image", "image_url": ELSEWHERE}, {"type": "input_text", "text": TURNED}]
    application.conversations.items.create(
        made.id,
        items=[
            _said("user", ATTRIBUTE),
            _said("user", image),
            _said("user", "\x00\x1b[31m a\nb\tc\u2028d\U000e0001"),
            _said("user", RIGHT_TO_LEFT),
            _said("user", WIDE),
            _said("user", [{"type": "input_file", "filename": MARKUP, "file_url": ELSEWHERE}]),
            {"type": "custom_tool_call", "call_id": "call_2", "name": MARKUP, "input": ATTRIBUTE},
        ],
    )
    return made.id


def _thread(terraform: OpenAI, stored: Mapping[str, str]) -> str:
    attachment: Any = {"file_id": stored["document"], "tools": [{"type": "file_search"}]}
    made = terraform.post(
        "/threads",
        cast_to=dict[str, Any],
        body={
            "messages": [
                {
                    "role": "user",
                    "content": "An older thread.",
                    "attachments": [attachment],
                    "metadata": {"topic": "age"},
                }
            ],
            "tool_resources": {"file_search": {"vector_store_ids": [stored["store"]]}},
        },
    )
    return str(made["id"])
