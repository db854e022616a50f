"""hashicorp/local as far as examples/two_providers needs it: `local_file`. Started by Terraform itself.

No registry is asked in tests. `write_mirror` puts it where a company's mirror has the real one.
"""

import hashlib
import signal
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provider_shim.contract.attributes import Attribute, Contract, String
from provider_shim.launcher.mirror import this_platform
from provider_shim.terraform import handshake
from provider_shim.terraform.diagnostics import Diagnostic
from provider_shim.terraform.handler import (
    Change,
    DataSourceHandler,
    ListHandler,
    ResourceHandler,
    Values,
    Work,
)
from provider_shim.terraform.transport import run
from tests.support.environment import BIN, ROOT, registry

# ruff: noqa: ASYNC240 - nothing else runs meanwhile

ADDRESS = f"{registry()}/hashicorp/local"
# One that the real provider will not have: no cache takes this one for it.
VERSION = "2.999.0"
LAUNCHER = f"""#!/bin/sh
PYTHONPATH='{ROOT}' exec '{BIN / "python"}' 'PROGRAM'
"""


def write_mirror(folder: Path, address: str = ADDRESS, program: str = __file__) -> None:
    """Put the packed provider into a filesystem mirror."""
    name = address.rpartition("/")[2]
    path = folder / address / f"terraform-provider-{name}_{VERSION}_{this_platform()}.zip"
    path.parent.mkdir(parents=True)
    member = zipfile.ZipInfo(f"terraform-provider-{name}_v{VERSION}")
    member.external_attr = 0o100755 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, LAUNCHER.replace("PROGRAM", program))


FILE = Contract(
    "local_file",
    "A file.",
    {
        "filename": Attribute("filename", String(), "Its path.", required=True, replace=True),
        "content": Attribute("content", String(), "What is in it.", required=True, replace=True),
        "id": Attribute("id", String(), "SHA-1 of the content.", computed=True),
    },
)


class FileHandler:
    contract = FILE

    def plan_new(self, change: Change[Any]) -> None:
        pass

    async def plan(self, change: Change[Any]) -> None:
        pass

    async def create(self, work: Work[Any]) -> None:
        assert work.planned is not None
        content = work.planned["content"]
        Path(work.planned["filename"]).write_text(content)
        work.state = {**work.planned, "id": hashlib.sha1(content.encode()).hexdigest()}  # noqa: S324 - what the provider of this name does

    async def read(self, work: Work[Any]) -> None:
        assert work.state is not None
        path = Path(work.state["filename"])
        if not path.exists() or path.read_text() != work.state["content"]:
            work.state = None

    async def update(self, work: Work[Any]) -> None:
        raise NotImplementedError

    async def delete(self, work: Work[Any]) -> None:
        assert work.state is not None
        Path(work.state["filename"]).unlink(missing_ok=True)
        work.state = None

    async def import_state(self, work: Work[Any], identifier: str) -> None:
        raise NotImplementedError


class Local:
    contract = Contract("local", "Files.", {})
    data_sources: Mapping[str, DataSourceHandler[Any]] = {}
    lists: Mapping[str, ListHandler] = {}

    def __init__(self) -> None:
        self.resources: Mapping[str, ResourceHandler[Any]] = {"local_file": FileHandler()}

    def configure(self, config: Values, terraform_version: str) -> list[Diagnostic]:  # noqa: ARG002 - the protocol's
        return []

    async def stop(self) -> None:
        pass

    async def close(self) -> None:
        pass


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(run(handshake.announce(), Local))
