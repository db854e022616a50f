from cdktf import TerraformStack
from imports.openai import provider, thread


def build(stack: TerraformStack) -> None:
    provider.OpenaiProvider(stack, "openai")
    thread.Thread(stack, "support", messages=[thread.ThreadMessages(role="user", content="Hello")])
