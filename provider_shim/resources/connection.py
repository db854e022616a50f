"""The provider's connection to the API, as the resources use it."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from provider_shim.api.places import journal_of
from provider_shim.contract.path import Path
from provider_shim.contract.provider import is_openai
from provider_shim.resources.identifiers import PREFIXES
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error, warning
from provider_shim.terraform.secrets import hide
from provider_shim.terraform.values import UNKNOWN

# Pathlib costs each start more than the work here.
# ruff: noqa: PTH109, PTH110
if TYPE_CHECKING:  # a plan that only creates makes no call: what calls is imported when it is needed
    from provider_shim.api.client import Client
    from provider_shim.api.files import Files
    from provider_shim.api.journal import Entry, Journal
    from provider_shim.api.lines import Line, Sought
    from provider_shim.api.records import ThreadApi
    from provider_shim.api.settings import Settings
    from provider_shim.api.vector_stores import VectorStores


LONGEST_END = 75.0
"""Seconds to wait for the provider of an interrupted run, which may wait for the API to answer."""
BETWEEN_LOOKS = 0.25


class Connection:
    """Filled in by ConfigureProvider; until then, or with unknowns in it, no call can be made."""

    def __init__(self) -> None:
        """Start without a configuration."""
        self._settings: Settings | None = None
        self._client: Client | None = None
        self._journal: Journal | None = None
        self._unknown: Path = ()
        self._terraform = os.getppid()
        self._interrupted = False
        self.api: object = UNKNOWN
        self.leaving: set[str] = set()
        """Ids of messages that the plan destroys by themselves, before their thread."""
        self._seen: set[str] = set()

    def open(self, settings: "Settings") -> None:
        """Take the configuration."""
        hide(*settings.secrets)
        self._settings = settings
        self.api = settings.api

    def wait_for(self, unknown: Path, api: object) -> None:
        """Note that the configuration is known only after apply."""
        self._settings, self._unknown, self.api = None, unknown, api

    @property
    def ready(self) -> bool:
        """Whether calls can be made."""
        return self._settings is not None

    @property
    def settings(self) -> "Settings":
        """The configuration; Failure where it is not known yet."""
        if self._settings is None:
            name = str(self._unknown[0]) if self._unknown else "its configuration"
            raise Failure(
                error(
                    "The provider is not configured yet",
                    f"The provider's {name} is known only after apply, and this needs a call to the API now. "
                    f"Give {name} a value that is known at plan, or apply first what it comes from "
                    "(terraform apply -target=…).",
                    self._unknown,
                )
            )
        return self._settings

    @property
    def client(self) -> "Client":
        """The client; Failure where the configuration is not known yet."""
        if self._client is None:
            from provider_shim.api.client import Client  # noqa: PLC0415 - see above

            self._client = Client(self.settings)
            if self._interrupted:
                self._client.stop()
        return self._client

    @property
    def base_url(self) -> str:
        """Where the API is."""
        return self.settings.base_url

    @property
    def is_openai(self) -> bool:
        """Whether this is OpenAI's own API."""
        return self._settings is not None and is_openai(self._settings.base_url)

    def kind_of(self, thread_id: object) -> object:
        """Tell which API a thread lives on: its id shows it, else it is the configured one."""
        if isinstance(thread_id, str):
            return next((api for prefix, api in PREFIXES.items() if thread_id.startswith(prefix)), self.api)
        return self.api

    def switched_off(self, thread_id: str) -> bool:
        """Tell whether a thread is gone for certain: OpenAI's own API has none any more."""
        return thread_id.startswith("thread_") and self.is_openai

    def _opened_journal(self) -> "Journal":
        from pathlib import Path as FilePath  # noqa: PLC0415 - as the next

        from provider_shim.api.journal import Journal  # noqa: PLC0415 - a plan that only creates needs none

        if self._journal is None:
            # Terraform starts the provider in the stack's folder.
            path = FilePath(journal_of(os.getcwd()))
            self._journal = Journal(path, self.settings.origin, lambda: self._in_local_states)
        return self._journal

    def _existing_journal(self) -> "Journal | None":
        if self._settings is None or not os.path.exists(journal_of(os.getcwd())):
            return None
        return self._opened_journal()

    @asynccontextmanager
    async def making(
        self, type_name: str, planned: Mapping[str, Any], sought: "Sought | None" = None
    ) -> "AsyncIterator[Entry]":
        """Stand around a create: whatever dies, the journal knows what was made."""
        from pathlib import Path as FilePath  # noqa: PLC0415 - as the next

        from provider_shim.api.journal import workspace  # noqa: PLC0415 - see above
        from provider_shim.api.lines import fingerprint  # noqa: PLC0415 - see above

        opened = self._opened_journal()
        content = fingerprint(type_name, planned, workspace(FilePath.cwd(), os.environ))
        # The state is locked, so another run that is at it has lost its Terraform, and ends soon.
        for _ in range(int(LONGEST_END / BETWEEN_LOOKS)):
            if not opened.is_making(type_name, content):
                break
            await self.client.pause(BETWEEN_LOOKS, "waiting for an interrupted run to end")
        async with opened.making(type_name, content, sought) as entry:
            yield entry

    @cached_property
    def _in_local_states(self) -> frozenset[str] | None:
        """What the state held when it was first asked for; what this run makes is in the journal."""
        from pathlib import Path as FilePath  # noqa: PLC0415 - as the next

        from provider_shim.api.local_states import held_locally  # noqa: PLC0415 - after a death only

        return held_locally(FilePath.cwd(), os.environ)

    def in_state(self, identifier: str) -> bool:
        """Tell whether Terraform is known to have this object."""
        return identifier in self._seen or identifier in (self._in_local_states or ())

    def holds(self, identifier: str) -> bool:
        """Tell whether Terraform, or a line of the journal, has this object: so it is no lost one."""
        found = self._existing_journal()
        return self.in_state(identifier) or (found is not None and found.knows(identifier))

    def rivals(self, alike: str) -> "list[Line]":
        """Give what others have asked for without an answer, and looks like an object of this digest."""
        found = self._existing_journal()
        return found.rivals(alike) if found is not None else []

    def settle(self, *identifiers: str) -> None:
        """Note that Terraform holds these ids, or that the objects are gone."""
        self._seen.update(identifiers)
        with suppress(Failure):  # a folder that can't be written is a matter of creates alone
            found = self._existing_journal()
            if found is not None:
                found.settle(*identifiers)

    def left(self) -> list[Diagnostic]:
        """Warn of what earlier runs may have made and no state holds."""
        with suppress(Failure):
            found = self._existing_journal()
            if found is not None and (left := found.unsettled()):
                from provider_shim.api.lines import warnings  # noqa: PLC0415 - see above

                return warnings(left, found.path, self._in_local_states)
        return []

    def stop(self) -> None:
        """Ctrl-C: end waits, begin nothing new."""
        self._interrupted = True
        if self._client is not None:
            self._client.stop()

    async def close(self) -> None:
        """Release the connections and the journal."""
        if self._client is not None:
            await self._client.close()
        if self._journal is not None:
            # Whoever asked may have died, or left without waiting: what it was told last is in no state.
            in_order = os.getppid() == self._terraform and not self._interrupted
            self._journal.close(answered=in_order)

    @cached_property
    def files(self) -> "Files":
        """The files; one object for the whole run, because it knows this run's own uploads."""
        from provider_shim.api.files import Files  # noqa: PLC0415 - brings hashlib; few runs have files

        return Files(self.client, self.holds, self.rivals)

    @cached_property
    def vector_stores(self) -> "VectorStores":
        """The vector stores; one object for the whole run, as above."""
        from provider_shim.api.vector_stores import VectorStores  # noqa: PLC0415 - as above

        return VectorStores(self.client, self.holds, self.rivals)

    def threads(self, kind: object) -> "ThreadApi":
        """Give the API of this kind."""
        from provider_shim.api.conversations import Conversations  # noqa: PLC0415 - see above
        from provider_shim.api.threads import Threads  # noqa: PLC0415 - see above

        return Threads(self.client) if kind == "threads" else Conversations(self.client)


def taken_over(noun: str, identifier: str) -> Diagnostic:
    """Tell that an earlier run has made what was to be made."""
    return warning(
        f"A {noun} of an interrupted run is taken over",
        f"{identifier} was made by a run that ended before Terraform held its id. It is managed now.",
    )
