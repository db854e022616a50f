"""States of other providers' resources, as far as they say what ours do. Pure.

Their SDK writes an absent block as an empty list and one that is there as a list of one, a tool as an object
with its type, an absent list as an empty one. Attributes that we do not have are dropped; what is missing is
read from the API.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from provider_shim.contract.attributes import (
    Attribute,
    Bool,
    Contract,
    Json,
    ListOf,
    MapOf,
    Number,
    Object,
    String,
    Type,
)
from provider_shim.terraform.diagnostics import Failure, error
from provider_shim.terraform.handler import Source, Values

_TEXTS: Final = ("text", "value", "message", "type", "code")
"""Where an object has the text that we have in its place: a part of a message, an error, a tool."""


def moved(contract: Contract, source: Source) -> Values:
    """Return what another provider's resource of this type knows; what is missing is read from the API.

    Raises:
        Failure: the source is of another type.
    """
    if source.type_name != contract.type_name:
        raise Failure(
            error(
                f"Not an {contract.type_name}",
                f"{source.type_name} of {source.provider} can't become an {contract.type_name}. Allowed: "
                f"{contract.type_name} of any provider. Import it instead.",
            )
        )
    return adapted(contract, source.state)


def adapted(contract: Contract, state: Mapping[str, object]) -> Values:
    """Return a state of another provider with our attributes, each in our shape or null."""
    return _object(contract.attributes, state)


def _object(attributes: Mapping[str, Attribute], value: Mapping[str, object]) -> Values:
    found = {name: _adapted(each.type, value.get(name)) for name, each in attributes.items()}
    return {name: attributes[name].default if each is None else each for name, each in found.items()}


def _adapted(kind: Type, value: object) -> Any:  # noqa: ANN401 - a value of the type, or None
    return None if value is None or value in ([], {}) else _AS[type(kind)](kind, value)


def _to_object(kind: Any, value: object) -> Any:  # noqa: ANN401 - as above
    if isinstance(value, list) and len(value) == 1:
        [value] = value
    return _object(kind.attributes, value) if isinstance(value, Mapping) else None


def _to_list(kind: Any, value: object) -> Any:  # noqa: ANN401 - as above
    if not isinstance(value, list):
        return None
    return [each for each in (_adapted(kind.element, one) for one in value) if each is not None] or None


def _to_map(kind: Any, value: object) -> Any:  # noqa: ANN401 - as above
    if not isinstance(value, Mapping):
        return None
    found = {str(key): _adapted(kind.element, each) for key, each in value.items()}
    return {key: each for key, each in found.items() if each is not None} or None


def _to_json(_: object, value: object) -> Any:  # noqa: ANN401 - as above
    if isinstance(value, Mapping):
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return value if isinstance(value, str) and value else None


def _to_text(kind: Any, value: object) -> Any:  # noqa: ANN401 - as above
    if isinstance(value, list):
        found = [each for each in (_to_text(kind, one) for one in value) if each is not None]
        return "\n".join(found) or None
    if isinstance(value, Mapping):
        texts = (_to_text(kind, value[name]) for name in _TEXTS if value.get(name))
        return next((each for each in texts if each), None)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)
    return text if not kind.one_of or text in kind.one_of else None


def _to_number(_: object, value: object) -> Any:  # noqa: ANN401 - as above
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
        value = int(value) if value.is_integer() else value
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _to_bool(_: object, value: object) -> Any:  # noqa: ANN401 - as above
    return {"true": True, "false": False}.get(str(value).lower())


_AS: Final[Mapping[type, Callable[[Any, object], Any]]] = {
    Object: _to_object,
    ListOf: _to_list,
    MapOf: _to_map,
    Json: _to_json,
    String: _to_text,
    Number: _to_number,
    Bool: _to_bool,
}
