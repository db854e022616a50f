from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread, ThreadToolResources, ThreadToolResourcesFileSearch


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    thread = Thread(
        stack,
        "search",
        tool_resources=ThreadToolResources(
            file_search=ThreadToolResourcesFileSearch(vector_store_ids=["vs_1"])
        ),
    )
    thread.tool_resources.file_search.vector_store_ids = ["vs_2"]
    thread.tool_resources.put_code_interpreter(file_ids=["file-1"])
    other = Thread(stack, "other", tool_resources=thread.tool_resources_input)
    other.tool_resources.reset_code_interpreter()
