from cdktf import TerraformStack
from imports.openai.message import Message, MessageAttachments
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    thread = Thread(stack, "support")
    Message(
        stack,
        "notice",
        thread_id=thread.id,
        role="user",
        content="Maintenance tonight",
        metadata={"kind": "notice"},
        attachments=[MessageAttachments(file_id="file-1")],
    )
