"""What a Terraform was told to do: by its arguments, and by those that it has from its environment."""

from collections.abc import Mapping

from provider_shim.system.parent import arguments


def destroys(process: int, environment: Mapping[str, str]) -> bool:
    """Return whether a Terraform destroys all it has; False where the system does not tell."""
    return _says(process, environment, "destroy", "destroy=true")


def skips_refresh(process: int, environment: Mapping[str, str]) -> bool:
    """Return whether a Terraform plans without reading anything; False where the system does not tell."""
    return _says(process, environment, "refresh=false")


def _says(process: int, environment: Mapping[str, str], *wanted: str) -> bool:
    said = arguments(process)
    return bool(said) and any(each.lstrip("-") in wanted for each in [*said, *_more(environment)])


def names_state(process: int, environment: Mapping[str, str]) -> str:
    """Return what an engine was told of the state (``-state=…``): then ``state pull`` reads another one."""
    said = [*arguments(process), *_more(environment)]
    named = [each.lstrip("-") for each in said if each.startswith("-")]
    return " ".join(each for each in named if each.partition("=")[0] in ("state", "state-out"))


def _more(environment: Mapping[str, str]) -> list[str]:
    """Return the arguments that a Terraform has from its environment."""
    given = [value for name, value in environment.items() if name.startswith("TF_CLI_ARGS")]
    return " ".join(given).split()
