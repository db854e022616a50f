from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread, ThreadMessages, ThreadMessagesAttachments


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai", api="threads")
    attachment = ThreadMessagesAttachments(file_id="file-1", tools=["file_search", "code_interpreter"])
    Thread(
        stack, "report", messages=[ThreadMessages(role="user", content="Sum up", attachments=[attachment])]
    )
