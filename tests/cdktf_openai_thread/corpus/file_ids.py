from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread, ThreadMessages


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    Thread(
        stack, "old", messages=[ThreadMessages(role="user", content="Read", file_ids=["file-1", "file-2"])]
    )
