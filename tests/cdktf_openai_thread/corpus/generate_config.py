from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    provider = OpenaiProvider(stack, "openai")
    Thread.generate_config_for_import(stack, "found", "conv_1")
    Thread.generate_config_for_import(stack, "found_there", "conv_2", provider)
