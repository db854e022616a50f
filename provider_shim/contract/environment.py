"""What the environment adds to the provider's configuration, and what of it no call could use."""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from provider_shim.contract import provider
from provider_shim.contract.attributes import Bool
from provider_shim.contract.check import Problem
from provider_shim.contract.provider import ENVIRONMENT, proxy_problem

# Pathlib costs each start of the provider more than the work here.

_BOOLS: Final = {"true": True, "1": True, "false": False, "0": False}
"""What a variable of a true-or-false attribute may say."""


def completed(config: Mapping[str, object], environment: Mapping[str, str]) -> dict[str, Any] | Problem:
    """Return a configuration with what the environment has in place of absent attributes."""
    complete = dict(config)
    for name, variable in ENVIRONMENT.items():
        if complete.get(name) is not None:
            continue
        value = environment.get(variable) or None
        if value is not None and isinstance(provider.PROVIDER.attributes[name].type, Bool):
            if value.lower() not in _BOOLS:
                return Problem(
                    (name,),
                    "Value not allowed",
                    f"{variable} in the environment (the default of {name}) is {value[:20]!r}. Allowed: true "
                    "or false.",
                )
            complete[name] = _BOOLS[value.lower()]
        else:
            complete[name] = value
    return complete


def named(config: Mapping[str, Any], complete: Mapping[str, Any], detail: str) -> str:
    """Say that a value came from the environment, where it did."""
    for name, variable in ENVIRONMENT.items():
        if config.get(name) is None and complete[name] is not None and detail.startswith(name):
            return f"{variable} in the environment (the default of {name}){detail.removeprefix(name)}"
    return detail


def unusable_network(environment: Mapping[str, str], *, proxies: bool = True) -> Iterator[Problem]:
    """Judge the proxy and certificate variables. On this machine only TLS needs one."""
    for name, value in environment.items():
        problem = None
        if name.lower() in ("http_proxy", "https_proxy", "all_proxy") and value and proxies:
            problem = proxy_problem(value)
        elif name in ("SSL_CERT_FILE", "SSL_CERT_DIR") and value:
            problem = _certificates_problem(name, value)
        if problem:
            yield Problem(
                (),
                "A variable of the environment can't be used",
                f"{name} {problem}. Correct it, or unset it.",
            )


def _certificates_problem(name: str, value: str) -> str | None:
    """Say what is wrong with where the certificates are; SSL_CERT_DIR may be a list, as OpenSSL takes it."""
    if name == "SSL_CERT_DIR":
        folders = [each for each in value.split(os.pathsep) if each]
        missing = next((each for each in folders if not _readable(each, os.path.isdir)), None)
        if missing is None and folders:
            return None
        named = f"has {missing!r}" if len(folders) > 1 else f"is {value!r}"
        return f"{named}, and there is no such folder that can be read"
    if not _readable(value, os.path.isfile):
        return f"is {value!r}, and there is no such file that can be read"
    from ssl import PROTOCOL_TLS_CLIENT, SSLContext, SSLError  # noqa: PLC0415 - few set the variable

    try:
        SSLContext(PROTOCOL_TLS_CLIENT).load_verify_locations(value)
    except SSLError:
        return f"is {value!r}, and that file holds no certificates as PEM"
    return None


def _readable(path: str, is_there: Callable[[str], bool]) -> bool:
    return is_there(path) and os.access(path, os.R_OK)
