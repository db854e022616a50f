from cdktf import LocalExecProvisioner, TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    announce = LocalExecProvisioner(type="local-exec", command="echo made")
    Thread(stack, "announced", provisioners=[announce])
