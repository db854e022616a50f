"""The provider: its configuration, and a handler for each type."""

import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from provider_shim.contract.check import Problem, check
from provider_shim.contract.environment import completed, named, unusable_network
from provider_shim.contract.provider import ENVIRONMENT, PROVIDER, needs_key
from provider_shim.journal.place import OFF
from provider_shim.resources.handlers import data_sources, lists, resources
from provider_shim.system.bundled import without_ours
from provider_shim.terraform.diagnostics import Diagnostic, error, warning
from provider_shim.terraform.handler import DataSourceHandler, ListHandler, ResourceHandler, Values
from provider_shim.terraform.secrets import hide
from provider_shim.terraform.values import UNKNOWN, is_unknown, unknown_paths

if TYPE_CHECKING:
    from provider_shim.api.settings import Settings
    from provider_shim.resources.connection import Connection


class OpenaiProvider:
    """The provider openai."""

    contract = PROVIDER

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Serve with the environment that Terraform was started in."""
        self._environment = environment
        self.resources: Mapping[str, ResourceHandler[Any]] = resources(lambda: self._connection)
        self.data_sources: Mapping[str, DataSourceHandler[Any]] = data_sources(lambda: self._connection)
        self.lists: Mapping[str, ListHandler] = lists(lambda: self._connection)

    @cached_property
    def _connection(self) -> "Connection":
        """The connection; a start that only describes or judges makes none."""
        from provider_shim.resources.connection import Connection  # noqa: PLC0415 - see above

        return Connection()

    def configure(self, config: Values, terraform_version: str) -> list[Diagnostic]:
        """Take the configuration, completed from the environment."""
        self._connection.engine_version = terraform_version
        complete = completed(config, self._environment)
        if isinstance(complete, Problem):
            return [error(complete.summary, complete.detail, complete.path)]
        unknown = unknown_paths(complete)
        if unknown:
            api = complete["api"]
            self._connection.wait_for(unknown[0], api if api is UNKNOWN else api or "conversations")
            return []
        found = [
            error(each.summary, named(config, complete, each.detail), each.path)
            for each in check(PROVIDER, complete, is_unknown)
        ]
        if found:
            return found
        # The starts that only describe or judge are not configured.
        from provider_shim.api.settings import Settings  # noqa: PLC0415 - as the line above says
        from provider_shim.contract.secrets import proxy_passwords  # noqa: PLC0415 - as the line above says
        from provider_shim.resources.connection import Flags  # noqa: PLC0415 - as the line above says

        settings = Settings.of({**complete, "client": "terraform"})
        hide(*proxy_passwords(self._environment))
        found = self._unusable(config, settings)
        if not any(each.severity == "error" for each in found):
            flags = Flags(bool(complete["force_destroy"]), bool(complete["retain_on_destroy"]))
            self._connection.open(settings, flags, complete["journal"])
        return found

    def _unusable(self, config: Values, settings: "Settings") -> list[Diagnostic]:
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
            # No person has named a bundle's own certificates, and to load them takes almost half of a start.
            given_variables = without_ours(self._environment)
            found += [error(each.summary, each.detail) for each in unusable_network(given_variables)]
        if settings.database is not None:
            source = (
                "base_url"
                if config["base_url"] is not None
                else f"{ENVIRONMENT['base_url']} in the environment"
            )
            from provider_shim.resources.database import database_problem  # noqa: PLC0415 - for sqlite: only

            problem = database_problem(settings.database, relative_allowed=config["base_url"] is not None)
            if problem:
                found.append(
                    error("The embedded API can't use this file", f"{source} {problem}", ("base_url",))
                )
        elif settings.api_key is None and needs_key(settings.base_url) and not settings.authorized:
            found.append(
                error(
                    "No API key",
                    f"Calls to {settings.origin} need a key, and there is none. Set the environment variable "
                    f"{ENVIRONMENT['api_key']}, or api_key in the provider (from a sensitive variable). "
                    'Without an account: base_url = "sqlite:threads.db" is the embedded API on a file and '
                    "needs no key.",
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
