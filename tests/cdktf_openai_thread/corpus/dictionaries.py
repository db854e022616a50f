from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    Thread(
        stack,
        "onboarding",
        messages=[
            {"role": "user", "content": "Hello!", "metadata": {"a-b": "1"}},
            {"role": "assistant", "content": "Hi.", "metadata": {"model": "gpt"}},
        ],
    )
