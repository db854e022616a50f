"""Uploads a file through the resource's handler; prints the peak memory before and after, in bytes.

python upload_large.py DATABASE FILE
"""

import asyncio
import json
import resource
import sys
from typing import Any

from provider_shim.api.settings import Settings
from provider_shim.contract.file import FILE
from provider_shim.contract.states import FileState
from provider_shim.resources.connection import Connection
from provider_shim.resources.file import FileHandler
from provider_shim.terraform import plan
from provider_shim.terraform.handler import Change, Work


def peak() -> int:
    kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kibibytes if sys.platform == "darwin" else kibibytes * 1024


async def upload(handler: FileHandler, path: str) -> FileState:
    config: Any = {**dict.fromkeys(FILE.attributes), "file": path}
    change: Change[FileState] = plan.change(FILE, None, config)
    handler.plan_new(change)
    planned: Any = change.planned
    work: Work[FileState] = Work(None, asyncio.Event(), planned=planned, config=config)
    await handler.create(work)
    return work.reached


async def main(base_url: str, path: str) -> None:
    connection = Connection()
    connection.open(Settings(base_url=base_url))
    handler = FileHandler(connection)
    await upload(handler, __file__)
    idle = peak()
    state = await upload(handler, path)
    print(json.dumps({"idle": idle, "after": peak(), "bytes": state["bytes"]}))  # noqa: T201 - the result
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
