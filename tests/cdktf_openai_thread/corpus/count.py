from cdktf import TerraformCount, TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    three = TerraformCount.of(3)
    Thread(stack, "numbered", count=three, metadata={"number": "n" + str(three.index)})
    Thread(stack, "two", count=2)
