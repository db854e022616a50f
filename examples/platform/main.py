"""A support desk on three stacks: what it knows, a thread for each of its teams, what the application gets.

    knowledge   the articles and the vector store that makes them searchable
    threads     one thread for each team of teams.json, and one for escalations
    app         makes nothing: hands the ids to the application

Each has a state of its own, so that a mistake in one can't touch another, and the rights to deploy them
can differ. References across stacks are plain attributes; cdktf makes outputs and remote states of them.

    cdktf deploy '*' --outputs-file outputs.json
    cdktf destroy '*'

STAGE says where: staging, as the default, or production, where the policy below holds.
"""

import json
import os
from pathlib import Path

from cdktf import App, Aspects, Fn, TerraformOutput, TerraformStack
from constructs import Construct

from cdktf_openai_thread import File, OpenaiProvider, Thread, ThreadSet, VectorStore
from policies import RetainedThreads, Tagged

# On api.openai.com: leave base_url out, and set OPENAI_API_KEY.
BASE_URL = "sqlite:platform.db"


class Knowledge(TerraformStack):
    """The articles of the support desk, searchable."""

    def __init__(self, scope: Construct, id_: str, articles: Path) -> None:
        """Upload every article of a folder."""
        super().__init__(scope, id_)
        OpenaiProvider(self, "openai", base_url=BASE_URL)
        files = [
            # An edited article is uploaded and searchable before the old one goes.
            File(self, path.stem, path=path, lifecycle={"create_before_destroy": True})
            for path in sorted(articles.glob("*.md"))
        ]
        self.store = VectorStore(self, "articles", name="Support articles", files=files)
        # Changes when an article does, and with nothing else.
        self.revision = Fn.substr(Fn.sha256(Fn.join("", [each.sha256 for each in files])), 0, 12)


class Threads(TerraformStack):
    """A thread for each team, and one for what a team can't answer. All search the same articles."""

    def __init__(
        self, scope: Construct, id_: str, knowledge: Knowledge, teams: dict[str, str], *, retain: bool
    ) -> None:
        """Make the threads.

        Args:
            scope: The app.
            id_: Names the stack.
            knowledge: What the threads search.
            teams: What the thread of each team starts with.
            retain: Leave the threads at the API on destroy.
        """
        super().__init__(scope, id_)
        OpenaiProvider(self, "openai", base_url=BASE_URL)
        self.teams = ThreadSet(
            self,
            "teams",
            {
                team: {
                    "metadata": {"team": team, "knowledge": knowledge.revision},
                    "messages": [{"role": "assistant", "content": greeting}],
                }
                for team, greeting in teams.items()
            },
            tools=["file_search"],
            tool_resources={"file_search": {"vector_store_ids": [knowledge.store.id]}},
            retain_on_destroy=retain,
        )
        self.escalations = Thread(
            self, "escalations", metadata={"knowledge": knowledge.revision}, retain_on_destroy=retain
        ).search(knowledge.store)


class Application(TerraformStack):
    """What the support application is configured with. It needs no provider: it only reads."""

    def __init__(self, scope: Construct, id_: str, threads: Threads) -> None:
        """Put out the conversations, and the tools that every response in them uses."""
        super().__init__(scope, id_)
        # client.responses.create(conversation=conversations["billing"], tools=json.loads(tools), …)
        TerraformOutput(self, "conversations", value=threads.teams.ids)
        TerraformOutput(self, "escalations", value=threads.escalations.id)
        TerraformOutput(self, "tools", value=threads.escalations.response_tools)


stage = os.environ.get("STAGE", "staging")
app = App()
knowledge = Knowledge(app, "knowledge", Path("articles"))
threads = Threads(
    app, "threads", knowledge, json.loads(Path("teams.json").read_text()), retain=stage == "production"
)
Application(app, "app", threads)

for stack in (knowledge, threads):
    Aspects.of(stack).add(Tagged(team="support", stage=stage))
    if stage == "production":
        Aspects.of(stack).add(RetainedThreads())
app.synth()
