from cdktf import TerraformStack
from constructs import Construct
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


class Desk(Construct):
    def __init__(self, scope: Construct, id_: str, team: str) -> None:
        super().__init__(scope, id_)
        self.thread = Thread(self, "thread", metadata={"team": team})


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    sales = Desk(stack, "sales", "sales")
    Thread(stack, "overview", metadata={"sales": sales.thread.id, "support": Desk(stack, "s", "s").thread.id})
