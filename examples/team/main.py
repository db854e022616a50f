"""One state for a team: it lies in PostgreSQL, and two deploys at once take their turns.

Terraform and the provider read where the database is, and both passwords, from the environment:

    export PGHOST=db.example PGUSER=terraform PGPASSWORD=… OPENAI_API_KEY=…
    export TF_CLI_ARGS_apply=-lock-timeout=10m TF_CLI_ARGS_destroy=-lock-timeout=10m
    cdktf deploy

The backend locks the state during a deploy. Without -lock-timeout, Terraform gives up where somebody else
holds the lock; cdktf has no option for it, so it goes through the environment. `cdktf diff` locks as well:
TF_CLI_ARGS_plan.

The journal of a deploy stays where it ran, beside `cdktf.out`, whatever the backend is: it is about what
this machine asked for. When a deploy died, deploy again from the same folder: that takes over what the
dead one had made. Or look with `openai-thread orphans` there. A CI job keeps
`.openai-thread-journal.*` from one run to the next, as it keeps a cache.
"""

import json
from pathlib import Path

from cdktf import App, PgBackend, TerraformOutput, TerraformStack
from constructs import Construct

from cdktf_openai_thread import OpenaiProvider, ThreadSet


class IncidentRooms(TerraformStack):
    """A thread for each kind of incident."""

    def __init__(self, scope: Construct, id_: str, rooms: dict[str, str]) -> None:
        """Keep the state in PostgreSQL.

        Args:
            scope: The app.
            id_: Names the stack.
            rooms: What the thread of each room starts with.
        """
        super().__init__(scope, id_)
        # No user and no password here: they would be written into cdk.tf.json.
        PgBackend(self, conn_str="postgres:///terraform_state", schema_name="incident_rooms")
        OpenaiProvider(self, "openai")
        threads = ThreadSet(
            self,
            "rooms",
            {
                room: {"metadata": {"room": room}, "messages": [{"role": "assistant", "content": greeting}]}
                for room, greeting in rooms.items()
            },
        )
        TerraformOutput(self, "rooms_by_name", value=threads.ids)


app = App()
IncidentRooms(app, "incident_rooms", json.loads(Path("rooms.json").read_text()))
app.synth()
