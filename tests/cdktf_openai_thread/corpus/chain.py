from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    first = Thread(stack, "first")
    second = Thread(stack, "second", metadata={"parent": first.id, "object": first.object})
    Thread(stack, "third", metadata={"text": "after " + second.id + " and " + first.id})
