"""The OpenAI SDK, as the client uses it: no repetitions of its own, bounded answers, no foreign redirects.

Importing this costs 0.5 s of CPU, so it is imported by the first call.
"""

import asyncio
import io
import os
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from errno import EMFILE, ENFILE
from http.cookiejar import CookieJar, DefaultCookiePolicy
from socket import gaierror
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx2
import openai
from openai import APIConnectionError, AsyncOpenAI, DefaultAsyncHttpxClient, Omit, OpenAIError

from provider_shim.api.answers import SUCCESS, Answer, answer_of
from provider_shim.api.bodies import LARGEST_REFUSAL, LONGEST_BODY, Body, received
from provider_shim.api.connections import never_sent, watch_connections, watch_rest, watch_sending
from provider_shim.api.problems import NoAnswer, Trouble
from provider_shim.api.sdk_import import unsupported
from provider_shim.api.settings import Settings
from provider_shim.api.streams import Through

LONGEST_CONNECT: Final = 10.0
MOST_REDIRECTS: Final = 5
ENCODINGS: Final = "gzip, deflate"
"""What answers may be packed as: of the others, a few bytes may unpack to any number."""
_PORTS: Final = {"http": 80, "https": 443}
_SAME_METHOD: Final = (307, 308)


class _Answered(OpenAIError):  # noqa: N818 - no error
    """An answer on its way through the SDK, which lets its own errors through unchanged.

    So it never reads a body itself: it would read one of any size, and parse an error's twice.
    """

    def __init__(self, status: int, headers: Mapping[str, str], body: list[Body]) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers
        self._body = body

    def taken(self) -> Body:
        """Return the body, once: frames of this exception may live on, and it may be large."""
        return self._body.pop()


