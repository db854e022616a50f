"""The walker: each mistake gets one message, the same at synth and at plan."""

from typing import Any

import pytest

from provider_shim.contract.attributes import Contract
from provider_shim.contract.check import check
from provider_shim.contract.path import Key, Path
from provider_shim.contract.provider import PROVIDER
from provider_shim.contract.thread import THREAD
from provider_shim.terraform.values import UNKNOWN, is_unknown

MESSAGE = {"role": "user", "content": "hello"}
SHAPE = (
    "an object with role, content, parts, content_wo, content_wo_version, phase, metadata, attachments, "
    "file_ids"
)


def found(values: dict[str, Any], contract: Contract = THREAD) -> list[tuple[Path, str]]:
    return [(each.path, each.detail) for each in check(contract, values, is_unknown)]


THREADS: list[tuple[dict[str, Any], Path, str]] = [
    (
        {"messages": [MESSAGE, {**MESSAGE, "role": "sys"}]},
        ("messages", 1, "role"),
        (
            'messages[1].role is "sys". Allowed: "user", "assistant", "system" or "developer". '
            'Did you mean "system"?'
        ),
    ),
    (
        {"metadata": {f"key{number}": "" for number in range(17)}},
        ("metadata",),
        "metadata has 17 pairs. Allowed: at most 16. Remove 1.",
    ),
    (
        {"metadata": {"note": "x" * 513}},
        ("metadata", Key("note")),
        'metadata["note"] has 513 characters. Allowed: at most 512. Shorten it by 1.',
    ),
    (
        {"metadata": {"k" * 65: "x"}},
        ("metadata", Key("k" * 65)),
        f'The key "{"k" * 60}…" of metadata has 65 characters. Allowed: at most 64. Shorten it by 1.',
    ),
    (
        {"metadata": {"": "x"}},
        ("metadata", Key("")),
        'The key "" of metadata is empty. Allowed: at least 1 character.',
    ),
    (
        {"messages": [{"role": "user", "contnet": "hello"}]},
        ("messages", 0, "contnet"),
        (
            "messages[0].contnet is not known. Allowed: role, content, parts, content_wo, "
            "content_wo_version, phase, metadata, attachments, file_ids. "
            'Did you mean "content"?'
        ),
    ),
    (
        {"messages": [{"role": "user"}]},
        ("messages", 0, "content"),
        (
            "messages[0].content is missing. Allowed: one of content, parts or content_wo. Give the text as "
            "content, or parts."
        ),
    ),
    (
        {"messages": [{**MESSAGE, "content": ""}]},
        ("messages", 0, "content"),
        "messages[0].content is empty. Allowed: at least 1 character.",
    ),
    (
        {"messages": [{**MESSAGE, "content": "a\0b"}]},
        ("messages", 0, "content"),
        "messages[0].content has a NUL character at position 1. Allowed: Unicode text without it. Remove it.",
    ),
    (
        {"messages": [{**MESSAGE, "content": "\ud800"}]},
        ("messages", 0, "content"),
        (
            "messages[0].content has half a surrogate pair (U+D800) at position 0. Allowed: Unicode text "
            "without it. Remove it."
        ),
    ),
    (
        {"messages": "hello"},
        ("messages",),
        f'messages is a string ("hello"). Allowed: a list, each element {SHAPE}.',
    ),
    ({"messages": MESSAGE}, ("messages",), f"messages is an object. Allowed: a list, each element {SHAPE}."),
    (
        {"messages": [None]},
        ("messages", 0),
        f"messages[0] is null. Allowed: {SHAPE}. Leave it out instead.",
    ),
    (
        {"mesages": []},
        ("mesages",),
        (
            "mesages is not known. Allowed: metadata, tools, tool_resources, messages, retain_on_destroy, "
            'force_destroy, purge_on_destroy. Did you mean "messages"?'
        ),
    ),
    ({"id": "conv_1"}, ("id",), "id is set by the provider and can't be given. Remove it."),
    (
        {"tools": ["fileserch"]},
        ("tools", 0),
        'tools[0] is "fileserch". Allowed: "code_interpreter" or "file_search". Did you mean "file_search"?',
    ),
    (
        {"tool_resources": {"file_search": {"vector_store_ids": ["vs_1", "vs_2"]}}},
        ("tool_resources", "file_search", "vector_store_ids"),
        "tool_resources.file_search.vector_store_ids has 2 elements. Allowed: at most 1. Remove 1.",
    ),
    (
        {"retain_on_destroy": 1},
        ("retain_on_destroy",),
        "retain_on_destroy is 1 (int). Allowed: true or false.",
    ),
]


