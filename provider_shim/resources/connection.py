"""The provider's connection to the API, as the resources use it."""

import os
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from provider_shim.contract.identifiers import api_of
from provider_shim.contract.path import Path
from provider_shim.contract.provider import is_openai
from provider_shim.resources.recovery import Recovery
from provider_shim.resources.renames import Renames
from provider_shim.system.parent import parent
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error, warning
from provider_shim.terraform.secrets import hide
from provider_shim.terraform.values import UNKNOWN

if TYPE_CHECKING:  # a plan that only creates makes no call: what calls is imported when it is needed
    from provider_shim.api.client import Client
    from provider_shim.api.files import Files
    from provider_shim.api.records import ThreadApi
    from provider_shim.api.settings import Settings
    from provider_shim.api.vector_store_files import VectorStoreFiles
    from provider_shim.api.vector_stores import VectorStores


YOUNG: Final = 60
"""Seconds after it was made within which an object that can't be found may exist all the same."""
LONGEST_NAME: Final = 128
"""Characters of an organization's or a project's name that are kept."""
LOOKS_AGAIN: Final = (0.5, 1.0, 2.0, 3.0, 4.0)
"""Seconds before each further question for such an object."""

Found = TypeVar("Found")


class Flags(NamedTuple):
    """What is to happen to an object that goes. Retain goes before force."""

    force: bool = False
    retain: bool = False


class InState(NamedTuple):
    """What the state of this stack holds."""

    ids: frozenset[str]
    """Of every object, and of their parts."""
    members: frozenset[tuple[str, str]]
    """Of what resources put into objects, the object first: messages into threads, files into stores."""
    deposed: frozenset[str]
    """Of what was replaced and could not be deleted."""


