"""The messages of Terraform's plugin protocol 6 that this provider speaks.

Names and field numbers are the protocol's. What the provider has no use for is left out:
unknown fields are skipped.
"""

# ruff: noqa: D101, D106 - a message is what its fields say; Terraform documents them

from typing import TYPE_CHECKING

from provider_shim.terraform.protobuf import Message, boolean, by_name, data, integer, many, one, text

if TYPE_CHECKING:
    from collections.abc import Sequence

PLAIN, MARKDOWN = 0, 1
ERROR, WARNING = 1, 2
SINGLE, LIST, MAP = 1, 2, 4


class DynamicValue(Message):
    msgpack = data(1)
    json = data(2)


class Step(Message):
    """One of the three."""

    attribute_name = text(1, explicit=True)
    element_key_string = text(2, explicit=True)
    element_key_int = integer(3, explicit=True)


class AttributePath(Message):
    steps = many(1, Step)


class Diagnostic(Message):
    severity = integer(1)
    summary = text(2)
    detail = text(3)
    attribute = one(4, AttributePath)


class RawState(Message):
    json = data(1)


class Object(Message):
    attributes: "Sequence[Attribute]"
    nesting = integer(3)


class Attribute(Message):
    name = text(1)
    type = data(2)
    description = text(3)
    required = boolean(4)
    optional = boolean(5)
    computed = boolean(6)
    sensitive = boolean(7)
    description_kind = integer(8)
    deprecated = boolean(9)
    nested_type = one(10, Object)
    write_only = boolean(11)
    deprecation_message = text(12)


Object.declare("attributes", many(1, Attribute))


class Block(Message):
    version = integer(1)
    attributes = many(2, Attribute)
    description = text(4)
    description_kind = integer(5)
    deprecated = boolean(6)


class Schema(Message):
    version = integer(1)
    block = one(2, Block)


class IdentityAttribute(Message):
    name = text(1)
    type = data(2)
    required_for_import = boolean(3)
    description = text(5)


class ResourceIdentitySchema(Message):
    version = integer(1)
    identity_attributes = many(2, IdentityAttribute)


class ResourceIdentityData(Message):
    identity_data = one(1, DynamicValue)


class ServerCapabilities(Message):
    plan_destroy = boolean(1)
    get_provider_schema_optional = boolean(2)
    move_resource_state = boolean(3)
    generate_resource_config = boolean(4)


class ClientCapabilities(Message):
    write_only_attributes_allowed = boolean(2)


class TypeName(Message):
    type_name = text(1)


class ImportedResource(Message):
    type_name = text(1)
    state = one(2, DynamicValue)
    private = data(3)
    identity = one(4, ResourceIdentityData)


class GetMetadata:
    class Request(Message):
        pass

    class Response(Message):
        server_capabilities = one(1, ServerCapabilities)
        diagnostics = many(2, Diagnostic)
        data_sources = many(3, TypeName)
        resources = many(4, TypeName)
        list_resources = many(7, TypeName)


class GetProviderSchema:
    class Request(Message):
        pass

    class Response(Message):
        provider = one(1, Schema)
        resource_schemas = by_name(2, Schema)
        data_source_schemas = by_name(3, Schema)
        diagnostics = many(4, Diagnostic)
        server_capabilities = one(6, ServerCapabilities)
        list_resource_schemas = by_name(9, Schema)


class GetResourceIdentitySchemas:
    class Request(Message):
        pass

    class Response(Message):
        identity_schemas = by_name(1, ResourceIdentitySchema)
        diagnostics = many(2, Diagnostic)


class UpgradeResourceIdentity:
    class Request(Message):
        type_name = text(1)
        version = integer(2)
        raw_identity = one(3, RawState)

    class Response(Message):
        upgraded_identity = one(1, ResourceIdentityData)
        diagnostics = many(2, Diagnostic)


class GetFunctions:
    class Request(Message):
        pass

    class Response(Message):
        diagnostics = many(2, Diagnostic)


class ValidateProviderConfig:
    class Request(Message):
        config = one(1, DynamicValue)

    class Response(Message):
        diagnostics = many(2, Diagnostic)


