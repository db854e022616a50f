from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread, ThreadConfig


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    config = ThreadConfig(metadata={"a": "1"}, retain_on_destroy=False)
    Thread(stack, "configured", metadata=config.metadata, retain_on_destroy=config.retain_on_destroy)
