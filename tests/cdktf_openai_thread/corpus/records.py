from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread, ThreadMessages


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    greeting = ThreadMessages(role="user", content="Hello!", metadata={"topic": "onboarding"})
    Thread(stack, "onboarding", messages=[greeting, ThreadMessages(role="assistant", content="Hi.")])
