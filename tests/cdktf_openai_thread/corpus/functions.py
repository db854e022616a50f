from cdktf import Fn, TerraformLocal, TerraformStack, Token
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    team = TerraformLocal(stack, "team", "Research")
    Thread(stack, "a", metadata={"team": Fn.lower(team.as_string)})
    Thread(stack, "b", messages=[{"role": "user", "content": Fn.join(", ", ["one", team.as_string])}])
    Thread(stack, "c", tools=Token.as_list(Fn.tolist(["file_search"])))
