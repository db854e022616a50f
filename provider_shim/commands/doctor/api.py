"""The API as each stack configures it: judged as the provider judges it, then asked."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from provider_shim.api.client import Client, Request, path_to
from provider_shim.api.problem import ApiProblem
from provider_shim.api.settings import Settings
from provider_shim.commands.doctor.finding import SECONDS, Finding
from provider_shim.commands.doctor.project import AGAIN, Known, Stack, providers
from provider_shim.commands.problems import advice_of
from provider_shim.contract.check import check
from provider_shim.contract.environment import completed, named, unusable_network
from provider_shim.contract.provider import EMBEDDED, ENVIRONMENT, PROVIDER, needs_key
from provider_shim.contract.secrets import masked, proxy_passwords
from provider_shim.local.migrations import MIGRATIONS, is_foreign, version_of

NOBODY: Final = "openai_thread_doctor"
"""A thread that is not there: only the API itself, with a key it accepts, can say so."""

_ASKED: Final[Mapping[str, tuple[str, str, Mapping[str, str]]]] = {
    "conversations": ("conversations", f"conv_{NOBODY}", {}),
    "threads": ("threads", f"thread_{NOBODY}", {"OpenAI-Beta": "assistants=v2"}),
}
_EMBEDDED_WAY: Final = 'base_url = "sqlite:threads.db" in the provider needs neither key nor network'
_NAMED: Final = 3
"""Stacks that are named; of further ones only the number is told."""


@dataclass
class Configuration:
    """A configuration of the provider, and the stacks that have it."""

    config: Mapping[str, Any]
    folder: Path
    """Where a relative path begins."""
    stacks: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        """Return the stacks' names in a few words."""
        more = len(self.stacks) - _NAMED
        shown = ", ".join(self.stacks[:_NAMED])
        return f"{shown} and {more} more" if more > 0 else shown


def api(folder: Path, stacks: Sequence[Stack], base_url: str | None) -> Iterator[Finding]:
    """Report key and API of each stack; of ``base_url`` alone where that is given."""
    configurations = (
        [Configuration({"base_url": base_url}, folder)] if base_url is not None else _configurations(stacks)
    )
    for each in stacks:
        if each.problem:
            yield Finding(f"Stack {each.name}", "error", each.problem, AGAIN)
        elif each.configuration is None and base_url is None:
            todo = "cdktf synth without --hcl, or openai-thread doctor --base-url URL, has it examined."
            yield Finding(
                f"Stack {each.name}", "ok", f"is HCL, in which the doctor does not look for base_url. {todo}"
            )
    if not stacks and not configurations:
        configurations = [Configuration({}, folder)]
    for configuration in configurations:
        of = f" of {configuration.where}" if len(configurations) > 1 else ""
        for finding in _findings(configuration):
            yield replace(finding, name=f"{finding.name}{of}")


def _configurations(stacks: Sequence[Stack]) -> list[Configuration]:
    """Return the configurations of all stacks, equal ones once."""
    found: dict[str, Configuration] = {}
    for stack in stacks:
        for config in providers(stack):
            url = config.get("base_url")
            relative = isinstance(url, str) and url.startswith(EMBEDDED)
            key = repr((sorted(config.items(), key=lambda each: each[0]), relative and stack.folder))
            configuration = found.setdefault(key, Configuration(config, stack.folder))
            if stack.name not in configuration.stacks:
                configuration.stacks.append(stack.name)
    return list(found.values())


def _findings(configuration: Configuration) -> Iterator[Finding]:
    config = configuration.config
    complete = completed({**dict.fromkeys(PROVIDER.attributes), **config}, os.environ)
    if not isinstance(complete, dict):
        yield Finding("API", "error", complete.detail, "Correct the variable, or unset it.")
        return
    if wrong := next(check(PROVIDER, complete, lambda value: isinstance(value, Known)), None):
        said = f"{configuration.where}: " if configuration.stacks else ""
        yield Finding(
            "API", "error", said + named(config, complete, wrong.detail), _correct(configuration, config)
        )
        return
    known, unknown = _known(complete)
    settings = Settings.of({**known, "timeout": SECONDS, "max_retries": 0})
    if not settings.local and (broken := next(unusable_network(os.environ), None)):
        yield Finding("Network", "error", broken.detail, "Correct the variable, or unset it.")
        return
    if settings.database is not None:
        settings = settings._replace(base_url=f"{EMBEDDED}{configuration.folder / settings.database}")
    source = _source(configuration, complete)
    if unknown:
        yield from _unknown(
            unknown, ("base_url" not in unknown and f"{settings.origin}{source}") or "the API"
        )
        return
    key = _key(config, settings)
    yield key
    if key.status != "ok":
        yield Finding(
            "API", "warning", f"{settings.origin}{source} was not asked: there is no key", "See Key."
        )
    elif settings.database is not None and (judged := _database(Path(settings.database))):
        yield judged
    else:
        yield asyncio.run(_reached(settings, source))


