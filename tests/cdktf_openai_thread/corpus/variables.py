from cdktf import TerraformStack, TerraformVariable, Token
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    key = TerraformVariable(stack, "openai_key", type="string", sensitive=True)
    greeting = TerraformVariable(stack, "greeting", type="string", default="Hello")
    pairs = TerraformVariable(stack, "pairs", type="map(string)")
    OpenaiProvider(stack, "openai", api_key=key.string_value)
    Thread(stack, "a", metadata={"greeting": greeting.string_value})
    Thread(stack, "b", messages=[{"role": "user", "content": greeting.string_value + " there"}])
    Thread(stack, "c", metadata=Token.as_string_map(pairs.value))
