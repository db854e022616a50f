"""openai/openai as far as a stack beside ours needs it: `openai_project`. Started by Terraform itself."""

import signal
import sys
from typing import Any

from provider_shim.contract.attributes import Attribute, Contract, String
from provider_shim.terraform import handshake
from provider_shim.terraform.handler import ResourceHandler, Work
from provider_shim.terraform.transport import run
from tests.support.environment import registry
from tests.support.local_provider import FileHandler, Local

ADDRESS = f"{registry()}/openai/openai"
PROJECT = Contract(
    "openai_project",
    "A project.",
    {
        "name": Attribute("name", String(), "Its name.", required=True, replace=True),
        "id": Attribute("id", String(), "Its id.", computed=True),
    },
)


class ProjectHandler(FileHandler):
    contract = PROJECT

    async def create(self, work: Work[Any]) -> None:
        assert work.planned is not None
        work.state = {**work.planned, "id": f"proj_{work.planned['name']}"}

    async def read(self, work: Work[Any]) -> None:
        pass

    async def delete(self, work: Work[Any]) -> None:
        work.state = None


class Official(Local):
    contract = Contract("openai", "Administration.", {})

    def __init__(self) -> None:
        self.resources: dict[str, ResourceHandler[Any]] = {"openai_project": ProjectHandler()}
        self.data_sources: dict[str, Any] = {}
        self.lists: dict[str, Any] = {}


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(run(handshake.announce(), Official))
