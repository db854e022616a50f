"""A thread with a data set for the code interpreter and documents for file search."""

from cdktf import App, TerraformOutput, TerraformStack
from constructs import Construct

from cdktf_openai_thread import File, OpenaiProvider, Thread, VectorStore

DOCUMENTS = ("metrics", "regions", "quarterly_report")


class DataAnalysis(TerraformStack):
    """A quarter's sales, what they mean, and a thread to ask about them."""

    def __init__(self, scope: Construct, id_: str) -> None:
        """Put the files, the vector store and the thread into one stack."""
        super().__init__(scope, id_)
        OpenaiProvider(self, "openai", base_url="sqlite:threads.db")

        dataset = File(self, "dataset", path="data/sales_2026.csv")
        documentation = VectorStore(
            self,
            "documentation",
            name="Sales documentation",
            files=[File(self, name, path=f"docs/{name}.md") for name in DOCUMENTS],
        )
        analysis = Thread(self, "data_analysis", metadata={"project": "quarterly_analysis"})
        analysis.attach(dataset).search(documentation)

        TerraformOutput(self, "thread_id", value=analysis.id)
        TerraformOutput(self, "vector_store_id", value=documentation.id)
        # What responses.create(conversation=thread_id, tools=…) needs to use both.
        TerraformOutput(self, "response_tools", value=analysis.response_tools)


app = App()
DataAnalysis(app, "data_analysis")
app.synth()
