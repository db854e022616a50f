"""The provider's configuration: what it is made from, and what can't be used."""

import os
from pathlib import Path
from typing import Any

import pytest

from provider_shim.resources.provider import OpenaiProvider
from provider_shim.terraform.diagnostics import Diagnostic, Failure
from provider_shim.terraform.values import UNKNOWN

KEY = {"OPENAI_API_KEY": "sk-secret-key"}


@pytest.fixture(autouse=True)
def _folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def configure(environment: dict[str, str], **given: Any) -> tuple[OpenaiProvider, list[Diagnostic]]:
    provider = OpenaiProvider(environment)
    config = {**dict.fromkeys(provider.contract.attributes), **given}
    return provider, provider.configure(config, "1.15.5")


def test_without_a_key_one_error_names_the_variable_the_attribute_and_the_embedded_way() -> None:
    expected = (
        "Calls to https://api.openai.com need a key, and there is none. Set the environment variable "
        "OPENAI_API_KEY, or api_key in the provider (from a sensitive variable). Without an account: "
        'base_url = "sqlite:threads.db" is the embedded API on a file and needs no key.'
    )

    _, (problem,) = configure({})
    assert (problem.severity, problem.summary, problem.path) == ("error", "No API key", ("api_key",))
    assert problem.detail == expected


@pytest.mark.parametrize(
    ("environment", "given"),
    [
        (KEY, {}),
        ({}, {"api_key": "sk-secret-key"}),
        ({}, {"base_url": "http://localhost:8080/v1"}),
        ({}, {"base_url": "sqlite:threads.db"}),
        ({}, {"base_url": "https://me.example.com", "headers": {"api-key": "secret"}}),
        ({}, {"base_url": UNKNOWN}),
        ({}, {"api_key": UNKNOWN}),
    ],
    ids=["variable", "attribute", "loopback", "embedded", "header", "unknown URL", "unknown key"],
)
def test_a_key_or_a_server_that_needs_none_is_enough(
    environment: dict[str, str], given: dict[str, Any]
) -> None:
    assert configure(environment, **given)[1] == []


def test_the_attribute_wins_over_the_environment() -> None:
    provider, found = configure(
        {**KEY, "OPENAI_BASE_URL": "https://other.example.com"}, base_url="http://localhost/v1"
    )

    assert found == []
    assert provider._connection.base_url == "http://localhost/v1"


def test_a_mistake_in_the_environment_is_told_of_the_environment() -> None:
    expected = (
        'OPENAI_BASE_URL in the environment (the default of base_url) is "ftp://x". Allowed: '
        "https://HOST/v1, http://localhost:PORT/v1 or sqlite:PATH."
    )

    assert [each.detail for each in configure({**KEY, "OPENAI_BASE_URL": "ftp://x"})[1]] == [expected]


def test_http_to_another_machine_warns_where_it_is_allowed() -> None:
    expected = (
        "allow_http = true: the key and all messages travel to http://me.example.com unencrypted. "
        "Use https:// wherever the server has it."
    )

    _, (told,) = configure(KEY, base_url="http://me.example.com/v1", allow_http=True)
    assert (told.severity, told.detail) == ("warning", expected)


def test_a_database_in_no_folder_is_told_before_anything_is_made(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "threads.db"
    expected = (
        f'base_url names "{path}", but there is no folder {path.parent}. Make it, or give a path in a '
        "folder that exists."
    )

    _, (problem,) = configure({}, base_url=f"sqlite:{path}")
    assert (problem.summary, problem.path) == ("The embedded API can't use this file", ("base_url",))
    assert problem.detail == expected
    assert not path.parent.exists()


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    expected = (
        f'base_url names "{tmp_path}", which is not a regular file. Give the path of a database file, new '
        "or existing."
    )

    assert [each.detail for each in configure({}, base_url=f"sqlite:{tmp_path}")[1]] == [expected]


@pytest.mark.parametrize("exists", [True, False], ids=["file", "folder"])
def test_a_database_that_can_not_be_written_is_told(
    *, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool
) -> None:
    path = tmp_path / "threads.db"
    if exists:
        path.touch()
    what = "it" if exists else f"the folder {tmp_path}"
    expected = (
        f'base_url names "{path}", and {what} can\'t be written by this user. Give a path that can be '
        "written, or change its permissions."
    )
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere

    assert [each.detail for each in configure({}, base_url=f"sqlite:{path}")[1]] == [expected]


def test_a_database_of_the_environment_needs_an_absolute_path(tmp_path: Path) -> None:
    expected = (
        'OPENAI_BASE_URL in the environment is "sqlite:threads.db", relative to an unknown folder. Allowed: '
        f'an absolute path, for example "sqlite:{tmp_path / "threads.db"}".'
    )

    assert [each.detail for each in configure({"OPENAI_BASE_URL": "sqlite:threads.db"})[1]] == [expected]


@pytest.mark.parametrize("name", ["api_key", "base_url", "headers"])
def test_a_call_before_the_configuration_is_known_says_what_is_missing(name: str) -> None:
    expected = (
        f"The provider's {name} is known only after apply, and this needs a call to the API now. Give "
        f"{name} a value that is known at plan, or apply first what it comes from (terraform apply "
        "-target=…)."
    )

    provider, _ = configure(KEY, **{name: UNKNOWN})
    with pytest.raises(Failure) as failure:
        _ = provider._connection.client
    assert failure.value.diagnostics[0].detail == expected


def test_no_message_repeats_a_secret() -> None:
    _, found = configure({}, base_url="https://me:hunter22@example.com", api_key="sk-secret-key")

    assert found
    assert not [each for each in found if "hunter22" in each.detail or "sk-secret" in each.detail]
