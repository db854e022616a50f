"""A provider with one resource, a box: a file in a folder. Started by Terraform itself."""

import json
import signal
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from pathlib import Path
from typing import Any

from provider_shim.contract.attributes import (
    Attribute,
    Bool,
    Contract,
    ListOf,
    MapOf,
    Number,
    Object,
    String,
    Type,
)
from provider_shim.terraform import handshake
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error
from provider_shim.terraform.handler import (
    Change,
    DataSourceHandler,
    Listed,
    ListHandler,
    ResourceHandler,
    Source,
    Values,
    Work,
)
from provider_shim.terraform.transport import run
from provider_shim.terraform.values import UNKNOWN


def attribute(name: str, kind: Type, **flags: Any) -> Attribute:
    return Attribute(name, kind, f"The {name}.", **flags)


def by_name(*attributes: Attribute) -> dict[str, Attribute]:
    return {each.name: each for each in attributes}


ITEM = Object(
    "Item",
    by_name(
        attribute("text", String(), required=True),
        attribute("weight", Number(), optional=True),
        attribute("kind", String(), optional=True, replace=True),
        attribute("serial", String(), computed=True),
    ),
)


def not_forbidden(values: Mapping[str, Any], _is_unknown: object) -> Iterator[tuple[tuple[str], str, str]]:
    if values["name"] == "forbidden":
        yield ("name",), "Forbidden name", "name is forbidden."


BOX = Contract(
    "tiny_box",
    "A box.",
    by_name(
        attribute("name", String(), required=True, replace=True),
        attribute("size", Number(), optional=True, deprecated="Use the tags."),
        attribute("open", Bool(), optional=True, computed=True, default=False),
        attribute("tags", MapOf(String()), optional=True),
        attribute("items", ListOf(ITEM), optional=True),
        attribute("lid", Object("Lid", by_name(attribute("color", String(), optional=True))), optional=True),
        attribute("behave", String(), optional=True),
        attribute("id", String(), computed=True),
        attribute("opened_at", Number(), computed=True),
    ),
    version=1,
    rules=(not_forbidden,),
    identity=("id",),
)

PROVIDER = Contract(
    "tiny",
    "Boxes.",
    by_name(
        attribute("folder", String(), required=True),
        attribute("key", String(), optional=True, sensitive=True),
    ),
)


class BoxHandler:
    contract = BOX

    def __init__(self) -> None:
        self.folder = Path()
        self.key = ""

    def plan_new(self, change: Change[Any]) -> None:
        pass

    async def plan(self, change: Change[Any]) -> None:
        if change.prior is not None and change.planned is not None and change.prior != change.planned:
            change.planned["opened_at"] = UNKNOWN

    async def create(self, work: Work[Any]) -> None:
        assert work.planned is not None
        state = _known(work.planned, "id", self.folder)
        self._write(state)
        work.state = state
        work.private["made"] = True
        await self._behave(work)

    async def read(self, work: Work[Any]) -> None:
        assert work.state is not None
        path = self.folder / f"{work.state['id']}.json"
        work.state = json.loads(path.read_text()) if path.exists() else None

    async def update(self, work: Work[Any]) -> None:
        assert work.planned is not None
        state = _known(work.planned, work.planned["id"], self.folder)
        self._write(state)
        work.state = state
        await self._behave(work)

    async def delete(self, work: Work[Any]) -> None:
        assert work.state is not None
        (self.folder / f"{work.state['id']}.json").unlink()
        work.state = None

    async def import_state(self, work: Work[Any], identifier: str) -> None:
        work.state = {"id": identifier}
        await self.read(work)

    def upgrade(self, version: int, state: Mapping[str, Any]) -> Mapping[str, Any]:
        if version == BOX.version:
            return state
        return {**state, "name": f"{state['title']} (from {version})"}

    def move(self, source: Source) -> Mapping[str, Any]:
        if source.type_name != "null_box":
            raise Failure(error("Can't move", f"{source.type_name} of {source.provider} is no box."))
        return {"id": source.state["id"], "name": f"moved with version {source.version}"}

    async def _behave(self, work: Work[Any]) -> None:
        assert work.state is not None
        match work.state["behave"]:
            case "fail":
                raise Failure(error("The lid is stuck", "The box exists, its lid does not close."))
            case "crash":
                raise KeyError(self.key)
            case "unknown":
                work.state["opened_at"] = UNKNOWN
            case "nonsense":
                work.state["size"] = "big"
            case "slow":
                import asyncio  # noqa: PLC0415 - planning has no need of it

                (self.folder / "slow").touch()
                await asyncio.wait_for(work.stopping.wait(), 30)
                raise Failure(error("Stopped", "The box exists, and was not finished."))

    def _write(self, state: Values) -> None:
        (self.folder / f"{state['id']}.json").write_text(json.dumps(state))


LIST = Contract(
    "tiny_box",
    "Boxes.",
    by_name(
        attribute("count", Number(), required=True),
        attribute("letters", Number(), optional=True),
        attribute("behave", String(), optional=True),
    ),
)


class BoxList:
    contract = LIST

    def __init__(self, box: BoxHandler) -> None:
        self._box = box

    async def list(self, config: Values) -> AsyncGenerator[Listed, None]:
        """Name so many boxes, with names of so many letters; note in a file how many were asked for."""
        number = 0
        try:
            while number < config["count"]:
                if config["behave"] == "fail" and number:
                    raise Failure(error("The lid is stuck", "Nothing more can be seen."))
                number += 1
                (self._box.folder / "asked").write_text(str(number))
                yield Listed(f"box {number}" + "." * int(config["letters"] or 0), {"id": f"box-{number}"})
        finally:
            (self._box.folder / "ended").touch()


class Tiny:
    contract = PROVIDER
    data_sources: Mapping[str, DataSourceHandler[Any]] = {}

    def __init__(self) -> None:
        self._box = BoxHandler()
        self.resources: Mapping[str, ResourceHandler[Any]] = {"tiny_box": self._box}
        self.lists: Mapping[str, ListHandler] = {"tiny_box": BoxList(self._box)}

    def configure(self, config: Values, terraform_version: str) -> list[Diagnostic]:  # noqa: ARG002 - the protocol's
        self._box.folder = Path(config["folder"])
        self._box.key = config["key"] or ""
        return []

    async def stop(self) -> None:
        pass

    async def close(self) -> None:
        pass


def _known(planned: Values, identifier: str, folder: Path) -> Values:
    number = len(list(folder.glob("*.json"))) + 1
    items = [
        {**each, "serial": f"serial {index}" if each["serial"] is UNKNOWN else each["serial"]}
        for index, each in enumerate(planned["items"] or [])
    ]
    return {
        **planned,
        "id": f"box-{number}" if identifier == "id" else identifier,
        "opened_at": 1_700_000_000 + number if planned["opened_at"] is UNKNOWN else planned["opened_at"],
        "items": None if planned["items"] is None else items,
    }


if __name__ == "__main__":
    import gc

    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(run(handshake.announce(), Tiny))
