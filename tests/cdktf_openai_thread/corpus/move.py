from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    new = Thread(stack, "new", metadata={"a": "1"})
    new.add_move_target("support")
    Thread(stack, "old", metadata={"a": "1"}).move_to("support")
    Thread(stack, "renamed").move_from_id("openai_thread.before")
