"""A second provider beside ours: hashicorp/local writes down what the application needs of a thread.

The provider of this package comes with it, the other one from its registry or from a mirror, as always.
Where Terraform's CLI configuration has a `provider_installation` block that leaves ours out, synth warns and
shows the lines to add. A provider can be added to a stack that is deployed already, either of the two.
"""

from pathlib import Path

from cdktf import App, Fn, TerraformStack
from constructs import Construct

from cdktf_openai_thread import OpenaiProvider, Thread
from local import LocalFile, LocalProvider


class Support(TerraformStack):
    """A thread, and a file that tells the application about it."""

    def __init__(self, scope: Construct, id_: str) -> None:
        """Put both into one stack."""
        super().__init__(scope, id_)
        OpenaiProvider(self, "openai", base_url="sqlite:threads.db")
        thread = Thread(self, "support").say("assistant", "Hello! How can I help?")

        LocalProvider(self, "local")
        # Terraform runs in the stack's folder: a path of the project has to be absolute.
        path = str(Path("settings.json").absolute())
        settings = {"conversation": thread.id, "tools": Fn.jsondecode(thread.response_tools)}
        LocalFile(self, "settings", filename=path, content=Fn.jsonencode(settings))


app = App()
Support(app, "support")
app.synth()
