"""A thread for each of 200 tenants, in two OpenAI projects.

`tenants.json` says which tenants there are: region, plan and the language of the greeting. Adding one
to it makes one thread; the others are not touched.
"""

import json
from pathlib import Path

from cdktf import App, TerraformOutput, TerraformStack
from constructs import Construct

from cdktf_openai_thread import OpenaiProvider, ThreadConfig, ThreadSet

REGIONS = ("eu", "us")
GREETINGS = {
    "de": "Hallo! Wie kann ich helfen?",
    "en": "Hello! How can I help?",
    "fr": "Bonjour ! Comment puis-je vous aider ?",
}


class Tenants(TerraformStack):
    """Every tenant's thread, in the project of its region."""

    def __init__(self, scope: Construct, id_: str, tenants: dict[str, dict[str, str]]) -> None:
        """Put one set of threads for each region into one stack."""
        super().__init__(scope, id_)
        for region in REGIONS:
            # On api.openai.com: project="proj_…" in place of a file for each region.
            provider = OpenaiProvider(self, region, alias=region, base_url=f"sqlite:{region}.db")
            threads = ThreadSet(
                self,
                f"threads_{region}",
                {name: thread(each) for name, each in tenants.items() if each["region"] == region},
                provider=provider,
                retain_on_destroy=False,
            )
            TerraformOutput(self, f"thread_ids_{region}", value=threads.ids)


def thread(tenant: dict[str, str]) -> ThreadConfig:
    """Say what the thread of a tenant is made from."""
    return {
        "metadata": {"plan": tenant["plan"], "region": tenant["region"]},
        "messages": [{"role": "assistant", "content": GREETINGS[tenant["language"]]}],
    }


app = App()
Tenants(app, "tenants", json.loads(Path("tenants.json").read_text()))
app.synth()
