from cdktf import TerraformIterator, TerraformStack, Token
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    names = TerraformIterator.from_list(["a", "b"])
    Thread(stack, "names", for_each=names, metadata={"name": Token.as_string(names.value)})
