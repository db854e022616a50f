from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    eu = OpenaiProvider(stack, "eu", alias="eu", base_url="https://eu.api.openai.com/v1", project="proj_1")
    OpenaiProvider(stack, "us", organization="org-1", timeout=30, max_retries=2)
    Thread(stack, "in_eu", provider=eu)
    Thread(stack, "in_us")
