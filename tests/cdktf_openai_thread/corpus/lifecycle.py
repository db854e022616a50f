from cdktf import TerraformResourceLifecycle, TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    kept = TerraformResourceLifecycle(prevent_destroy=True, ignore_changes=["metadata"])
    first = Thread(stack, "kept", lifecycle=kept)
    Thread(stack, "new", lifecycle={"create_before_destroy": True}, depends_on=[first])
