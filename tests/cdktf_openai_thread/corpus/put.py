from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread, ThreadMessages, ThreadToolResourcesFileSearch


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    thread = Thread(stack, "late")
    thread.put_messages([ThreadMessages(role="user", content="Later")])
    thread.put_tool_resources(file_search=ThreadToolResourcesFileSearch(vector_store_ids=["vs_1"]))
