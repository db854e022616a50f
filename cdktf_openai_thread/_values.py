"""What a user gives, made into what Terraform JSON takes: plain, checked, escaped."""

import dataclasses
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from provider_shim.contract.attributes import Contract, ListOf, MapOf, Object, String, Type
from provider_shim.contract.check import Problem, check
from provider_shim.contract.path import Key, Path, spelled

_TOKEN = "TfToken["  # noqa: S105 - not that kind of token
_STRING_TOKEN = "${TfToken["  # noqa: S105 - as above
_NUMBER_TOKENS = -1e280
"""cdktf encodes a number token as a double below this."""


def is_token(value: object) -> bool:
    """Tell whether a value is known only at deploy. Asks nothing of Node."""
    if isinstance(value, str):
        return _TOKEN in value
    if isinstance(value, float):
        return value < _NUMBER_TOKENS
    if isinstance(value, (list, tuple)):
        return len(value) == 1 and isinstance(value[0], (str, float)) and _is_list_token(value[0])
    if isinstance(value, Mapping):
        return len(value) == 1 and str(next(iter(value))).startswith("&{TfToken[")
    return _is_jsii(value)


def _is_list_token(element: str | float) -> bool:
    if isinstance(element, float):
        return element < _NUMBER_TOKENS
    return element.startswith("#{TfToken[")


def _is_jsii(value: object) -> bool:
    return hasattr(type(value), "__jsii_type__") or hasattr(value, "__jsii_ref__")


def prepared(contract: Contract, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Give the attributes as Terraform JSON takes them, and what is wrong with them."""
    problems: list[Problem] = []
    values = {name: _plain(value, (name,), problems) for name, value in given.items() if value is not None}
    if not problems:
        problems = list(check(contract, values, is_token))
    if problems:
        return {}, problems
    return {name: _literal(contract.attributes[name].type, value) for name, value in values.items()}, []


def _plain(value: object, path: Path, problems: list[Problem]) -> Any:  # noqa: ANN401 - JSON
    if value is None or isinstance(value, (str, bool, int, float)):
        return _number(value, path, problems) if isinstance(value, int) else value
    if _is_jsii(value):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {
            key if isinstance(key, str) else str(key): _plain(each, (*path, key_step(key)), problems)
            for key, each in value.items()
            if each is not None
        }
    if isinstance(value, AbstractSet):
        value = sorted(value, key=str)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_plain(each, (*path, index), problems) for index, each in enumerate(value)]
    problems.append(
        Problem(
            path,
            "Wrong type",
            f"{spelled(path)} is a {type(value).__name__} ({value!r:.60}). Allowed: strings, numbers, "
            "booleans, dictionaries, dataclasses, lists, tuples, sets and tokens.",
        )
    )
    return None


def key_step(key: object) -> str:
    """Spell a key of a dictionary in a path: as an attribute where it could be one."""
    return key if isinstance(key, str) and key.isidentifier() else Key(key)


_EXACT = 2**53


def _number(value: int, path: Path, problems: list[Problem]) -> int:
    if abs(value) > _EXACT:
        problems.append(
            Problem(
                path,
                "Number too large",
                f"{spelled(path)} is {value}. Allowed: whole numbers up to 2**53; "
                'beyond that cdktf changes the digits. Give it as a string: "…".',
            )
        )
    return value


def _literal(kind: Type, value: Any) -> Any:  # noqa: ANN401 - JSON
    """Escape what Terraform would take for a template in text that a person wrote."""
    if is_token(value) and not isinstance(value, str):
        return value
    match kind:
        case String(prose=True) if isinstance(value, str):
            return escaped(value)
        case ListOf(element) | MapOf(element) if not isinstance(element, (String, MapOf)) or _has_prose(
            element
        ):
            if isinstance(value, list):
                return [_literal(element, each) for each in value]
            return {key: _literal(element, each) for key, each in value.items()}
        case Object(_, attributes):
            return {key: _literal(attributes[key].type, each) for key, each in value.items()}
    return value


def _has_prose(kind: Type) -> bool:
    return isinstance(kind, String) and kind.prose


def escaped(text: str) -> str:
    """Make ``${`` and ``%{`` mean themselves, and leave tokens alone."""
    if "{" not in text:
        return text
    parts = text.split(_STRING_TOKEN)
    return _STRING_TOKEN.join(part.replace("${", "$${").replace("%{", "%%{") for part in parts)
