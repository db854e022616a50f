"""Two threads on the embedded API: no key, no account, no network."""

from cdktf import App, TerraformOutput, TerraformStack
from constructs import Construct

from cdktf_openai_thread import OpenaiProvider, Thread


class Quickstart(TerraformStack):
    """A support conversation, and one that greets a new user."""

    def __init__(self, scope: Construct, id_: str) -> None:
        """Put both threads into one stack."""
        super().__init__(scope, id_)
        OpenaiProvider(self, "openai", base_url="sqlite:threads.db")

        support = Thread(
            self,
            "support_conversation",
            metadata={
                "user_id": "user_123456",
                "conversation_type": "technical_support",
                "priority": "high",
            },
        )
        onboarding = Thread(
            self,
            "onboarding",
            metadata={"user_id": "new_user_789"},
            messages=[
                {
                    "role": "user",
                    "content": "Hi! I'm new here and would like to learn about the platform.",
                }
            ],
        )

        TerraformOutput(self, "support_thread_id", value=support.id)
        TerraformOutput(self, "onboarding_thread_id", value=onboarding.id)
        TerraformOutput(self, "onboarding_message_ids", value=onboarding.message_ids)


app = App()
Quickstart(app, "quickstart")
app.synth()
