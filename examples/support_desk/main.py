"""What the support desk stands on: a conversation that greets, and a handbook that can be searched."""

from cdktf import App, TerraformStack
from constructs import Construct

from cdktf_openai_thread import File, OpenaiProvider, Thread, VectorStore


class SupportDesk(TerraformStack):
    """A thread with the handbook behind it; the application takes both from the outputs."""

    def __init__(self, scope: Construct, id_: str) -> None:
        """Put the desk into one stack."""
        super().__init__(scope, id_)
        OpenaiProvider(self, "openai", base_url="sqlite:threads.db")
        handbook = File(self, "handbook", path="handbook.md")
        knowledge = VectorStore(self, "knowledge", name="Handbook", files=[handbook])
        thread = Thread(self, "support", metadata={"team": "support"})
        thread.say("assistant", "Hello! How can I help?")
        thread.search(knowledge)
        thread.outputs()


if __name__ == "__main__":
    app = App()
    SupportDesk(app, "desk")
    app.synth()
