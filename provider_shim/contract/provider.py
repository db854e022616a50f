"""What the provider's own configuration is."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypedDict

from provider_shim.contract.attributes import (
    SENSITIVE,
    Between,
    Length,
    Resolvable,
    contract,
)
from provider_shim.contract.limits import CALL_SECONDS, SWITCHED_OFF
from provider_shim.contract.path import Key, Path

if TYPE_CHECKING:
    from urllib.parse import SplitResult

DEFAULT_TIMEOUT = 60
DEFAULT_MAX_RETRIES = 4

DEFAULT_BASE_URL = "https://api.openai.com/v1"
EMBEDDED = "sqlite:"
EMBEDDED_ANSWER = "x-openai-thread-embedded"
"""Header of each answer of the embedded API: one database, so what it does not find is not there."""
ENVIRONMENT: Final[Mapping[str, str]] = {
    "api_key": "OPENAI_API_KEY",
    "base_url": "OPENAI_BASE_URL",
    "organization": "OPENAI_ORG_ID",
    "project": "OPENAI_PROJECT_ID",
    "journal": "OPENAI_THREAD_JOURNAL",
    "force_destroy": "OPENAI_THREAD_FORCE_DESTROY",
    "retain_on_destroy": "OPENAI_THREAD_RETAIN_ON_DESTROY",
}
"""What stands in for an absent attribute."""

Api = Literal["conversations", "threads"]


class OpenaiProviderConfig(TypedDict, total=False):
    """How the API is reached."""

    api_key: Annotated[
        str,
        f"Key of the API. Default: the environment variable `{ENVIRONMENT['api_key']}`. Not needed for "
        "`sqlite:` and for a server on this machine. In Python only as a token (a "
        "`TerraformVariable`, a data source): a literal would be written into `cdk.tf.json`.",
        Length(1),
        SENSITIVE,
    ]
    base_url: Annotated[
        str,
        "Where the API is: `https://…`, `http://…` on this machine, or `sqlite:PATH` for the "
        f"embedded API on that file. Default: the environment variable `{ENVIRONMENT['base_url']}`, else "
        f"`{DEFAULT_BASE_URL}`.",
        Length(1),
    ]
    allow_http: Annotated[
        bool | Resolvable,
        "Allow `http://` to another machine, for a server inside one's own network. The key "
        "then travels unencrypted. Default: false.",
    ]
    organization: Annotated[
        str,
        f"Organization to bill. Default: the environment variable `{ENVIRONMENT['organization']}`.",
        Length(1),
    ]
    project: Annotated[
        str, f"Project to work in. Default: the environment variable `{ENVIRONMENT['project']}`.", Length(1)
    ]
    api: Annotated[
        Api,
        'The API that a thread lives on: `"conversations"`, or `"threads"` for servers that '
        f"still have the Assistants API (OpenAI switched it off on {SWITCHED_OFF}). "
        'Default: `"conversations"`.',
    ]
    headers: Annotated[
        Mapping[str, str] | Resolvable,
        "HTTP headers sent with every call. In Python a credential among them only as a token.",
        SENSITIVE,
    ]
    query: Annotated[
        Mapping[str, str] | Resolvable,
        'Query parameters sent with every call, for example `{ "api-version" = "v1" }`. In Python a '
        "credential among them only as a token.",
        SENSITIVE,
    ]
    timeout: Annotated[
        float | Resolvable,
        f"Seconds that one call may take. Default: {DEFAULT_TIMEOUT}.",
        Between(*CALL_SECONDS),
    ]
    max_retries: Annotated[
        float | Resolvable,
        f"How often a call that may be repeated is repeated. Default: {DEFAULT_MAX_RETRIES}.",
        Between(0, 20),
    ]
    journal: Annotated[
        str,
        "Folder of the journal, which knows what interrupted runs have made: one that outlives the machine "
        "that runs Terraform. It has to exist. A relative path starts where Terraform runs, in Python where "
        "the app is synthesized. Several projects may share it. `off` goes without. Default: the environment "
        f"variable `{ENVIRONMENT['journal']}` (an absolute path), else beside the stack's state.",
        Length(1),
    ]
    force_destroy: Annotated[
        bool | Resolvable,
        "What resources without a `force_destroy` of their own do, those that have left the configuration "
        f"among them. Default: the environment variable `{ENVIRONMENT['force_destroy']}`, else false.",
    ]
    retain_on_destroy: Annotated[
        bool | Resolvable,
        "What resources without a `retain_on_destroy` of their own do, those that have left the "
        f"configuration among them. Default: the environment variable `{ENVIRONMENT['retain_on_destroy']}`, "
        "else false.",
    ]


def base_url_problem(  # noqa: PLR0911 - one return a problem
    url: str, *, allow_http: bool, allow: str = "set allow_http = true"
) -> str | None:
    """Say what is wrong with a base URL, with what is allowed and what to do; None if nothing.

    Args:
        url: As it was given.
        allow_http: Whether http:// may leave this machine.
        allow: How a person says so.
    """
    if url.startswith(EMBEDDED):
        return _embedded_problem(url)
    try:
        parts = _parts(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as broken:
        return f"is not a URL ({broken}). Allowed: https://HOST/v1, http://localhost:PORT/v1 or sqlite:PATH."
    if parts.username is not None or parts.password is not None:
        return (
            "has a user name or password in it. Allowed: a URL without. "
            "Use api_key, or headers for another kind of authentication."
        )
    shown = f'"{url}"'
    if parts.scheme not in ("https", "http") or not host:
        return f"is {shown}. Allowed: https://HOST/v1, http://localhost:PORT/v1 or sqlite:PATH."
    if parts.query or parts.fragment:
        return (
            f"is {shown}, with a query or a fragment. Allowed: a URL without. "
            'Give query parameters as query = { "api-version" = "v1" }.'
        )
    if parts.scheme == "http" and not is_loopback(host) and not allow_http:
        return (
            f"is {shown}: the key would travel unencrypted to another machine. Allowed: https://, or "
            f"http:// on this machine. Use https://, or {allow} for a server in your own network."
        )
    return None


def _parts(url: str) -> "SplitResult":
    from urllib.parse import urlsplit  # noqa: PLC0415 - the starts that only describe have no URL

    return urlsplit(url)


def _embedded_problem(url: str) -> str | None:
    """Say what is wrong with a path of the embedded API: forms of others that would name another file."""
    path = url.removeprefix(EMBEDDED)
    allowed = 'Allowed: sqlite:PATH, for example "sqlite:threads.db" or "sqlite:/var/lib/threads.db".'
    if not path.strip():
        return f'is "{EMBEDDED}" without a path. {allowed}'
    if path.startswith("//"):
        meant = path.removeprefix("//").removeprefix("/").replace("//", "/")
        step = f'Write "{EMBEDDED}{meant}".' if meant else "Name a file."
        return f'is "{url}", where other libraries have slashes before the path. {allowed} {step}'
    if path.startswith((":memory:", "file:")) or "?" in path:
        return (
            f'is "{url}", which names no file: each start of the provider would find an API of its own. '
            f"{allowed} Name a file."
        )
    if path.startswith("~"):
        return (
            f'is "{url}", and ~ is not replaced by your home folder here. {allowed} Write the path in full.'
        )
    return None


def is_loopback(host: str | None) -> bool:
    """Return whether a host name or address is this very machine."""
    if host is None:
        return False
    host = host.removeprefix("[").removesuffix("]").lower()
    if ":" in host:
        from ipaddress import ip_address  # noqa: PLC0415 - few have such an address

        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False
    numbers = host.split(".")
    return host == "localhost" or (
        numbers[0] == "127"
        and len(numbers) == 4  # noqa: PLR2004 - IPv4
        and all(re.fullmatch(r"\d{1,3}", each, re.ASCII) and int(each) <= 255 for each in numbers)  # noqa: PLR2004 - IPv4
    )


def is_openai(base_url: str) -> bool:
    """Return whether this is OpenAI's own API, which has no threads any more."""
    return _parts(base_url).hostname == "api.openai.com"


