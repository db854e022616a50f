"""The provider's connection to the API, as the resources use it."""

from provider_shim.api.client import Client
from provider_shim.api.conversations import Conversations
from provider_shim.api.records import ThreadApi
from provider_shim.api.settings import Settings
from provider_shim.api.threads import Threads
from provider_shim.contract.path import Path
from provider_shim.contract.provider import is_openai
from provider_shim.terraform.diagnostics import Failure, error
from provider_shim.terraform.values import UNKNOWN


class Connection:
    """Filled in by ConfigureProvider; until then, or with unknowns in it, no call can be made."""

    def __init__(self) -> None:
        """Start without a configuration."""
        self._client: Client | None = None
        self._unknown: Path = ()
        self.api: object = UNKNOWN

    def open(self, settings: Settings) -> None:
        """Take the configuration."""
        self._client = Client(settings)
        self.api = settings.api

    def wait_for(self, unknown: Path, api: object) -> None:
        """Note that the configuration is known only after apply."""
        self._client, self._unknown, self.api = None, unknown, api

    @property
    def ready(self) -> bool:
        """Whether calls can be made."""
        return self._client is not None

    @property
    def client(self) -> Client:
        """The client; Failure where the configuration is not known yet."""
        if self._client is None:
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
        return self._client

    @property
    def base_url(self) -> str:
        """Where the API is."""
        return self.client.settings.base_url

    @property
    def is_openai(self) -> bool:
        """Whether this is OpenAI's own API."""
        return self._client is not None and is_openai(self._client.settings.base_url)

    def threads(self, kind: object) -> ThreadApi:
        """Give the API of this kind."""
        return Threads(self.client) if kind == "threads" else Conversations(self.client)
