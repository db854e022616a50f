"""The provider: its configuration, and a handler for each type."""

import os
from collections.abc import Mapping
from typing import Any, cast

from provider_shim.api.settings import Settings
from provider_shim.contract.attributes import Bool
from provider_shim.contract.check import check
from provider_shim.contract.provider import (
    DEFAULT_BASE_URL,
    DEFAULT_MAX_RETRIES,
    DEFAULT_TIMEOUT,
    ENVIRONMENT,
    PROVIDER,
    needs_key,
    proxy_problem,
)
from provider_shim.contract.secrets import proxy_passwords
from provider_shim.journal.place import OFF
from provider_shim.resources.connection import Connection, Flags
from provider_shim.resources.handlers import DATA_SOURCES, RESOURCES, Handlers
from provider_shim.terraform.diagnostics import Diagnostic, error, warning
from provider_shim.terraform.handler import DataSourceHandler, ResourceHandler, Values
from provider_shim.terraform.secrets import hide
from provider_shim.terraform.values import UNKNOWN, is_unknown, unknown_paths

_BOOLS = {"true": True, "1": True, "false": False, "0": False}
"""What a variable of a true-or-false attribute may say."""


# Pathlib costs each start more than the work here.


class OpenaiProvider:
    """The provider openai."""

    contract = PROVIDER

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Serve with the environment that Terraform was started in."""
        self._environment = environment
        self._connection = Connection()
        self.resources: Mapping[str, ResourceHandler[Any]] = Handlers(RESOURCES, self._connection)
        self.data_sources: Mapping[str, DataSourceHandler[Any]] = Handlers(DATA_SOURCES, self._connection)

    def configure(self, config: Values, terraform_version: str) -> list[Diagnostic]:  # noqa: ARG002 - no version differs
        """Take the configuration, completed from the environment."""
        complete = dict(config)
        for name, variable in ENVIRONMENT.items():
            if complete[name] is None:
                value = self._environment.get(variable) or None
                if value is not None and isinstance(PROVIDER.attributes[name].type, Bool):
                    if value.lower() not in _BOOLS:
                        return [_no_bool(name, variable, value)]
                    complete[name] = _BOOLS[value.lower()]
                else:
                    complete[name] = value
        unknown = unknown_paths(complete)
        if unknown:
            api = complete["api"]
            self._connection.wait_for(unknown[0], api if api is UNKNOWN else api or "conversations")
            return []
        found = [
            error(each.summary, self._named(config, complete, each.detail), each.path)
            for each in check(PROVIDER, complete, is_unknown)
        ]
        if found:
            return found
        settings = _settings(complete)
        hide(*proxy_passwords(self._environment))
        found = self._unusable(config, settings)
        if not any(each.severity == "error" for each in found):
            flags = Flags(bool(complete["force_destroy"]), bool(complete["retain_on_destroy"]))
            self._connection.open(settings, flags, complete["journal"])
        return found

    def _named(self, config: Values, complete: Values, detail: str) -> str:
        """Say that a value came from the environment, where it did."""
        for name, variable in ENVIRONMENT.items():
            if config[name] is None and complete[name] is not None and detail.startswith(name):
                return f"{variable} in the environment (the default of {name}){detail.removeprefix(name)}"
        return detail

    def _unusable(self, config: Values, settings: Settings) -> list[Diagnostic]:
        found: list[Diagnostic] = []
        given = self._environment.get(ENVIRONMENT["journal"])
        if config["journal"] is None and given and given != OFF and not given.startswith("/"):
            found.append(
                error(
                    "The journal's folder is not absolute",
                    f'{ENVIRONMENT["journal"]} in the environment is "{given}", and each stack runs in a '
                    f'folder of its own. Allowed: an absolute path, or "{OFF}".',
                    ("journal",),
                )
            )
        if not settings.local:
            found += self._unusable_network()
        if settings.database is not None:
            source = "base_url" if config["base_url"] is not None else "OPENAI_BASE_URL in the environment"
            from provider_shim.resources.database import database_problem  # noqa: PLC0415 - for sqlite: only

            problem = database_problem(settings.database, relative_allowed=config["base_url"] is not None)
            if problem:
                found.append(
                    error("The embedded API can't use this file", f"{source} {problem}", ("base_url",))
                )
        elif settings.api_key is None and needs_key(settings.base_url) and not _authorized(settings.headers):
            found.append(
                error(
                    "No API key",
                    f"Calls to {settings.origin} need a key, and there is none. Set the environment variable "
                    "OPENAI_API_KEY, or api_key in the provider (from a sensitive variable). Without an "
                    "account: "
                    'base_url = "sqlite:threads.db" is the embedded API on a file and needs no key.',
                    ("api_key",),
                )
            )
        if config["allow_http"] and settings.base_url.startswith("http:") and not settings.local:
            found.append(
                warning(
                    "Unencrypted connection",
                    f"allow_http = true: the key and all messages travel to {settings.origin} unencrypted. "
                    "Use https:// wherever the server has it.",
                    ("allow_http",),
                )
            )
        return found

    def _unusable_network(self) -> list[Diagnostic]:
        """Judge the proxy and certificate variables, which do not count for this machine."""
        found: list[Diagnostic] = []
        for name, value in self._environment.items():
            problem = None
            if name.lower() in ("http_proxy", "https_proxy", "all_proxy") and value:
                problem = proxy_problem(value)
            elif name in ("SSL_CERT_FILE", "SSL_CERT_DIR") and value:
                is_there = os.path.isfile if name.endswith("FILE") else os.path.isdir
                kind = "file" if name.endswith("FILE") else "folder"
                if not (is_there(value) and os.access(value, os.R_OK)):
                    problem = f"is {value!r}, and there is no such {kind} that can be read"
            if problem:
                found.append(
                    error(
                        "A variable of the environment can't be used",
                        f"{name} {problem}. Correct it, or unset it.",
                    )
                )
        return found

    def explain(self, problem: BaseException) -> list[Diagnostic] | None:
        """Return what to show of a problem of the API."""
        from provider_shim.resources.problems import diagnostics_of  # noqa: PLC0415 - only on this way out

        return diagnostics_of(problem)

    async def stop(self) -> None:
        """Ctrl-C: end waits, begin nothing new."""
        self._connection.stop()

    async def close(self) -> None:
        """Release the connection."""
        await self._connection.close()


def _no_bool(name: str, variable: str, value: str) -> Diagnostic:
    return error(
        "Value not allowed",
        f"{variable} in the environment (the default of {name}) is {value[:20]!r}. Allowed: true or false.",
        (name,),
    )


def _settings(config: Values) -> Settings:
    def default(name: str, value: object) -> Any:  # noqa: ANN401 - the contract checked it
        return value if config[name] is None else config[name]

    return Settings(
        base_url=default("base_url", DEFAULT_BASE_URL),
        api_key=config["api_key"],
        organization=config["organization"],
        project=config["project"],
        api=default("api", "conversations"),
        headers=cast("Mapping[str, str]", config["headers"] or {}),
        query=cast("Mapping[str, str]", config["query"] or {}),
        timeout=default("timeout", DEFAULT_TIMEOUT),
        max_retries=int(default("max_retries", DEFAULT_MAX_RETRIES)),
    )


def _authorized(headers: Mapping[str, str]) -> bool:
    return any(name.lower() in ("authorization", "api-key") for name in headers)
