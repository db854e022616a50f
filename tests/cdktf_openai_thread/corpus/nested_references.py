from cdktf import TerraformOutput, TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    thread = Thread(stack, "support")
    TerraformOutput(stack, "content", value=thread.messages.get(0).content)
    TerraformOutput(stack, "pairs", value=thread.messages.get(1).metadata)
    TerraformOutput(stack, "file", value=thread.messages.get(0).attachments.get(2).file_id)
    TerraformOutput(stack, "stores", value=thread.tool_resources.file_search.vector_store_ids)
    TerraformOutput(stack, "files", value=thread.tool_resources.code_interpreter.file_ids)
    TerraformOutput(stack, "all_messages", value=thread.messages)
    TerraformOutput(stack, "all_resources", value=thread.tool_resources)
