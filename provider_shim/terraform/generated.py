"""The configuration that a state would come from: what `terraform plan -generate-config-out` writes. Pure."""

from collections.abc import Mapping
from typing import Any

from provider_shim.contract.attributes import Attribute, ListOf, MapOf, Object
from provider_shim.terraform.handler import Values
from provider_shim.terraform.values import same

Attributes = Mapping[str, Attribute]


def configuration(attributes: Attributes, state: Mapping[str, Any]) -> Values:
    """Return what a user would have to write: nothing that the provider gives, no default, no secret."""
    return {name: _given(attribute, state.get(name)) for name, attribute in attributes.items()}


def _given(attribute: Attribute, value: Any) -> Any:  # noqa: ANN401 - any value
    hidden = attribute.write_only or attribute.sensitive or attribute.deprecated
    if value is None or hidden or not attribute.settable or same(value, attribute.default):
        return None
    match attribute.type:
        case Object(_, attributes):
            return configuration(attributes, value)
        case ListOf(Object(_, attributes)):
            return [configuration(attributes, each) for each in value]
        case MapOf(Object(_, attributes)):
            return {key: configuration(attributes, each) for key, each in value.items()}
        case _:
            return value