class Connection:
    """Filled in by ConfigureProvider; until then, or with unknowns in it, no call can be made."""

    def __init__(self) -> None:
        """Start without a configuration."""
        self._settings: Settings | None = None
        self._client: Client | None = None
        self._said_new = False
        self._unknown: Path = ()
        self._terraform = parent()
        self.engine_version = ""
        """Of the engine that started this process, as it says."""
        self._interrupted = False
        self.recovery = Recovery(self)
        self.renames = Renames()
        self.api: object = UNKNOWN
        self.flags = Flags()
        """What holds for a resource that does not say it itself."""
        self.pairs: dict[str, Mapping[str, str]] = {}
        """All metadata of the objects that this process has read, by id."""
        self.read: set[str] = set()
        """Ids of the objects that this process has refreshed."""
        self.members: set[tuple[str, str]] = set()
        """As in ``InState``, of the resources of this stack that this process has met."""
        self._held: InState | None = None

    def open(
        self,
        settings: "Settings",
        flags: Flags = Flags(),  # noqa: B008 - a value
        journal: str | None = None,
    ) -> None:
        """Take the configuration."""
        self.recovery.choose(journal)
        hide(*settings.secrets)
        self._settings = settings
        self.api = settings.api
        self.flags = flags

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
                self._client.stop("Terraform was interrupted")
        return self._client

    @property
    def base_url(self) -> str:
        """Where the API is."""
        return self.settings.base_url

    @property
    def is_openai(self) -> bool:
        """Whether this is OpenAI's own API."""
        return self._settings is not None and is_openai(self._settings.base_url)

    @cached_property
    def refreshed_before(self) -> bool:
        """Whether Terraform plans a deletion after the refresh, in another process: `terraform destroy` does.

        What has left the configuration is planned before it is refreshed, by what the last run knew.
        """
        from provider_shim.system.options import destroys  # noqa: PLC0415 - few plans delete anything

        return destroys(self._terraform, os.environ)

    @cached_property
    def without_refresh(self) -> bool:
        """Whether Terraform was told to plan without a refresh."""
        from provider_shim.system.options import skips_refresh  # noqa: PLC0415 - only sets of threads ask

        return skips_refresh(self._terraform, os.environ)

    @property
    def may_be_passed_over(self) -> bool:
        """Whether the engine can take an object out of the state without a word to the provider."""
        from provider_shim.system.engine import keeps_what_leaves, running  # noqa: PLC0415 - rarely needed

        return keeps_what_leaves(running(self._terraform), self.engine_version)

    def kind_of(self, thread_id: object) -> object:
        """Return which API a thread lives on: its id shows it, else it is the configured one."""
        return api_of(thread_id) or self.api

    def switched_off(self, thread_id: str) -> bool:
        """Return whether a thread is gone for certain: OpenAI's own API has none any more."""
        return api_of(thread_id) == "threads" and self.is_openai

    async def not_members(self, identifiers: Collection[str], within: str) -> Collection[str] | None:
        """Return the ids that no other resource of this stack has; None where its state can't be read.

        The state is asked for once in a run, and only if this process has not met them all already.

        Args:
            identifiers: What is in an object.
            within: The object. A state without it is not the one that Terraform works on.
        """
        unknown = [each for each in identifiers if (within, each) not in self.members]
        if not unknown:
            return unknown
        held = await self._in_state()
        if held is None or within not in held.ids:
            return None
        return [each for each in unknown if (within, each) not in held.members]

    async def is_left_over(self, identifier: str) -> bool:
        """Return whether an earlier apply has replaced an object and could not delete it: it is deposed."""
        held = await self._in_state()
        return held is not None and identifier in held.deposed

    async def private_of(self, identifier: str) -> Mapping[str, Any] | None:
        """Return what the state of this stack stores beside an object; None where that can't be told."""
        resources = await self.recovery.resources()
        if resources is None:
            return None
        from provider_shim.system import engine_state  # noqa: PLC0415 - few applies get here

        return engine_state.private_of(resources, identifier)

    async def _in_state(self) -> "InState | None":
        resources = await self.recovery.resources()
        if self._held is None and resources is not None:
            from provider_shim.resources.handlers import member_of  # noqa: PLC0415 - few plans get here
            from provider_shim.system import engine_state  # noqa: PLC0415 - as above

            self._held = InState(
                frozenset(engine_state.addresses(resources)),
                engine_state.members(resources, member_of),
                engine_state.deposed(resources),
            )
        return self._held

    async def find(self, look: Callable[[], Awaitable[Found | None]], made_at: float | None) -> Found | None:
        """Look for an object, and again if it was made less than a minute ago and is not found.

        Args:
            look: Asks the API; None if the object is not there.
            made_at: When it was made, in Unix seconds; None where that is not known.
        """
        record = await look()
        for pause in LOOKS_AGAIN:
            if record is not None or self.client.sure or not is_young(made_at):
                break
            await self.client.pause(pause, "looking again for what was made less than a minute ago")
            record = await look()
        return record

    @property
    def account(self) -> list[str]:
        """Who made what this process makes: organization and project, [] where the API does not tell."""
        told = self._client.account if self._client is not None else ()
        return [each[:LONGEST_NAME] for each in told] if any(told) else []

    def note_account(self, private: dict[str, Any]) -> None:
        """Note beside a state who made the object, where the API tells."""
        if account := self.account:
            private["account"] = account

    def check_absence(self, what: str, account: Sequence[str]) -> None:
        """Refuse to believe that an object is gone where another account than the one that made it asks.

        Args:
            what: The object, such as ``conv_…``.
            account: Who made it: organization and project; [] where that was not told.

        Raises:
            Failure: another organization or project has asked, or the API did not tell which.
        """
        if not any(account):
            return
        asking = self.account or ["", ""]
        other = [
            f"{name} {made}, and now {now or 'an unknown one'} asks"
            for name, made, now in zip(("organization", "project"), account, asking, strict=True)
            if made and made != now
        ]
        if other:
            raise Failure(
                error(
                    "Not found, but by another account",
                    f"The API does not find {what}. It was made by {' and '.join(other)}: this does not "
                    "prove "
                    "that it is gone, so it stays in the state. Use a key of the account that made it "
                    "(api_key, organization and project in the provider). If it really is gone: terraform "
                    "state rm ADDRESS.",
                )
            )

    def new_database(self) -> list[Diagnostic]:
        """Warn, once, that nothing is found because this run has made the database."""
        if self._client is None or self._said_new or not self._client.made_database:
            return []
        from provider_shim.resources.database import is_new  # noqa: PLC0415 - for sqlite: only

        self._said_new = True
        return [is_new(str(self.settings.database))]

    def not_found_young(self, type_name: str, identifier: str) -> Diagnostic:
        """Name an object that leaves the state although it is not a minute old."""
        listed = self.recovery.retain(type_name, identifier, "not found")
        return warning(
            f"An {type_name} is not found shortly after it was made",
            f"{identifier} was made less than a minute ago, and the API does not find it any more, however "
            "often "
            f"it is asked. It leaves the state. If the API was only slow, it exists all the same: {listed}.",
        )

    def stop(self) -> None:
        """Ctrl-C: end waits, begin nothing new."""
        self._interrupted = True
        if self._client is not None:
            self._client.stop("Terraform was interrupted")

    async def close(self) -> None:
        """Release the connections and the journal."""
        if self._client is not None:
            await self._client.close()
        self.recovery.close()

    @cached_property
    def files(self) -> "Files":
        """The files; one object for the whole run, because it knows this run's own uploads."""
        from provider_shim.api.files import Files  # noqa: PLC0415 - brings hashlib; few runs have files

        return Files(self.client, self.recovery.holds, self.recovery.unanswered)

    @cached_property
    def vector_stores(self) -> "VectorStores":
        """The vector stores; one object for the whole run, as above."""
        from provider_shim.api.vector_stores import VectorStores  # noqa: PLC0415 - as above

        return VectorStores(self.client, self.recovery.holds, self.recovery.unanswered)

    @cached_property
    def vector_store_files(self) -> "VectorStoreFiles":
        """The files in vector stores."""
        from provider_shim.api.vector_store_files import VectorStoreFiles  # noqa: PLC0415 - as above

        return VectorStoreFiles(self.client)

    def threads(self, kind: object) -> "ThreadApi":
        """Return the API of this kind."""
        from provider_shim.api.threads import store_of  # noqa: PLC0415 - see above

        return store_of(kind, self.client)


def is_young(made_at: float | None) -> bool:
    """Return whether something was made less than a minute ago, give or take the clocks."""
    return made_at is not None and abs(time.time() - made_at) < YOUNG


def taken_over(noun: str, identifier: str) -> Diagnostic:
    """Report that an earlier run has made what was to be made."""
    return warning(
        f"A {noun} of an interrupted run is taken over",
        f"{identifier} was made by a run that ended before Terraform held its id. It is managed now.",
    )
