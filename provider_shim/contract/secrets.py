"""What is secret, and how it is kept out of every text. One masker for diagnostics, logs and reports."""

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_plus, urlsplit

MASK: Final = "(sensitive value)"
SHORTEST: Final = 6
"""Characters. Shorter ones are in too many words, and no service gives out such keys."""
_PART: Final = 12
"""Characters of a long secret that are masked wherever its beginning or its end stands."""
_LONG: Final = 24

# Compiled when they are needed: each start of a provider imports this module, and few have headers.
_NAMED: Final = (
    r"auth|cookie|credential|passw|secret|signature|token|(?:^|[-_.])(?:key|code|sig|sas|jwt|bearer)s?(?:$|[-_.])"
    r"|api-?_?key|subscription-key"
)
_LIKE_A_KEY: Final = (
    r"\b(?:sk|pk|rk|gh[opsu]|glpat|xox[abp]|AKIA)[-_]?[A-Za-z0-9_-]{12,}|^(?:Bearer|Basic|Token) +\S{6,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\."
)


def is_credential(name: str, value: str = "") -> bool:
    """Return whether a header or a query parameter carries a credential, by its name or its look."""
    named = re.search(_NAMED, name, re.IGNORECASE)
    return bool(named or re.search(_LIKE_A_KEY, value, re.IGNORECASE))


def secret_parts(value: str) -> list[str]:
    """Return what of a header's or a query parameter's value is secret: "Bearer KEY" hides KEY too."""
    kind, _, rest = value.partition(" ")
    found = [value, rest.strip()]
    if kind.lower() == "basic":
        try:
            login = a2b_base64(rest.strip(), strict_mode=True).decode()
        except ValueError:
            return found
        found += [login, login.partition(":")[2]]
    return found


def secrets_of(pairs: Mapping[str, str]) -> list[str]:
    """Return the secret values of headers or of query parameters."""
    return [
        part for name, value in pairs.items() if is_credential(name, value) for part in secret_parts(value)
    ]


def proxy_passwords(environment: Mapping[str, str]) -> list[str]:
    """Return the passwords in the proxy variables of an environment."""
    found = []
    for name, value in environment.items():
        if name.lower() in ("http_proxy", "https_proxy", "all_proxy") and "@" in value:
            try:
                found.append(urlsplit(value).password or "")
            except ValueError:
                found.append(value)
    return found


def masked(text: str, secrets: Iterable[str]) -> str:
    """Replace secrets in a text, however they are written there.

    Plain, percent-encoded, as JSON, within base64 ("user:pass" as well), and a long one also where only
    its beginning or its end stands: servers cut what they repeat.
    """
    for secret in sorted({each for each in secrets if len(each) >= SHORTEST}, key=len, reverse=True):
        for form in _forms(secret):
            text = text.replace(form, MASK)
        if len(secret) >= _LONG:
            text = _without_parts(text, secret)
    return text


@lru_cache(maxsize=64)
def _forms(secret: str) -> tuple[str, ...]:
    data = secret.encode("utf-8", "replace")
    in_json = secret.replace("\\", "\\\\").replace('"', '\\"')
    found = {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        quote(secret, safe="").lower(),
        in_json,
        in_json.replace("/", "\\/"),
        quote(quote(secret, safe=""), safe=""),
        *_spelled(secret, "\\u%04x"),
        *_spelled(secret, "&#%d;"),
        *_spelled(secret, "&#x%x;"),
        *(each for kind in ("%%%02x", "\\x%02x", "%02x") for each in _spelled(data, kind)),
        _in_html(secret),
        "".join(each if each.isalnum() else f"\\u{ord(each):04x}" for each in secret),
    }
    for before in range(3):
        # Where the secret begins within a group of three bytes decides how all of it looks.
        core = b2a_base64(b"\0" * before + data, newline=False).rstrip(b"=").decode()
        first, rest = -(-before * 8 // 6), (before + len(data)) % 3
        core = core[first : len(core) - bool(rest)]
        found |= {core, core.replace("+", "-").replace("/", "_")}
    return tuple(sorted((each for each in found if len(each) >= SHORTEST), key=len, reverse=True))


def _spelled(secret: str | bytes, kind: str) -> tuple[str, str]:
    """Write each character of a secret as its number; letters among the digits small, and large."""
    small = "".join(kind % (ord(each) if isinstance(each, str) else each) for each in secret)
    large = re.sub(r"[a-f]", lambda found: found[0].upper(), small)
    return small, large


def _in_html(secret: str) -> str:
    for plain, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;")):
        secret = secret.replace(plain, entity)
    return secret


def _without_parts(text: str, secret: str) -> str:
    begin, end = secret[:_PART], secret[-_PART:]
    while (at := text.find(begin)) >= 0:
        size = _PART
        while size < len(secret) and text[at + size : at + size + 1] == secret[size]:
            size += 1
        text = text[:at] + MASK + text[at + size :]
    while (at := text.find(end)) >= 0:
        first, size = at, _PART
        while size < len(secret) and first and text[first - 1] == secret[-size - 1]:
            first, size = first - 1, size + 1
        text = text[:first] + MASK + text[at + _PART :]
    return text
