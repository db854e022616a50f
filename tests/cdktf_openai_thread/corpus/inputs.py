from cdktf import TerraformOutput, TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    first = Thread(stack, "first", metadata={"a": "1"}, tools=["file_search"], retain_on_destroy=True)
    second = Thread(
        stack,
        "second",
        metadata=first.metadata_input,
        tools=first.tools_input,
        retain_on_destroy=first.retain_on_destroy_input,
    )
    TerraformOutput(stack, "absent", value=second.messages_input is None)
