from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread, ThreadMessages


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    question = ThreadMessages(role="user", content="What is new?")
    again = ThreadMessages(role=question.role, content=question.content, metadata=question.metadata)
    Thread(stack, "same", messages=[again] if again == question else [])
