"""What a user gives, made into what Terraform JSON takes: plain, checked, escaped."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from provider_shim.contract.attributes import Attribute, Contract, ListOf, MapOf, Object, String, Type
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
    """Give the attributes as plain values, and what is wrong with them."""
    problems: list[Problem] = []
    values = {
        name: _plain(value, (name,), problems, _type_of(contract.attributes, name))
        for name, value in given.items()
        if value is not None
    }
    if not problems:
        problems = list(check(contract, values, is_token))
    return ({}, problems) if problems else (values, [])


def written(contract: Contract, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give plain values as Terraform JSON takes them: a person's text escaped."""
    return {name: _literal(contract.attributes[name].type, value) for name, value in values.items()}


def _plain(  # noqa: PLR0911 - one return a kind of value
    value: object, path: Path, problems: list[Problem], kind: Type | None
) -> Any:  # noqa: ANN401 - JSON
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (int, float)):
        return _number(value, path, problems)
    if _is_jsii(value):
        if hasattr(type(value), "node"):
            problems.append(_construct(value, path))
        return value
    if len(path) > _DEEPEST:
        problems.append(
            Problem(
                path[:1],
                "Nested too deep",
                f"{path[0]} is nested deeper than {_DEEPEST} levels. Allowed: {path[0]} as its type says. "
                "Look for a list or dictionary that contains itself.",
            )
        )
        return None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {
            key: _plain(each, (*path, _step(kind, key)), problems, _within(kind, key))
            for key, each in value.items()
            if _is_key(key, path, problems) and each is not None
        }
    if isinstance(value, AbstractSet):
        value = sorted(value, key=str)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        inner = kind.element if isinstance(kind, ListOf) else None
        return [_plain(each, (*path, index), problems, inner) for index, each in enumerate(value)]
    problems.append(
        Problem(
            path,
            "Wrong type",
            f"{spelled(path)} is {value!r:.60} ({type(value).__name__}). Allowed: strings, numbers, "
            "booleans, dictionaries, dataclasses, lists, tuples, sets and tokens.",
        )
    )
    return None


def _construct(value: object, path: Path) -> Problem:
    return Problem(
        path,
        "Wrong type",
        f"{spelled(path)} is a construct ({type(value).__name__}). Allowed: a value, or a reference to one. "
        "Give what is meant of it: the id of a resource, the string_value of a variable.",
    )


def _is_key(key: object, path: Path, problems: list[Problem]) -> bool:
    if isinstance(key, str):
        return True
    problems.append(
        Problem(
            path,
            "Wrong type",
            f"{spelled(path)} has the key {key!r:.60} ({type(key).__name__}). Allowed: keys that are "
            "strings. Put it in quotes.",
        )
    )
    return False


def _step(kind: Type | None, key: str) -> str:
    """Spell a key in a path: in brackets in a map, and where no attribute could have that name."""
    return Key(key) if isinstance(kind, MapOf) or not key.isidentifier() else key


def _within(kind: Type | None, key: str) -> Type | None:
    if isinstance(kind, MapOf):
        return kind.element
    return _type_of(kind.attributes, key) if isinstance(kind, Object) else None


def _type_of(attributes: Mapping[str, Attribute], name: str) -> Type | None:
    return attributes[name].type if name in attributes else None


_EXACT = 2**53
_DEEPEST = 20
"""Steps of a path. The deepest attribute of any contract has 6."""


def _number(value: float, path: Path, problems: list[Problem]) -> float:
    if value - value != 0:
        problems.append(
            Problem(
                path,
                "Not a number",
                f"{spelled(path)} is {value}. Allowed: finite numbers. Terraform has no other.",
            )
        )
    elif isinstance(value, int) and abs(value) > _EXACT:
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
    if isinstance(value, str):
        return escaped(value) if isinstance(kind, String) and kind.prose else _dollars_kept(value)
    if is_token(value):
        return value
    match kind:
        case ListOf(element) | MapOf(element):
            if isinstance(value, list):
                return [_literal(element, each) for each in value]
            return {key: _literal(element, each) for key, each in value.items()}
        case Object(_, attributes):
            return {key: _literal(attributes[key].type, each) for key, each in value.items()}
    return value


def escaped(text: str) -> str:
    """Make ``${`` and ``%{`` mean themselves, and leave tokens alone."""
    if "{" not in text:
        return text
    parts = text.split(_STRING_TOKEN)
    return _dollars_kept(_STRING_TOKEN.join(each.replace("${", "$${").replace("%{", "%%{") for each in parts))


_DOLLARS = r"\$+(?=\$\{TfToken\[)"


def _dollars_kept(text: str) -> str:
    """Keep a token behind a dollar sign, as in ``f"${price}"``, from being read as escaped."""
    return re.sub(_DOLLARS, r'${"\g<0>"}', text) if _STRING_TOKEN in text else text
