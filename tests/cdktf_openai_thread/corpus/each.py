from cdktf import TerraformIterator, TerraformOutput, TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    customers = TerraformIterator.from_map({"acme": {"tier": "gold"}, "globex": {"tier": "free"}})
    thread = Thread(
        stack,
        "customers",
        for_each=customers,
        metadata={"customer": customers.key, "tier": customers.get_string("tier")},
    )
    TerraformOutput(stack, "ids", value=thread.id)
