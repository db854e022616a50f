from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    thread = Thread(stack, "support", metadata={"a": "1"})
    thread.add_override("metadata.b", "2")
    thread.add_override("lifecycle.ignore_changes", ["metadata"])
    thread.override_logical_id("renamed")