def _known(complete: Mapping[str, object]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what is known of a configuration, and what only a deploy tells, each with its variable."""
    known, unknown = dict(complete), {}
    for name, value in complete.items():
        inner = value.values() if isinstance(value, Mapping) else [value]
        for each in inner:
            if isinstance(each, Known):
                known[name] = None
                if name in ("base_url", "api_key", "organization", "project", "api", "headers", "query"):
                    unknown[name] = each.variable
    return known, unknown


def _unknown(unknown: Mapping[str, str], what: str) -> Iterator[Finding]:
    """Report what can't be asked, because a deploy alone tells how."""
    missing = sorted({each for each in unknown.values() if each})
    names = " and ".join(unknown)
    if missing:
        variables = " and ".join(missing)
        yield Finding(
            "API",
            "warning",
            f"{what} was not asked: {names} of the provider comes from the variable {variables}, which has "
            "no value here",
            f"Set {' and '.join(f'TF_VAR_{each}' for each in missing)}, or give --var when you deploy.",
        )
    else:
        yield Finding(
            "API", "ok", f"{what} was not asked: {names} of the provider is known at the deploy only"
        )


def _correct(configuration: Configuration, config: Mapping[str, object]) -> str:
    if configuration.stacks:
        return "Correct the provider in the app, and synthesize again."
    return "Give another base URL." if config.get("base_url") else "Correct the variable, or unset it."


def _source(configuration: Configuration, complete: Mapping[str, object]) -> str:
    """Return where the base URL is from."""
    if configuration.config.get("base_url") is not None:
        return f" (base_url of {configuration.where})" if configuration.stacks else ""
    of = f", in {configuration.where}" if configuration.stacks else ""
    return f" ({ENVIRONMENT['base_url']}{of})" if complete["base_url"] else f" (the default{of})"


def _key(config: Mapping[str, object], settings: Settings) -> Finding:
    if config.get("api_key"):
        return Finding("Key", "ok", "api_key of the provider is given (not shown)")
    if settings.api_key:
        return Finding("Key", "ok", f"{ENVIRONMENT['api_key']} is set (not shown)")
    if settings.authorized:
        return Finding("Key", "ok", "headers of the provider bring one (not shown)")
    if needs_key(settings.base_url):
        return Finding(
            "Key",
            "warning",
            f"{ENVIRONMENT['api_key']} is not set",
            f"Set it, or give the provider api_key from a sensitive variable. {_EMBEDDED_WAY}.",
        )
    return Finding("Key", "ok", f"none, and {settings.origin} needs none")


def _database(database: Path) -> Finding | None:
    """Judge a file that is not there, or that a deploy would bring up to date; None where it can be asked."""
    if database.exists():
        present = _version(database)
        if present is None or not 0 < present < len(MIGRATIONS):
            return None
        return Finding(
            "API", "ok", f"{EMBEDDED}{database} is of an older version: the next deploy migrates it"
        )
    folder = database.absolute().parent
    if os.access(folder, os.W_OK | os.X_OK):
        return Finding("API", "ok", f"{EMBEDDED}{database} will be made by the first deploy")
    return Finding(
        "API",
        "error",
        f"{EMBEDDED}{database} can't be made: {folder} is not there or can't be written",
        "Make the folder writable, or give another path.",
    )


def _version(database: Path) -> int | None:
    """Return the version of a database of ours without changing it; None where it is none."""
    try:
        db = sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)
        try:
            return None if is_foreign(db) else version_of(db)
        finally:
            db.close()
    except sqlite3.Error:
        return None


async def _reached(settings: Settings, source: str) -> Finding:
    collection, identifier, headers = _ASKED[settings.api]
    client = Client(settings)
    try:
        await client.find(Request("asking the API", "GET", path_to(collection, identifier), headers=headers))
    except ApiProblem as problem:
        if problem.kind == "refused" and problem.answer is not None and problem.answer.error:
            # The API's own words, behind a key that it takes: some servers refuse an id that is not theirs.
            return Finding("API", "ok", f"{settings.origin}{source} answers")
        found = f"{problem.summary}{source}. {' '.join(problem.facts)}"
        secrets = [*settings.secrets, *proxy_passwords(os.environ)]
        return Finding("API", "error", masked(found, secrets), masked(advice_of(problem), secrets))
    finally:
        await client.close()
    return Finding("API", "ok", f"{settings.origin}{source} answers")
