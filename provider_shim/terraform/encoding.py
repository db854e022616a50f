"""Ours and the protocol's: diagnostics, paths, private state, schemas."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

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
from provider_shim.contract.path import Key, Path
from provider_shim.system.parent import parent
from provider_shim.terraform import tfplugin6 as pb
from provider_shim.terraform.diagnostics import Diagnostic
from provider_shim.terraform.secrets import redacted


def path_to_proto(path: Path) -> pb.AttributePath:
    """Write a path as Terraform's steps."""
    return pb.AttributePath(steps=[_step(each) for each in path])


def diagnostics_to_proto(found: Iterable[Diagnostic]) -> list[pb.Diagnostic]:
    """Write what Terraform shows a user, in the words of the engine that runs."""
    found = list(found)
    if not found:
        return []
    from provider_shim.system.engine import in_words_of, running  # noqa: PLC0415 - most calls have nothing to say

    program = running(parent())

    def text(given: str) -> str:
        return redacted(in_words_of(program, _valid(given)))

    return [
        pb.Diagnostic(
            severity=pb.ERROR if each.severity == "error" else pb.WARNING,
            summary=text(each.summary),
            detail=text(each.detail),
            attribute=path_to_proto(each.path) if each.path else None,
        )
        for each in found
    ]


def private_from_proto(data: bytes) -> dict[str, Any]:
    """Read what is stored beside a state."""
    try:
        found = json.loads(data) if data else {}
    except ValueError:  # what another provider has kept, once a state is ours
        found = {}
    return found if isinstance(found, dict) else {}


def private_to_proto(private: Mapping[str, object]) -> bytes:
    """Write what is stored beside a state."""
    return json.dumps(private, separators=(",", ":")).encode() if private else b""


def schema_to_proto(contract: Contract) -> pb.Schema:
    """Describe a contract to Terraform, attribute syntax everywhere."""
    return pb.Schema(
        version=contract.version,
        block=pb.Block(
            version=contract.version,
            description=contract.description,
            description_kind=pb.MARKDOWN,
            attributes=_attributes(contract.attributes),
        ),
    )


def identity_schema_to_proto(contract: Contract) -> pb.ResourceIdentitySchema:
    """Describe to Terraform what tells an object of this type from all others."""
    return pb.ResourceIdentitySchema(
        identity_attributes=[
            pb.IdentityAttribute(
                name=each.name,
                type=_type_to_proto(each.type),
                required_for_import=True,
                description=each.description,
            )
            for each in contract.identity_attributes.values()
        ]
    )


def _step(step: str | int) -> pb.Step:
    if isinstance(step, Key):
        return pb.Step(element_key_string=_valid(step))
    if isinstance(step, int):
        return pb.Step(element_key_int=step)
    return pb.Step(attribute_name=_valid(step))


def _valid(text: str) -> str:
    """An error may quote anything; protobuf takes Unicode text only."""
    return text.encode("utf-8", "replace").decode()


def _attributes(attributes: Mapping[str, Attribute]) -> list[pb.Attribute]:
    return [_attribute(each) for each in attributes.values()]


def _attribute(attribute: Attribute) -> pb.Attribute:
    nested = _nested(attribute.type)
    description = attribute.description
    if attribute.deprecated:
        description = f"{description} Deprecated: {attribute.deprecated}".lstrip()
    return pb.Attribute(
        name=attribute.name,
        type=b"" if nested else _type_to_proto(attribute.type),
        nested_type=nested,
        description=description,
        description_kind=pb.MARKDOWN,
        required=attribute.required,
        optional=attribute.optional,
        computed=attribute.computed,
        sensitive=attribute.sensitive,
        deprecated=bool(attribute.deprecated),
        deprecation_message=attribute.deprecated,
        write_only=attribute.write_only,
    )


def _nested(kind: Type) -> pb.Object | None:
    match kind:
        case Object(_, attributes):
            nesting = pb.SINGLE
        case ListOf(Object(_, attributes)):
            nesting = pb.LIST
        case MapOf(Object(_, attributes)):
            nesting = pb.MAP
        case _:
            return None
    return pb.Object(attributes=_attributes(attributes), nesting=nesting)


def _type_to_proto(kind: Type) -> bytes:
    return json.dumps(_type(kind), separators=(",", ":")).encode()


def _type(kind: Type) -> str | list[Any]:
    match kind:
        case String() | Json():
            return "string"
        case Number():
            return "number"
        case Bool():
            return "bool"
        case ListOf(element):
            return ["list", _type(element)]
        case MapOf(element):
            return ["map", _type(element)]
        case Object(_, attributes):
            return ["object", {name: _type(each.type) for name, each in attributes.items()}]
