"""The types are found by their modules, in the sources and in a bundle."""

import compileall
import shutil
from pathlib import Path

from provider_shim.resources.handlers import member_of
from provider_shim.resources.provider import OpenaiProvider
from provider_shim.terraform.handler import contracts_of
from tests.support.environment import ROOT
from tests.support.programs import printed

RESOURCES = ["file", "message", "thread", "thread_set", "vector_store", "vector_store_file"]
DATA_SOURCES = [
    "file",
    "files",
    "thread",
    "thread_messages",
    "vector_store",
    "vector_store_files",
    "vector_store_search",
    "vector_stores",
]


def test_each_type_has_its_contract_and_its_handler() -> None:
    provider = OpenaiProvider({})

    assert list(provider.resources) == [f"openai_{each}" for each in RESOURCES]
    assert list(provider.data_sources) == [f"openai_{each}" for each in DATA_SOURCES]
    for handlers in (provider.resources, provider.data_sources):
        for name, contract in contracts_of(handlers).items():
            assert contract.type_name == name
            assert handlers[name].contract is contract
            assert handlers[name] is handlers[name]


def test_what_is_no_type_is_not_found_whatever_it_is_called() -> None:
    provider = OpenaiProvider({})
    names = (
        "openai_provider",
        "openai_data",
        "openai_identifiers",
        "openai___init__",
        "thread",
        "openai_../x",
    )

    assert [name for name in names if name in provider.resources or name in provider.data_sources] == []
    assert [name for name in names if name in contracts_of(provider.resources)] == []
    assert member_of("openai_identifiers") is None


def test_a_start_that_describes_imports_no_handler() -> None:
    program = (
        "import sys; from provider_shim.resources.provider import OpenaiProvider as Provider; "
        "from provider_shim.terraform import server, tfplugin6 as pb; "
        "told = server.ProviderServer(Provider({})).GetProviderSchema(pb.GetProviderSchema.Request()); "
        "assert len(told.resource_schemas) == 6; "
        "print(*sorted(each for each in sys.modules if each.startswith('provider_shim.resources.')))"
    )

    found = printed(program)

    assert [each for each in found.split() if each.rpartition(".")[2] in {*RESOURCES, "data"}] == []


def test_the_types_are_found_where_there_is_bytecode_alone(tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "provider_shim",
        tmp_path / "provider_shim",
        ignore=shutil.ignore_patterns("__pycache__", "local"),
    )
    assert compileall.compile_dir(tmp_path, quiet=1, legacy=True)
    for source in tmp_path.rglob("*.py"):
        source.unlink()

    found = printed(
        "from provider_shim.resources.provider import OpenaiProvider as Provider; "
        "print(*(each.contract.type_name for each in Provider({}).resources.values()))",
        root=tmp_path,
    )

    assert found.split() == [f"openai_{each}" for each in RESOURCES]


def test_a_contract_says_what_is_put_into_another_object() -> None:
    contracts = contracts_of(OpenaiProvider({}).resources)

    assert {name: each.member for name, each in contracts.items() if each.member} == {
        "openai_message": ("thread_id", "id"),
        "openai_vector_store_file": ("vector_store_id", "file_id"),
    }
