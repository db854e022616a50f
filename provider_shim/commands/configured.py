"""How the provider of a stack reaches the API, as far as what cdktf synth wrote tells it."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from provider_shim.api.settings import Settings
from provider_shim.commands.doctor.project import Known, providers, stack_in
from provider_shim.contract.check import check
from provider_shim.contract.environment import completed
from provider_shim.contract.provider import PROVIDER


def configured_in(folder: Path) -> Iterator[Settings]:
    """Yield the settings of each provider of the stack in a folder; what only a deploy knows is left out."""
    for config in providers(stack_in(folder)):
        found = settings_of({name: value for name, value in config.items() if not _is_open(value)})
        if found is not None:
            yield found


def settings_of(config: Mapping[str, Any]) -> Settings | None:
    """Return the settings of a configuration, completed from the environment; None where none can be used."""
    complete = completed({**dict.fromkeys(PROVIDER.attributes), **config}, os.environ)
    if not isinstance(complete, dict) or next(check(PROVIDER, complete, lambda _: False), None):
        return None
    return Settings.of(complete)


def _is_open(value: object) -> bool:
    within = value.values() if isinstance(value, Mapping) else [value]
    return any(isinstance(each, Known) for each in within)