def needs_key(base_url: str) -> bool:
    """Return whether calls to this base URL need a key."""
    return not base_url.startswith(EMBEDDED) and not is_loopback(_parts(base_url).hostname)


def _checked_base_url(
    values: Mapping[str, object], is_unknown: Callable[[object], bool]
) -> Iterator[tuple[Path, str, str]]:
    url, allow_http = values.get("base_url"), values.get("allow_http")
    if url is None or is_unknown(url) or is_unknown(allow_http):
        return
    if not str(url).startswith(EMBEDDED) and unusable_character(str(url), inner_blanks=False):
        return  # said already
    problem = base_url_problem(str(url), allow_http=allow_http in (True, "true"))
    if problem:
        yield ("base_url",), "Base URL not allowed", f"base_url {problem}"


def unusable_character(value: str, *, inner_blanks: bool) -> str | None:
    """Say which character of a value can't travel in a header or a URL, and where; None if all can.

    The value itself is not repeated: it may be a key.
    """
    for place, each in enumerate(value, 1):
        blank = each in " \t"
        if "!" <= each <= "~" or (blank and inner_blanks and 1 < place < len(value)):
            continue
        kind = "a blank" if blank else "a line break" if each in "\r\n" else f"the character {each!a}"
        return f"has {kind} at position {place} of {len(value)}"
    return None


