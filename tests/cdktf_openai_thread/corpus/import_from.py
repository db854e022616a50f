from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    provider = OpenaiProvider(stack, "openai")
    Thread(stack, "known", metadata={"a": "1"}).import_from("conv_1")
    Thread(stack, "known_there").import_from("conv_2", provider)
