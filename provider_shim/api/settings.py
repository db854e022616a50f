"""How the API is reached: what the client is made from."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from provider_shim.contract.provider import (
    DEFAULT_BASE_URL,
    DEFAULT_MAX_RETRIES,
    DEFAULT_TIMEOUT,
    EMBEDDED,
    is_loopback,
)
from provider_shim.contract.secrets import SHORTEST, secrets_of

EMBEDDED_URL: Final = "http://embedded.localhost/v1"
"""Where the embedded API answers within the process; no socket, no name that is looked up."""


class Settings(NamedTuple):
    """The provider's configuration, complete and checked. ``timeout`` is in seconds.

    Every plan has one, and most make no call: a data class would be a tenth of their start.
    """

    base_url: str = DEFAULT_BASE_URL
    api_key: str | None = None
    organization: str | None = None
    project: str | None = None
    api: Literal["conversations", "threads"] = "conversations"
    headers: Mapping[str, str] = MappingProxyType({})
    query: Mapping[str, str] = MappingProxyType({})
    timeout: float = DEFAULT_TIMEOUT
    max_retries: int = DEFAULT_MAX_RETRIES
    client: str = ""
    """Who calls, in the log of the embedded API; empty: nobody that it has a name for."""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """Return the settings of a complete and checked configuration, in which None stands for a default."""
        given = {name: config.get(name) for name in cls._fields}
        if given["max_retries"] is not None:
            given["max_retries"] = int(given["max_retries"])
        return cls(**{name: value for name, value in given.items() if value is not None})

    @property
    def authorized(self) -> bool:
        """Whether the headers bring a key of their own."""
        return any(name.lower() in ("authorization", "api-key") for name in self.headers)

    def __repr__(self) -> str:
        """Say where, and nothing that may be a secret."""
        return f"Settings({self.origin})"

    @property
    def database(self) -> str | None:
        """The file of the embedded API; None where another API is meant."""
        return self.base_url.removeprefix(EMBEDDED) if self.base_url.startswith(EMBEDDED) else None

    @property
    def url(self) -> str:
        """The base URL that calls go to."""
        return EMBEDDED_URL if self.database is not None else self.base_url

    @property
    def host(self) -> str:
        """The host that calls go to."""
        return urlsplit(self.url).hostname or ""

    @property
    def local(self) -> bool:
        """Whether calls stay on this machine, so that no proxy may see them."""
        return self.database is not None or is_loopback(self.host)

    @property
    def origin(self) -> str:
        """The API in a few words, for people and for the journal: no path, no key."""
        if self.database is not None:
            return self.base_url
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def identity(self) -> str:
        """All that decides whose objects calls reach; a secret, for the key is in it."""
        given = (self.api_key, self.organization, self.project)
        return repr((self.base_url, *given, sorted(self.headers.items()), sorted(self.query.items())))

    @property
    def deadline(self) -> float:
        """Seconds that a call may take with all its repetitions and waits."""
        return self.timeout * (self.max_retries + 1)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never appear in a text."""
        named = [*secrets_of(self.headers), *secrets_of(self.query)]
        return tuple(sorted({each for each in (self.api_key or "", *named) if len(each) >= SHORTEST}))