class ValidateResourceConfig:
    class Request(Message):
        type_name = text(1)
        config = one(2, DynamicValue)
        client_capabilities = one(3, ClientCapabilities)

    class Response(Message):
        diagnostics = many(1, Diagnostic)


class ValidateDataResourceConfig:
    class Request(Message):
        type_name = text(1)
        config = one(2, DynamicValue)

    class Response(Message):
        diagnostics = many(1, Diagnostic)


class ValidateListResourceConfig:
    class Request(Message):
        type_name = text(1)
        config = one(2, DynamicValue)

    class Response(Message):
        diagnostics = many(1, Diagnostic)


class ConfigureProvider:
    class Request(Message):
        terraform_version = text(1)
        config = one(2, DynamicValue)

    class Response(Message):
        diagnostics = many(1, Diagnostic)


class UpgradeResourceState:
    class Request(Message):
        type_name = text(1)
        version = integer(2)
        raw_state = one(3, RawState)

    class Response(Message):
        upgraded_state = one(1, DynamicValue)
        diagnostics = many(2, Diagnostic)


class ReadResource:
    class Request(Message):
        type_name = text(1)
        current_state = one(2, DynamicValue)
        private = data(3)
        current_identity = one(6, ResourceIdentityData)

    class Response(Message):
        new_state = one(1, DynamicValue)
        diagnostics = many(2, Diagnostic)
        private = data(3)
        new_identity = one(5, ResourceIdentityData)


class PlanResourceChange:
    class Request(Message):
        type_name = text(1)
        prior_state = one(2, DynamicValue)
        proposed_new_state = one(3, DynamicValue)
        config = one(4, DynamicValue)
        prior_private = data(5)
        prior_identity = one(8, ResourceIdentityData)

    class Response(Message):
        planned_state = one(1, DynamicValue)
        requires_replace = many(2, AttributePath)
        planned_private = data(3)
        diagnostics = many(4, Diagnostic)
        planned_identity = one(7, ResourceIdentityData)


class ApplyResourceChange:
    class Request(Message):
        type_name = text(1)
        prior_state = one(2, DynamicValue)
        planned_state = one(3, DynamicValue)
        config = one(4, DynamicValue)
        planned_private = data(5)
        planned_identity = one(7, ResourceIdentityData)

    class Response(Message):
        new_state = one(1, DynamicValue)
        private = data(2)
        diagnostics = many(3, Diagnostic)
        new_identity = one(5, ResourceIdentityData)


class ImportResourceState:
    class Request(Message):
        type_name = text(1)
        id = text(2)
        identity = one(4, ResourceIdentityData)

    class Response(Message):
        imported_resources = many(1, ImportedResource)
        diagnostics = many(2, Diagnostic)


class GenerateResourceConfig:
    class Request(Message):
        type_name = text(1)
        state = one(2, DynamicValue)

    class Response(Message):
        config = one(1, DynamicValue)
        diagnostics = many(2, Diagnostic)


class MoveResourceState:
    class Request(Message):
        source_provider_address = text(1)
        source_type_name = text(2)
        source_schema_version = integer(3)
        source_state = one(4, RawState)
        target_type_name = text(5)
        source_private = data(6)

    class Response(Message):
        target_state = one(1, DynamicValue)
        diagnostics = many(2, Diagnostic)
        target_private = data(3)
        target_identity = one(4, ResourceIdentityData)


class ReadDataSource:
    class Request(Message):
        type_name = text(1)
        config = one(2, DynamicValue)

    class Response(Message):
        state = one(1, DynamicValue)
        diagnostics = many(2, Diagnostic)


class ListResource:
    class Request(Message):
        type_name = text(1)
        config = one(2, DynamicValue)
        include_resource_object = boolean(3)
        limit = integer(4)

    class Response(Message):
        """One of many: the protocol calls it an event."""

        identity = one(1, ResourceIdentityData)
        display_name = text(2)
        resource_object = one(3, DynamicValue)
        diagnostic = many(4, Diagnostic)


class StopProvider:
    class Request(Message):
        pass

    class Response(Message):
        Error = text(1)
