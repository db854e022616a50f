from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    thread = Thread(stack, "late", metadata={"a": "1"})
    thread.metadata = {"b": "2"}
    thread.tools = ["file_search"]
    thread.retain_on_destroy = True
