"""Who gets in, where the embedded API is served over a network."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from provider_shim.contract.provider import is_loopback
from provider_shim.local.answers import refusal
from provider_shim.local.errors import ApiError

_CHALLENGES: Final = ('Bearer realm="openai-thread"', 'Basic realm="openai-thread", charset="UTF-8"')


class KeyRequired:
    """Lets in who sends the key as a bearer token, or as the password of basic authentication."""

    def __init__(self, app: ASGIApp, api_key: str) -> None:
        self._app = app
        self._key = api_key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 or pass the request on."""
        if scope["type"] != "http" or self._fits(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        error = ApiError(
            HTTPStatus.UNAUTHORIZED,
            "Incorrect or missing API key. Send the key that the server was started with as"
            " 'Authorization: Bearer KEY', or in a browser as the password, with any user name.",
            code="invalid_api_key",
        )
        refused = refusal(error)
        # A header for each: of several challenges in one, Chromium reads the first alone and never
        # asks for the password.
        for challenge in _CHALLENGES:
            refused.headers.append("www-authenticate", challenge)
        await refused(scope, receive, send)

    def _fits(self, headers: Mapping[str, str]) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        secret = given.strip().encode()
        if scheme.lower() == "basic":
            try:
                secret = base64.b64decode(secret, validate=True).partition(b":")[2]
            except binascii.Error:
                return False
        elif scheme.lower() != "bearer":
            return False
        return hmac.compare_digest(secret, self._key)


class LoopbackOnly:
    """Keeps web pages out of a server that needs no key.

    A page in the user's browser can reach a loopback address. It gives itself away by its
    ``Origin``, or, where it had its own name resolved to this machine, by the ``Host``.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 or pass the request on."""
        if scope["type"] != "http" or _is_local(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        error = ApiError(
            HTTPStatus.FORBIDDEN,
            "This server answers programs on its own machine only. Address it as localhost or"
            " 127.0.0.1, or start it with a key.",
            code="not_local",
        )
        await refusal(error)(scope, receive, send)


def _is_local(headers: Mapping[str, str]) -> bool:
    host = headers.get("host", "")
    origin = headers.get("origin")
    try:
        named = urlsplit(f"//{host}").hostname or ""
        own = origin is None or urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False
    return own and is_loopback(named)