@pytest.mark.parametrize(("values", "path", "text"), THREADS, ids=[text[:40] for _, _, text in THREADS])
def test_a_mistake_in_a_thread_gets_one_message(values: dict[str, Any], path: Path, text: str) -> None:
    expected = [(path, text)]

    assert found(values) == expected


PROVIDERS: list[tuple[dict[str, Any], str, str]] = [
    (
        {"base_url": "http://example.com/v1"},
        "base_url",
        (
            'base_url is "http://example.com/v1": the key would travel unencrypted to another machine. '
            "Allowed: https://, or http:// on this machine. Use https://, or set allow_http = true for a "
            "server in your own network."
        ),
    ),
    (
        {"base_url": "sqlite:"},
        "base_url",
        (
            'base_url is "sqlite:" without a path. Allowed: sqlite:PATH, for example "sqlite:threads.db" '
            'or "sqlite:/var/lib/threads.db".'
        ),
    ),
    (
        {"base_url": "https://me:hunter22@example.com"},
        "base_url",
        (
            "base_url has a user name or password in it. Allowed: a URL without. Use api_key, or headers for "
            "another kind of authentication."
        ),
    ),
    (
        {"base_url": "https://example.com?api-version=1"},
        "base_url",
        (
            'base_url is "https://example.com?api-version=1", with a query or a fragment. Allowed: a URL '
            'without. Give query parameters as query = { "api-version" = "v1" }.'
        ),
    ),
    (
        {"base_url": 5},
        "base_url",
        'base_url is "5". Allowed: https://HOST/v1, http://localhost:PORT/v1 or sqlite:PATH.',
    ),
    (
        {"base_url": "http://localhost:port"},
        "base_url",
        (
            "base_url is not a URL (Port could not be cast to integer value as 'port'). Allowed: "
            "https://HOST/v1, http://localhost:PORT/v1 or sqlite:PATH."
        ),
    ),
    (
        {"api": "threads", "base_url": "https://api.openai.com/v1"},
        "api",
        (
            'api is "threads", but api.openai.com switched that API off on 2026-08-26. Allowed there: '
            '"conversations". Remove api, or set base_url to a server that still has /threads.'
        ),
    ),
    ({"timeout": 0}, "timeout", "timeout is 0. Allowed: a whole number from 1 to 3600."),
    ({"timeout": "soon"}, "timeout", 'timeout is a string ("soon"). Allowed: a number.'),
    ({"max_retries": 1.5}, "max_retries", "max_retries is 1.5. Allowed: a whole number from 0 to 20."),
    ({"api_key": ["sk-secret"]}, "api_key", "api_key is of the type list. Allowed: a string."),
]


@pytest.mark.parametrize(("values", "name", "text"), PROVIDERS, ids=[text[:40] for _, _, text in PROVIDERS])
def test_a_mistake_in_the_provider_gets_one_message(values: dict[str, Any], name: str, text: str) -> None:
    expected = [((name,), text)]

    assert found(values, PROVIDER) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/v1",
        "http://localhost:8080/v1",
        "http://127.0.0.53/v1",
        "http://[::1]:8080",
        "sqlite:threads.db",
        "sqlite:/a b/${c}.db",
    ],
)
def test_a_url_that_keeps_the_key_safe_is_allowed(url: str) -> None:
    assert found({"base_url": url}, PROVIDER) == []


def test_every_mistake_is_told_in_order() -> None:
    values = {
        "metadata": {"a": "x" * 513},
        "messages": [{"role": "sys", "content": ""}],
        "retain_on_destroy": "yes",
    }
    expected: list[Path] = [
        ("metadata", Key("a")),
        ("messages", 0, "role"),
        ("messages", 0, "content"),
        ("retain_on_destroy",),
    ]

    assert [path for path, _ in found(values)] == expected


@pytest.mark.parametrize(
    "values",
    [
        {"messages": UNKNOWN, "metadata": UNKNOWN, "tools": UNKNOWN, "tool_resources": UNKNOWN},
        {"messages": [UNKNOWN, {**MESSAGE, "role": UNKNOWN, "metadata": UNKNOWN}]},
        {"metadata": {"a": UNKNOWN}, "tools": [UNKNOWN], "tool_resources": {"file_search": UNKNOWN}},
        {"metadata": {f"{number}": "x" * 512 for number in range(16)}},
        {"metadata": {}, "messages": [], "tools": [], "tool_resources": {}},
        {"metadata": {"number": 5}, "messages": [{**MESSAGE, "content": 5}], "retain_on_destroy": "true"},
        dict.fromkeys(THREAD.attributes),
    ],
    ids=["unknown", "unknown within", "unknown elements", "at the limit", "empty", "converted", "absent"],
)
def test_what_may_be_right_is_not_refused(values: dict[str, Any]) -> None:
    assert found(values) == []
