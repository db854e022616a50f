"""What comes from the environment is judged when the provider is configured, by its name."""

import asyncio
import ssl
import sys
from pathlib import Path

import pytest

from provider_shim.contract.provider import PROVIDER, is_loopback
from provider_shim.resources.provider import OpenaiProvider
from provider_shim.system.bundled import CERTIFICATES

KEY = "sk-canary-0123456789"


def judged(environment: dict[str, str], **config: object) -> list[str]:
    given = {**dict.fromkeys(PROVIDER.attributes), **config}
    found = OpenaiProvider(environment).configure(given, "1.11.4")
    return [f"{each.summary}: {each.detail}" for each in found]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("OPENAI_API_KEY", f"{KEY}\n", "has a line break at position 21 of 21"),
        ("OPENAI_API_KEY", f"{KEY}\r\n", "has a line break at position 21 of 22"),
        ("OPENAI_API_KEY", f" {KEY}", "has a blank at position 1 of 21"),
        ("OPENAI_API_KEY", "sk-\u2019", "has the character '\\u2019' at position 4 of 4"),
        ("OPENAI_ORG_ID", "org 1", "has a blank at position 4 of 5"),
        ("OPENAI_PROJECT_ID", "proj_é", "has the character '\\xe9' at position 6 of 6"),
        ("OPENAI_BASE_URL", "https://api.example/v1\n", "has a line break at position 23 of 23"),
        ("OPENAI_BASE_URL", "https://bücher.example/v1", "has the character '\\xfc' at position 10 of 25"),
    ],
)  # fmt: skip
def test_a_value_of_the_environment_that_can_not_be_sent_is_named(
    variable: str, value: str, said: str
) -> None:
    [found] = judged({"OPENAI_API_KEY": KEY, variable: value})

    assert found.startswith(f"Character not allowed: {variable} in the environment")
    assert said in found
    assert KEY not in found


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"x team": "a"}, "headers has the name 'x team'"),
        ({"x-team": "a\r\nb"}, 'headers["x-team"] has a line break at position 2 of 4'),
        ({"x-team": "é"}, 'headers["x-team"] has the character'),
    ],
)
def test_a_header_that_can_not_be_sent_is_named(headers: dict[str, str], said: str) -> None:
    [found] = judged({"OPENAI_API_KEY": KEY}, headers=headers)

    assert said in found


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("HTTPS_PROXY", "http://proxy:99999", "is not a URL (Port out of range 0-65535)"),
        ("https_proxy", "http://me:pa55word@pro xy", "has a blank at position 23 of 25"),
        ("ALL_PROXY", "socks5://proxy:1080", 'has the scheme "socks5". Allowed: http:// and https://'),
        ("HTTP_PROXY", "http://", "names no host"),
        ("SSL_CERT_FILE", "/no/ca.pem", "is '/no/ca.pem', and there is no such file that can be read"),
        ("SSL_CERT_FILE", __file__, f"is {__file__!r}, and that file holds no certificates as PEM"),
        ("SSL_CERT_DIR", "/nowhere", "is '/nowhere', and there is no such folder that can be read"),
        ("SSL_CERT_DIR", "/etc:/nowhere", "has '/nowhere', and there is no such folder that can be read"),
    ],
)  # fmt: skip
def test_a_proxy_or_certificate_variable_is_named_and_does_not_count_for_this_machine(
    variable: str, value: str, said: str
) -> None:
    [found] = judged({"OPENAI_API_KEY": KEY, variable: value})

    assert (
        found == f"A variable of the environment can't be used: {variable} {said}. Correct it, or unset it."
    )
    assert "pa55word" not in found
    for url in ("http://127.0.0.1:1/v1", "http://[::1]:1/v1", "https://localhost:1/v1"):
        assert judged({variable: value}, base_url=url) == []


def test_several_folders_of_certificates_are_taken_as_openssl_takes_them() -> None:
    assert judged({"OPENAI_API_KEY": KEY, "SSL_CERT_DIR": "/etc:/usr"}) == []


def test_the_certificates_that_a_bundle_brings_are_not_loaded_to_be_judged() -> None:
    ours = str(Path(sys.prefix, CERTIFICATES))  # there is no such file here

    assert judged({"OPENAI_API_KEY": KEY, "SSL_CERT_FILE": ours}) == []


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "127.0.0.1", "127.255.255.255", "::1", "[::1]", "0:0::1"]
)
def test_this_machine_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "127.0.0.999",
        "127.0.0",
        "127.0.0.1.example",
        "128.0.0.1",
        "::2",
        "localhost.example",
        "1²7.0.0.1",
    ],
)
def test_what_is_not_this_machine_is_known(host: str | None) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("value", ["http://", "socks5://x:1"])
def test_the_client_of_this_machine_is_made_whatever_the_proxy_variables_say(
    value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from provider_shim.api.sdk import make  # noqa: PLC0415 - takes long to import
    from provider_shim.api.settings import Settings  # noqa: PLC0415 - as above

    monkeypatch.setenv("HTTP_PROXY", value)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing.pem"))

    for url in ("http://[::1]:1/v1", "http://127.0.0.1:1/v1"):
        assert make(Settings(base_url=url), None).base_url.host
    with pytest.raises((OSError, ssl.SSLError)):
        make(Settings(base_url="https://localhost:1/v1"), None)


def test_the_certificates_of_this_machine_s_own_tls_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from provider_shim.api.client import Client, Request  # noqa: PLC0415 - takes long to import
    from provider_shim.api.problem import ApiProblem  # noqa: PLC0415 - as above
    from provider_shim.api.settings import Settings  # noqa: PLC0415 - as above

    monkeypatch.setenv("HTTPS_PROXY", "http://")
    monkeypatch.setenv("SSL_CERT_FILE", "/no/ca.pem")
    client = Client(Settings(base_url="https://localhost:1/v1"))

    with pytest.raises(ApiProblem) as told:
        asyncio.run(client.call(Request("Reading", "GET", "/conversations/conv_1")))

    assert told.value.detail == (
        "SSL_CERT_FILE is '/no/ca.pem', and there is no such file that can be read. Correct it, or unset it."
    )