def proxy_problem(url: str) -> str | None:
    """Say what is wrong with the URL of a proxy, which may have a password in it; None if nothing."""
    if problem := unusable_character(url, inner_blanks=False):
        return problem
    try:
        parts = _parts(url if "://" in url else f"http://{url}")
        host, _ = parts.hostname, parts.port
    except ValueError as broken:
        return f"is not a URL ({broken})"
    if parts.scheme not in ("http", "https"):
        return f'has the scheme "{parts.scheme}". Allowed: http:// and https://'
    return None if host else "names no host"


def _sendable(
    values: Mapping[str, object], is_unknown: Callable[[object], bool]
) -> Iterator[tuple[Path, str, str]]:
    title, todo = "Character not allowed", "Allowed: printable ASCII characters without blanks. Remove it."
    for name in ("api_key", "organization", "project", "base_url"):
        value = values.get(name)
        if (
            not isinstance(value, str)
            or is_unknown(value)
            or (name == "base_url" and value.startswith(EMBEDDED))
        ):
            continue
        if problem := unusable_character(value, inner_blanks=False):
            yield (name,), title, f"{name} {problem}. {todo}"
    headers = values.get("headers")
    if not isinstance(headers, Mapping) or is_unknown(headers):
        return
    for name, value in headers.items():
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", str(name)):
            yield (
                ("headers",),
                title,
                f"headers has the name {name!a}. Allowed: letters, digits and !#$%&'*+-.^_`|~. Correct it.",
            )
        elif (
            isinstance(value, str)
            and not is_unknown(value)
            and (problem := unusable_character(value, inner_blanks=True))
        ):
            allowed = "Allowed: printable ASCII characters, without a blank at either end. Remove it."
            yield ("headers", Key(str(name))), title, f'headers["{name}"] {problem}. {allowed}'


def _live_api(
    values: Mapping[str, object], is_unknown: Callable[[object], bool]
) -> Iterator[tuple[Path, str, str]]:
    url = values.get("base_url")
    if values.get("api") == "threads" and url and not is_unknown(url) and is_openai(str(url)):
        yield (
            ("api",),
            "The Assistants API is switched off",
            (
                f'api is "threads", but api.openai.com switched that API off on {SWITCHED_OFF}. Allowed there'
                ': "conversations". Remove api, or set base_url to a server that still has /threads.'
            ),
        )


def literal_credentials(
    name: str, value: object, is_token: Callable[[object], bool]
) -> Iterator[tuple[Path, str, str]]:
    """Yield what is wrong with ``headers`` or ``query`` as a program writes it: literals that are secret.

    Args:
        name: ``headers`` or ``query``.
        value: What is written.
        is_token: Tells whether a value stands for one that is known at deploy only.
    """
    if not isinstance(value, Mapping):
        return
    from provider_shim.contract.secrets import is_credential  # noqa: PLC0415 - at synth only

    for key, each in value.items():
        if isinstance(each, str) and each and not is_token(each) and is_credential(str(key), each):
            yield (
                (name, Key(str(key))),
                "Literal credential",
                (
                    f'{name}["{key}"] is a literal that looks like a credential (not repeated here): it '
                    "would be written into cdk.tf.json. Allowed: a token. Pass "
                    'TerraformVariable(self, "openai_login", type="string", sensitive=True).string_value.'
                ),
            )


PROVIDER = contract(
    "openai",
    "OpenAI's API, a server that speaks it, or the embedded API on a file.",
    OpenaiProviderConfig,
    rules=(_sendable, _checked_base_url, _live_api),
)
