"""What a change will do, from the contract alone. Pure.

Terraform's rules: what the configuration sets is planned as configured; a computed
attribute that the configuration leaves out is carried from the prior state, or unknown
where there is none; what will be made anew can't carry anything.
"""

from collections.abc import Mapping
from typing import Any

from provider_shim.contract.attributes import Attribute, Contract, Json, ListOf, MapOf, Object, Type
from provider_shim.contract.path import Key, Path
from provider_shim.terraform.handler import Change, Values
from provider_shim.terraform.values import UNKNOWN, same, same_json

Attributes = Mapping[str, Attribute]


def change(contract: Contract, prior: Values | None, config: Values | None) -> Change[Any]:
    """Plan a create (no prior), a destroy (no configuration) or an update."""
    if config is None:
        return Change(prior, None, None)
    planned = _object(contract.attributes, prior, config)
    if prior is None:
        return Change(None, config, planned)
    replace = _replaced(contract.attributes, prior, planned, ())
    return Change(prior, config, planned, replace=replace)


def anew(contract: Contract, config: Values) -> Values:
    """Plan a replacement: every computed value that is not configured is unknown."""
    return _object(contract.attributes, None, config)


def _object(
    attributes: Attributes, prior: Mapping[str, object] | None, config: Mapping[str, object]
) -> Values:
    return {
        name: _planned(attribute, name, prior, config.get(name)) for name, attribute in attributes.items()
    }


def _planned(attribute: Attribute, name: str, prior: Mapping[str, object] | None, configured: Any) -> Any:  # noqa: ANN401 - any value
    if attribute.write_only:
        return None
    before = None if prior is None else prior.get(name)
    if configured is not None:
        return _configured(attribute.type, before, configured)
    if attribute.default is not None:
        return attribute.default
    if attribute.computed:
        return UNKNOWN if prior is None else before
    return None


def _configured(kind: Type, before: Any, configured: Any) -> Any:  # noqa: ANN401 - any value
    if configured is None or configured is UNKNOWN:
        return configured
    match kind:
        case Object(_, attributes):
            return _object(attributes, before if isinstance(before, dict) else None, configured)
        case ListOf(element):
            old = before if isinstance(before, list) else []
            return [
                _configured(element, old[index] if index < len(old) else None, each)
                for index, each in enumerate(configured)
            ]
        case MapOf(element):
            by_key = before if isinstance(before, dict) else {}
            return {key: _configured(element, by_key.get(key), each) for key, each in configured.items()}
        case Json():
            return before if same_json(before, configured) else configured
        case _:
            # The same number written in another way is no change.
            return before if same(before, configured) else configured


def _replaced(
    attributes: Attributes, prior: Mapping[str, object], planned: Mapping[str, object], path: Path
) -> list[Path]:
    """Find what differs and says that it makes a new object."""
    found: list[Path] = []
    for name, attribute in attributes.items():
        before, after = prior.get(name), planned[name]
        if same(before, after):
            continue
        here = (*path, name)
        if attribute.replace:
            found.append(here)
        else:
            found += _replaced_within(attribute.type, before, after, here)
    return found


def _replaced_within(kind: Type, before: object, after: object, path: Path) -> list[Path]:
    match kind:
        case Object(_, attributes) if isinstance(before, dict) and isinstance(after, dict):
            return _replaced(attributes, before, after, path)
        case ListOf(element) if isinstance(before, list) and isinstance(after, list):
            return [
                found
                for index, (one, other) in enumerate(zip(before, after, strict=False))
                for found in _replaced_within(element, one, other, (*path, index))
            ]
        case MapOf(element) if isinstance(before, dict) and isinstance(after, dict):
            return [
                found
                for key, other in after.items()
                if key in before
                for found in _replaced_within(element, before[key], other, (*path, Key(key)))
            ]
        case _:
            return []
