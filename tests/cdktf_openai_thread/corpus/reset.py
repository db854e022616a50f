from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    thread = Thread(
        stack,
        "bare",
        metadata={"a": "1"},
        tools=["file_search"],
        tool_resources={"file_search": {"vector_store_ids": ["vs_1"]}},
        messages=[{"role": "user", "content": "Hello"}],
        retain_on_destroy=True,
    )
    thread.reset_metadata()
    thread.reset_tools()
    thread.reset_tool_resources()
    thread.reset_messages()
    thread.reset_retain_on_destroy()
