"""No secret, and no part of one, is in a text, however a server writes it back."""

import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest

from provider_shim.contract.provider import literal_credentials
from provider_shim.contract.secrets import MASK, is_credential, masked, proxy_passwords, secrets_of

KEY = "sk-proj-" + "A1b2C3d4/+" * 16 + "ZZZZ"


def login(key: str) -> str:
    return b64encode(f"user:{key}".encode()).decode()


@pytest.mark.parametrize(
    "written",
    [
        KEY,
        f"Bearer {KEY}",
        quote(KEY),
        quote(KEY, safe=""),
        quote_plus(KEY),
        json.dumps(KEY),
        json.dumps(KEY).replace("/", "\\/"),
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
        quote(quote(KEY, safe=""), safe=""),
        "".join(f"\\u{ord(each):04X}" for each in KEY),
        "".join(f"\\x{each:02x}" for each in KEY.encode()),
        "".join(f"%{each:02x}" for each in KEY.encode()),
        "".join(f"%{each:02X}" for each in KEY.encode()),
        "".join(f"&#{ord(each)};" for each in KEY),
        "".join(f"&#x{ord(each):X};" for each in KEY),
        b64encode(KEY.encode()).decode(),
        urlsafe_b64encode(KEY.encode()).decode(),
        *(b64encode(b"x" * before + b":" + KEY.encode() + b"\n").decode() for before in range(4)),
        login(KEY),
        KEY[:60],
        KEY[-60:],
        KEY[:20] + "…" + KEY[-20:],
    ],
)
def test_a_key_is_masked_however_it_is_written(written: str) -> None:
    said = masked(f"Your request: {written} was refused", [KEY])

    assert MASK in said
    assert said.startswith("Your request: ")
    assert said.endswith(" was refused")
    assert not any(KEY[at : at + 12] in said for at in range(len(KEY) - 11))


def test_a_secret_is_masked_as_html_writes_it() -> None:
    assert masked("<p>a &lt;b&gt; &quot;c&quot; &amp; d</p>", ['<b> "c" & d']) == f"<p>a {MASK}</p>"


@pytest.mark.parametrize(
    ("headers", "hidden", "shown"),
    [
        ({"Authorization": "Bearer abcdef123456"}, ["abcdef123456"], ["Bearer of news"]),
        ({"Authorization": f"Basic {login('hunter2-hunter2')}"}, ["hunter2-hunter2"], ["Basic"]),
        ({"api-key": "0123456789abcdef"}, ["0123456789abcdef"], []),
        ({"User-Agent": "my-tool/1.0 linux", "X-Team": "platform"}, [], ["my-tool/1.0 linux", "platform"]),
    ],
)
def test_what_is_secret_in_headers_is_masked_and_nothing_else(
    headers: dict[str, str], hidden: list[str], shown: list[str]
) -> None:
    said = masked(" ".join([*hidden, *shown]), secrets_of(headers))

    assert not any(each in said for each in hidden)
    assert all(each in said for each in shown)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "x"),
        ("api-key", "x"),
        ("x-api-key", "x"),
        ("Ocp-Apim-Subscription-Key", "x"),
        ("code", "x"),
        ("sig", "x"),
        ("access_token", "x"),
        ("Cookie", "a=b"),
        ("x-team", "sk-proj-0123456789abcdef"),
        ("x-team", "Bearer 0123456789"),
    ],
)
def test_a_literal_credential_is_refused_without_being_repeated(name: str, value: str) -> None:
    [(path, title, detail)] = literal_credentials("headers", {name: value * 9}, lambda _: False)

    assert path[0] == "headers"
    assert title == "Literal credential"
    assert value * 9 not in detail
    assert list(literal_credentials("query", {name: value}, lambda _: True)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api-version", "2025-04-01-preview"),
        ("User-Agent", "terraform"),
        ("x-monkey", "business"),
        ("OpenAI-Beta", "assistants=v2"),
        ("x-request-source", "design"),
        ("encoding", "zipcode"),
    ],
)
def test_what_is_no_credential_is_taken(name: str, value: str) -> None:
    assert not is_credential(name, value)


def test_the_password_of_a_proxy_is_a_secret() -> None:
    assert proxy_passwords({"HTTPS_PROXY": "http://me:pa55word@proxy:3128", "PATH": "a@b"}) == ["pa55word"]
