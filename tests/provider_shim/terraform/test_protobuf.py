"""Our own codec against the protobuf package, on the protocol as it is written down."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from grpc_tools import protoc  # type: ignore[import-untyped]  # it has no types
from hypothesis import given, settings
from hypothesis import strategies as st

from provider_shim.terraform import tfplugin6
from provider_shim.terraform.protobuf import Message

PROTO = Path(__file__).with_name("tfplugin6.proto")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    folder = tmp_path_factory.mktemp("proto")
    assert protoc.main(["protoc", f"-I{PROTO.parent}", f"--python_out={folder}", PROTO.name]) == 0
    name = "tfplugin6_pb2"
    specification = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    yield module
    del sys.modules[name]


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
steps = st.lists(
    st.builds(tfplugin6.Step, attribute_name=text)
    | st.builds(tfplugin6.Step, element_key_string=text)
    | st.builds(tfplugin6.Step, element_key_int=st.integers(-(2**63), 2**63 - 1)),
    max_size=3,
)
diagnostics = st.lists(
    st.builds(
        tfplugin6.Diagnostic,
        severity=st.integers(0, 2),
        summary=text,
        detail=text,
        attribute=st.none() | st.builds(tfplugin6.AttributePath, steps=steps),
    ),
    max_size=2,
)
values = st.none() | st.builds(
    tfplugin6.DynamicValue, msgpack=st.binary(max_size=300), json=st.binary(max_size=3)
)
attributes: st.SearchStrategy[list[tfplugin6.Attribute]] = st.deferred(
    lambda: st.lists(
        st.builds(
            tfplugin6.Attribute,
            name=text,
            type=st.binary(max_size=5),
            required=st.booleans(),
            sensitive=st.booleans(),
            description_kind=st.integers(0, 1),
            nested_type=st.none()
            | st.builds(tfplugin6.Object, attributes=attributes, nesting=st.integers(0, 4)),
        ),
        max_size=2,
    )
)
schemas = st.builds(
    tfplugin6.Schema,
    version=st.integers(-5, 2**40),
    block=st.builds(tfplugin6.Block, attributes=attributes, description=text),
)
samples = st.one_of(
    st.builds(
        tfplugin6.PlanResourceChange.Response,
        planned_state=values,
        requires_replace=st.lists(st.builds(tfplugin6.AttributePath, steps=steps), max_size=2),
        planned_private=st.binary(max_size=3),
        diagnostics=diagnostics,
    ),
    st.builds(
        tfplugin6.GetProviderSchema.Response,
        provider=schemas,
        resource_schemas=st.dictionaries(text, schemas, max_size=2),
        server_capabilities=st.builds(tfplugin6.ServerCapabilities, plan_destroy=st.booleans()),
    ),
    st.builds(tfplugin6.ReadResource.Request, type_name=text, current_state=values, private=st.binary()),
)


def counterpart(real: ModuleType, message: Message) -> Any:
    found: Any = real
    for name in type(message).__qualname__.split("."):
        found = getattr(found, name)
    return found


def plain(value: object) -> object:
    """What a message holds, without what is empty and might as well be absent."""
    if isinstance(value, Message):
        fields = {field.name: field for field in value.FIELDS.values()}
        return {
            name: plain(each)
            for name, each in vars(value).items()
            if each or fields[name].explicit or isinstance(each, Message)
        }
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


@settings(max_examples=200, deadline=None)
@given(sample=samples)
def test_a_message_reads_the_same_to_protobuf(real: ModuleType, sample: Message) -> None:
    data = sample.SerializeToString()

    theirs = counterpart(real, sample).FromString(data)

    assert plain(type(sample).FromString(theirs.SerializeToString())) == plain(sample)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=40))
def test_garbage_is_refused_where_protobuf_refuses_it(real: ModuleType, data: bytes) -> None:
    try:
        ours = tfplugin6.ReadResource.Request.FromString(data)
    except ValueError:
        return

    assert ours.type_name == real.ReadResource.Request.FromString(data).type_name


def test_every_field_has_the_number_and_the_name_of_the_protocol(real: ModuleType) -> None:
    renamed = {
        "Step": "AttributePath.Step",
        "Attribute": "Schema.Attribute",
        "Object": "Schema.Object",
        "IdentityAttribute": "ResourceIdentitySchema.IdentityAttribute",
        "Block": "Schema.Block",
        "ListResource.Response": "ListResource.Event",
        "TypeName": "GetMetadata.Response.TypeName",
        "ImportedResource": "ImportResourceState.ImportedResource",
    }
    ours: list[Any] = [each for each in vars(tfplugin6).values() if isinstance(each, type)]
    declared = [each for each in ours if issubclass(each, Message) and each is not Message]
    declared += [
        part for each in ours if not issubclass(each, Message) for part in (each.Request, each.Response)
    ]
    assert len(declared) > 40

    for message in declared:
        theirs: Any = real
        for name in renamed.get(message.__qualname__, message.__qualname__).split("."):
            theirs = getattr(theirs, name)
        expected = {field.number: field.name for field in theirs.DESCRIPTOR.fields}
        assert expected.items() >= {number: field.name for number, field in message.FIELDS.items()}.items()


def test_unknown_fields_are_skipped() -> None:
    known = tfplugin6.DynamicValue(msgpack=b"m").SerializeToString()
    strange = b"\xa0\x06\x01" + b"\xa9\x06" + bytes(8) + b"\xaa\x06\x02xx" + b"\xad\x06" + bytes(4)

    assert plain(tfplugin6.DynamicValue.FromString(strange + known + strange)) == {"msgpack": b"m"}


@pytest.mark.parametrize("data", [b"\x0a", b"\x0a\x05ab", b"\x0b", b"\xff" * 11, b"\x08\x01"])
def test_what_is_cut_off_or_of_another_wire_type_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"cut off|wire type|without an end|field number"):
        tfplugin6.DynamicValue.FromString(data)
