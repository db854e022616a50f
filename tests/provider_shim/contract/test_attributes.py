"""What the typed dictionaries say is what the contract says."""

from typing import Any

from provider_shim.contract.attributes import Bool, Count, Length, ListOf, MapOf, Number, Object, String
from provider_shim.contract.path import Key, spelled
from provider_shim.contract.provider import PROVIDER
from provider_shim.contract.thread import THREAD
from provider_shim.resources.provider import OpenaiProvider


def test_a_threads_attributes_are_those_of_the_contract() -> None:
    optional = ["metadata", "tools", "tool_resources", "messages"]
    optional += ["retain_on_destroy", "force_destroy", "purge_on_destroy"]
    computed = ["id", "created_at", "object", "api", "message_ids", "response_tools"]

    attributes = THREAD.attributes.values()
    assert list(THREAD.attributes) == optional + computed
    assert [each.name for each in attributes if each.optional and not each.computed] == optional
    assert [each.name for each in attributes if each.computed and not each.optional] == computed
    assert not [each.name for each in attributes if not each.description or each.replace or each.sensitive]


def test_types_limits_and_deprecations_are_read_off_the_typed_dictionaries() -> None:
    metadata = MapOf(String(length=Length(0, 512)), Count(0, 16), Length(1, 64))

    messages = THREAD.attributes["messages"].type
    assert isinstance(messages, ListOf)
    assert isinstance(messages.element, Object)
    message = messages.element.attributes
    assert THREAD.attributes["metadata"].type == metadata
    assert THREAD.attributes["tools"].type == ListOf(String(("code_interpreter", "file_search")))
    assert isinstance(THREAD.attributes["retain_on_destroy"].type, Bool)
    assert isinstance(THREAD.attributes["created_at"].type, Number)
    assert message["metadata"].type == metadata
    assert message["role"].required
    assert message["content"].type == String(length=Length(1), prose=True)
    assert message["file_ids"].deprecated
    assert message["metadata"].persisted_by == ("threads",)


def test_the_key_and_what_may_carry_one_are_sensitive() -> None:
    assert [each.name for each in PROVIDER.attributes.values() if each.sensitive] == [
        "api_key",
        "headers",
        "query",
    ]


def test_a_path_is_spelled_as_terraform_writes_it() -> None:
    assert spelled(("messages", 0, "metadata", Key('to"pic\\'))) == 'messages[0].metadata["to\\"pic\\\\"]'
    assert spelled(("threads", Key("a\n\t${b}"))) == 'threads["a\\n\\t$${b}"]'
    assert spelled((Key("x" * 5_000),)) == f'["{"x" * 100}…"]'
    assert spelled(()) == ""


def test_an_identity_is_made_of_ids_that_no_secret_is_and_no_change_alters() -> None:
    resources: Any = OpenaiProvider({}).resources
    found = {name: each.contract.identity_attributes for name, each in resources.items()}

    assert [name for name, attributes in found.items() if not attributes] == ["openai_thread_set"]
    for attributes in found.values():
        for each in attributes.values():
            assert isinstance(each.type, String)
            assert not each.sensitive
            assert not each.write_only
            assert each.replace or (each.computed and not each.optional)
