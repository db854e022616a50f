from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    provider = OpenaiProvider(stack, "openai", allow_http=True, query={"version": "v1"}, timeout=10)
    provider.base_url = "http://models.internal/v1"
    provider.max_retries = 1
    provider.project = provider.organization
    provider.reset_timeout()
    provider.alias = "internal"
    Thread(stack, "here", provider=provider, metadata={"base": provider.base_url_input})
