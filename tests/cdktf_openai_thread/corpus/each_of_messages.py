from cdktf import TerraformIterator, TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    first = Thread(stack, "first", messages=[{"role": "user", "content": "Hello"}])
    messages = TerraformIterator.from_complex_list(first.messages, "role")
    Thread(stack, "by_role", for_each=messages, metadata={"role": messages.get_string("role")})
