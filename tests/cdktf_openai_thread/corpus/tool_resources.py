from cdktf import TerraformStack
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import (
    Thread,
    ThreadToolResources,
    ThreadToolResourcesCodeInterpreter,
    ThreadToolResourcesFileSearch,
)


def build(stack: TerraformStack) -> None:
    OpenaiProvider(stack, "openai")
    Thread(
        stack,
        "analyst",
        tools=["code_interpreter", "file_search"],
        tool_resources=ThreadToolResources(
            code_interpreter=ThreadToolResourcesCodeInterpreter(file_ids=["file-1"]),
            file_search=ThreadToolResourcesFileSearch(vector_store_ids=["vs_1"]),
        ),
    )