class _Redirected(OpenAIError):  # noqa: N818 - no error
    """A redirect to the same server."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class _RefusedRedirectError(OpenAIError, NoAnswer):
    """A redirect that would take the key elsewhere, or a create to something else."""

    def __init__(self, target: str, status: int) -> None:
        NoAnswer.__init__(self, "redirect", f"HTTP status {status} redirects to {target}", sent=False)


class _Watched(Through):
    """A file on its way, which reports that it moves on."""

    def __init__(self, source: io.BufferedIOBase, moved: Callable[[], None]) -> None:
        super().__init__(source)
        self._moved = moved

    def read(self, size: int | None = -1, /) -> bytes:
        self._moved()
        return super().read(size)


def make(settings: Settings, transport: httpx2.AsyncBaseTransport | None) -> AsyncOpenAI:
    """Make the SDK's client.

    Args:
        settings: How the API is reached.
        transport: Where calls go instead of to a network.

    Raises:
        ValueError, ImportError, OSError: proxy or certificate settings of the environment can't be used.
    """
    if needed := unsupported(openai):
        raise ImportError(f"the OpenAI SDK is version {openai.__version__}, in {openai.__file__}. {needed}")
    # Shorter than the whole, so that a connection that was never made is known as such.
    timeout = httpx2.Timeout(settings.timeout, connect=min(LONGEST_CONNECT, settings.timeout / 2))
    here, turn = urlsplit(settings.url), asyncio.Lock()

    async def take(response: httpx2.Response) -> None:
        watch_rest(response)
        headers = dict(response.headers.items())  # of the headers alone, dict() looks each one up
        if response.has_redirect_location:
            try:
                there = response.url.join(headers["location"])
            except (httpx2.InvalidURL, ValueError):
                raise _RefusedRedirectError("what is no address", response.status_code) from None
            asked = there.scheme, there.host, there.port or _PORTS.get(there.scheme)
            same = asked == (here.scheme, here.hostname, here.port or _PORTS.get(here.scheme))
            if same and (response.request.method == "GET" or response.status_code in _SAME_METHOD):
                raise _Redirected(str(there))
            raise _RefusedRedirectError(f"{there.scheme}://{there.host}", response.status_code)
        encoding = headers.get("content-encoding", "")
        most = LONGEST_BODY if response.status_code in SUCCESS else LARGEST_REFUSAL
        body = [await received(encoding, response.aiter_raw(), turn, most)]
        raise _Answered(response.status_code, headers, body)

    proxied = not settings.local and bool(getproxies())
    options: dict[str, Any] = {
        "timeout": timeout,
        "event_hooks": {"request": [watch_sending] if proxied else [], "response": [take]},
        "follow_redirects": False,
        # An API has no sessions; a server that sets one cookie after another would refuse them as too many.
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),
    }
    if transport is not None:
        options["transport"] = transport
    if settings.local:
        # Proxy variables hold for everything but this machine; the certificates hold for all that is TLS.
        options["trust_env"] = False
        certificates = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
        if here.scheme == "https" and any(certificates):
            options["verify"] = ssl.create_default_context(cafile=certificates[0], capath=certificates[1])
    client = DefaultAsyncHttpxClient(**options)
    watch_connections(client)
    return AsyncOpenAI(
        api_key=settings.api_key or "",
        admin_api_key="",  # not ours: it may do far more than this key
        organization=settings.organization,
        project=settings.project,
        base_url=settings.url,
        timeout=timeout,
        max_retries=0,
        http_client=client,
        _enforce_credentials=False,
    )


async def send(  # noqa: PLR0913 - what an HTTP request is made of
    sdk: AsyncOpenAI,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str],
    query: Mapping[str, Any],
    body: Mapping[str, Any] | None = None,
    upload: Callable[[], Mapping[str, Any]] | None = None,
    moved: Callable[[], None] = lambda: None,
) -> Answer:
    """Send a request, and follow redirects to the same server.

    Args:
        sdk: The client.
        method: GET, POST or DELETE.
        path: Below the base URL.
        headers: Of the request.
        query: Of the request.
        body: JSON members, or fields of a form.
        upload: Makes multipart fields, anew for each try.
        moved: Is told whenever a part of a file was read.

    Raises:
        NoAnswer: there is none.
    """
    sent: dict[str, Any] = {"Accept-Encoding": ENCODINGS, **headers}
    if not sdk.api_key and not any(name.lower() == "authorization" for name in headers):
        sent["Authorization"] = Omit()
    # With the whole address the SDK takes it apart twice instead of four times: a tenth of a call.
    url = f"{str(sdk.base_url).rstrip('/')}{path}{'?' * bool(query)}{sdk.qs.stringify(query)}"
    options = dict[str, Any](headers=sent)
    answer = dict[str, Any](cast_to=httpx2.Response, options=options)
    for _ in range(1 + MOST_REDIRECTS):
        try:
            if upload is not None:
                sent["Content-Type"] = "multipart/form-data"
                files: Any = {name: (each[0], _Watched(each[1], moved)) for name, each in upload().items()}
                await sdk.post(url, body=body, files=files, **answer)
            elif method == "POST":
                await sdk.post(url, body=body, **answer)
            elif method == "DELETE":
                await sdk.delete(url, **answer)
            else:
                await sdk.get(url, **answer)
        except _Answered as answered:
            return answer_of(method, path, answered.status, answered.headers, answered.taken())
        except _Redirected as elsewhere:
            url = elsewhere.url
        except APIConnectionError as broken:
            raise _no_answer(broken) from broken
    raise NoAnswer("redirect", f"more than {MOST_REDIRECTS} redirects", sent=False)


def _causes(problem: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = problem
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def _no_answer(problem: APIConnectionError) -> NoAnswer:
    """Return which link of the way broke, and whether the request may have got through."""
    causes = list(_causes(problem))
    reason = next((str(each) for each in causes[1:] if str(each)), type(causes[-1]).__name__)

    def met(*kinds: type[BaseException]) -> bool:
        return any(isinstance(each, kinds) for each in causes)

    never = met(httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
    trouble: Trouble = "reset"
    if met(httpx2.ProxyError) or (never_sent(problem.request) and met(httpx2.RemoteProtocolError)):
        trouble, never = "proxy", True
    elif met(httpx2.ConnectTimeout, httpx2.PoolTimeout):
        trouble = "connect time-out"
    elif met(httpx2.TimeoutException):
        trouble = "time-out"
    elif never and met(ssl.SSLError) and not met(ssl.SSLEOFError):  # an end refuses nothing
        trouble = "tls"
    elif never and _out_of_descriptors(causes):
        trouble = "descriptors"
    elif never and met(gaierror):
        trouble = "name"
    elif never:
        trouble = "no connection"
    return NoAnswer(trouble, reason, sent=not (never or never_sent(problem.request)))


def _out_of_descriptors(causes: Iterable[BaseException]) -> bool:
    """Return whether this process may open no connection: the system knows, a look-up of a name hides it."""
    if any(isinstance(each, OSError) and each.errno in (EMFILE, ENFILE) for each in causes):
        return True
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as full:
        return full.errno in (EMFILE, ENFILE)
    return False
