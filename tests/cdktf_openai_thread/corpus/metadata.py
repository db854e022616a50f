from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai", base_url="https://eu.api.openai.com/v1")
    Thread(stack, "support", metadata={"user_id": "user_123456", "priority": "high", "Team-Name": "x.y"})
