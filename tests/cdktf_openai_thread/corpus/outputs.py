from cdktf import TerraformOutput, TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    thread = Thread(stack, "support")
    TerraformOutput(stack, "id", value=thread.id)
    TerraformOutput(stack, "created_at", value=thread.created_at)
    TerraformOutput(stack, "object", value=thread.object)
    TerraformOutput(stack, "api", value=thread.api)
    TerraformOutput(stack, "message_ids", value=thread.message_ids)
    TerraformOutput(stack, "response_tools", value=thread.response_tools)
    TerraformOutput(stack, "metadata", value=thread.metadata)
    TerraformOutput(stack, "tools", value=thread.tools)
    TerraformOutput(stack, "retain", value=thread.retain_on_destroy)
    TerraformOutput(stack, "fqn", value=thread.fqn)
    TerraformOutput(stack, "type", value=Thread.TF_RESOURCE_TYPE)
