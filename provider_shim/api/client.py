"""One AsyncOpenAI for all calls: safe repetitions, bounds, one rate limiter; nobody else gets the key."""

import asyncio
import json
import logging
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

from provider_shim.api.absence import is_absent
from provider_shim.api.limiter import RateLimiter
from provider_shim.api.problems import Answer, Call, Trouble, attribute_path, explain, unreachable
from provider_shim.api.records import Account
from provider_shim.api.retry import LONGEST_PAUSE, Outcome, Repeat, decide, retry_after, should_retry
from provider_shim.api.settings import Settings
from provider_shim.contract.identifiers import LONGEST_ID, objects_in, path_of
from provider_shim.contract.path import Path
from provider_shim.contract.provider import EMBEDDED_ANSWER
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error

if TYPE_CHECKING:  # 0.7 s of CPU: imported when it is needed
    import httpx2
    from openai import AsyncOpenAI

STOP_GRACE: Final = 4.0
"""Seconds that a write under way gets to be answered after Ctrl-C.

A create gets as long as any call does: without the answer its id is lost. Terraform waits for it and
says so; who does not want to wait presses Ctrl-C again. An upload could last for hours, and is found in
the list of files by the next run.
"""

YOUNG: Final = 60.0
"""Seconds after which an object that can't be found is gone. Before, a server may not know it yet."""
BETWEEN_YOUNG: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds between two questions for an object that this process has just made; the last one repeats."""

LONGEST_CONNECT: Final = 10.0

_log = logging.getLogger(__name__)


class CallFailed(Failure):
    """A call without the wished answer. ``answer`` is None where there was none at all.

    ``uncertain``: it was a create, and may have happened all the same.
    """

    def __init__(self, problem: Diagnostic, answer: Answer | None = None, *, uncertain: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.answer = answer
        self.uncertain = uncertain


@dataclass(frozen=True, slots=True)
class Request:
    """One call. ``body`` becomes JSON; ``upload`` makes multipart fields anew for each try."""

    action: str
    method: Literal["GET", "POST", "DELETE"]
    path: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    repeat: Repeat = Repeat.ALWAYS
    upload: Callable[[], Mapping[str, Any]] | None = None
    locate: Callable[[str], Path] = attribute_path


class _StoppedError(Exception):
    """Ctrl-C was pressed."""


class _Tried(NamedTuple):
    """A try without a usable answer."""

    problem: Diagnostic
    answer: Answer | None
    outcome: Outcome


class _NoAnswer(Exception):  # noqa: N818 - one try that came to nothing
    def __init__(self, trouble: Trouble, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.trouble: Trouble = trouble
        self.reason = reason
        self.sent = sent


def path_to(*steps: str) -> str:
    """Put together a path of names of ours and ids of the API's; every odd step is an id."""
    try:
        return path_of(*steps)
    except ValueError as problem:
        raise Failure(
            error(
                "Not an id",
                f"{problem}. Allowed: at most {LONGEST_ID} characters. Copy the id from the API or from "
                "the state.",
            )
        ) from None


class Client:
    """The API. Cheap to make; the SDK is imported by the first call."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; nothing is opened yet."""
        self.settings = settings
        self._stopped_at: float | None = None
        self._waits: dict[asyncio.Timeout, float] = {}
        self._limiter = RateLimiter()
        self._ready: asyncio.Task[AsyncOpenAI] | None = None
        self._store: Any = None
        self._born: dict[str, float] = {}
        self.account = Account()
        """Who the key belongs to, as the API's answers tell it; empty as long as none does."""
        self.sure = False
        """Whether the last answer came from an API that can't lag behind itself."""

    def stop(self) -> None:
        """Ctrl-C: reads end now, writes under way are waited for (see STOP_GRACE), nothing new begins."""
        self._stopped_at = time.monotonic()
        for limit, grace in self._waits.items():
            self._shorten(limit, grace)

    async def pause(self, seconds: float, action: str) -> None:
        """Wait between two calls; CallFailed as soon as Ctrl-C is pressed."""
        try:
            async with self._bounded(None):
                await asyncio.sleep(seconds)
        except _StoppedError:
            call = Call(action, "waiting", "", self.settings.origin)
            raise CallFailed(unreachable("stopped", "Terraform was interrupted", call)) from None

    @asynccontextmanager
    async def _bounded(self, seconds: float | None, grace: float = 0) -> AsyncIterator[None]:
        """Stand around a wait: it ends after ``seconds``, and ``grace`` seconds after Ctrl-C.

        Raises:
            TimeoutError: the time is over.
            _StoppedError: Ctrl-C was pressed.
        """
        limit: asyncio.Timeout | None = None
        try:
            async with asyncio.timeout(seconds) as limit:
                self._waits[limit] = grace
                if self._stopped_at is not None:
                    self._shorten(limit, grace)
                yield
        except TimeoutError:
            if self._stopped_at is not None and time.monotonic() >= self._stopped_at + grace:
                raise _StoppedError from None
            raise
        finally:
            if limit is not None:
                self._waits.pop(limit, None)

    def _shorten(self, limit: asyncio.Timeout, grace: float) -> None:
        assert self._stopped_at is not None
        left = self._stopped_at + grace - time.monotonic()
        end, loop = limit.when(), asyncio.get_running_loop()
        if not limit.expired() and (end is None or end > loop.time() + left):
            limit.reschedule(loop.time() + left)

    async def close(self) -> None:
        """Release the connections and the embedded API's file."""
        if self._ready is not None:
            ready, self._ready = self._ready, None
            sdk = (await asyncio.gather(ready, return_exceptions=True))[0]
            if not isinstance(sdk, BaseException):
                await sdk.close()
        if self._store is not None:
            self._store.close()
            self._store = None

    def born(self, identifier: str) -> None:
        """Note that an object was made just now: some servers need seconds until they find it everywhere."""
        self._born[identifier] = time.monotonic()

    def _newborn(self, request: Request, answer: Answer | None) -> str | None:
        """Return the id of an object that this process has just made and that this answer does not find."""
        if answer is None or not self._born or EMBEDDED_ANSWER in answer.headers:
            return None
        oldest = time.monotonic() - YOUNG
        self._born = {each: at for each, at in self._born.items() if at > oldest}
        if not is_absent(answer.status, answer.body, request.path):
            return None
        there = {identifier for _, identifier in objects_in(request.path)}
        return next((each for each in self._born if each in there), None)

    async def call(self, request: Request) -> dict[str, Any]:
        """Make a call, as often as it is safe; give the JSON object of the answer.

        Raises CallFailed, with the diagnostic to show.
        """
        call = Call(
            request.action,
            request.method,
            request.path,
            self.settings.origin,
            self.settings.secrets,
            request.locate,
        )
        end = time.monotonic() + self.settings.deadline
        attempt = early = 0
        while True:
            sdk = await self._turn(call, end, again=bool(attempt))
            back_off = None
            try:
                tried = await self._try(sdk, request, call, end)
                if isinstance(tried, dict):
                    return tried
                left = end - time.monotonic()
                decision = decide(tried.outcome, request.repeat, attempt, self.settings.max_retries, left)
                back_off = decision.back_off
            finally:
                self._limiter.leave(back_off=back_off)
            if self._newborn(request, tried.answer):
                wait = BETWEEN_YOUNG[min(early, len(BETWEEN_YOUNG) - 1)]
                early += 1
            elif decision.wait is None:
                problem = _with_pause(tried.problem, tried.outcome.asked)
                raise CallFailed(problem, tried.answer, uncertain=decision.uncertain)
            else:
                wait = decision.wait
                attempt += 1
            _log.info("%s: %s; again in %.1f s", request.action, tried.problem.summary, wait)
            if back_off is None:  # else everyone waits
                await self.pause(wait, request.action)

    async def find(self, request: Request, *_identifiers: str) -> dict[str, Any] | None:
        """Make a call on an object; None only if it, or what it is in, is proven to be absent."""
        try:
            return await self.call(request)
        except CallFailed as failed:
            answer = failed.answer
            if answer and is_absent(answer.status, answer.body, request.path):
                return None
            raise

    async def _turn(self, call: Call, end: float, *, again: bool) -> "AsyncOpenAI":
        """Wait for the SDK and for one's turn."""
        try:
            async with self._bounded(end - time.monotonic()):
                sdk = await self._sdk()
                await self._limiter.enter(again=again)
                return sdk
        except _StoppedError:
            raise CallFailed(unreachable("stopped", "Terraform was interrupted", call)) from None
        except TimeoutError:
            reason = "other calls had to wait for the server all the time"
            raise CallFailed(unreachable("time-out", reason, call)) from None

    async def _try(
        self, sdk: "AsyncOpenAI", request: Request, call: Call, end: float
    ) -> "dict[str, Any] | _Tried":
        """Try once: give the answer, or what went wrong."""
        # An upload takes as long as it takes, as long as it moves on: the SDK's time-outs see to it.
        seconds = None if request.upload else min(self.settings.timeout, end - time.monotonic())
        try:
            async with self._bounded(seconds, self._grace(request)):
                answer = await self._send(sdk, request)
        except _StoppedError:
            create = request.repeat is Repeat.NEVER_TWICE
            problem = unreachable("stopped", "Terraform was interrupted", call)
            raise CallFailed(problem, uncertain=create) from None
        except TimeoutError:
            reason = f"no answer within {self.settings.timeout:g} s"
            return _Tried(unreachable("time-out", reason, call), None, Outcome())
        except _NoAnswer as none:
            hopeless = none.trouble in ("tls", "redirect", "proxy")
            outcome = Outcome(sent=none.sent, hopeless=hopeless)
            return _Tried(unreachable(none.trouble, none.reason, call), None, outcome)
        self._take_note(answer.headers)
        if 200 <= answer.status < 300 and isinstance(answer.body, dict):  # noqa: PLR2004 - success
            return answer.body
        asked, again = retry_after(answer.headers), should_retry(answer.headers)
        outcome = Outcome(answer.status, answer.code, asked=asked, again=again)
        return _Tried(explain(answer, call), answer, outcome)

    def _take_note(self, headers: Mapping[str, str]) -> None:
        """Learn from an answer who the key belongs to, and whether such answers may lag behind."""
        self.sure = EMBEDDED_ANSWER in headers
        told = Account(headers.get("openai-organization", ""), headers.get("openai-project", ""))
        if any(told):
            self.account = Account(*(new or old for new, old in zip(told, self.account, strict=True)))

    async def _send(self, sdk: "AsyncOpenAI", request: Request) -> Answer:
        import httpx2  # noqa: PLC0415 - came with the SDK
        from openai import APIConnectionError, APIStatusError, Omit  # noqa: PLC0415 - loaded by now

        options: Any = {
            "headers": {**self.settings.headers, **request.headers},
            "params": {**self.settings.query, **request.query},
        }
        if not self.settings.api_key and not any(
            name.lower() == "authorization" for name in options["headers"]
        ):
            options["headers"]["Authorization"] = Omit()
        if self.settings.database is not None:
            options["headers"]["x-openai-thread-client"] = "terraform"
        try:
            if request.method == "GET":
                response = await sdk.get(request.path, cast_to=httpx2.Response, options=options)
            elif request.method == "DELETE":
                response = await sdk.delete(request.path, cast_to=httpx2.Response, options=options)
            elif request.upload is not None:
                options["headers"]["Content-Type"] = "multipart/form-data"
                response = await sdk.post(
                    request.path,
                    cast_to=httpx2.Response,
                    body=request.body,
                    files=request.upload(),
                    options=options,
                )
            else:
                response = await sdk.post(
                    request.path, cast_to=httpx2.Response, body=request.body, options=options
                )
        except APIStatusError as refused:
            return _answer(refused.response)
        except APIConnectionError as broken:
            raise _no_answer(broken) from broken
        return _answer(response)

    def _grace(self, request: Request) -> float:
        if request.method == "GET":
            return 0
        return (
            self.settings.timeout
            if request.repeat is Repeat.NEVER_TWICE and not request.upload
            else STOP_GRACE
        )

    async def _sdk(self) -> "AsyncOpenAI":
        if self._ready is None:
            self._ready = asyncio.create_task(asyncio.to_thread(self._make))
        return await asyncio.shield(self._ready)

    def _make(self) -> "AsyncOpenAI":
        import httpx2  # noqa: PLC0415 - comes with the SDK
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient  # noqa: PLC0415 - see the module's text

        settings = self.settings
        # Shorter than the whole, so that a connection that was never made is known as such.
        timeout = httpx2.Timeout(settings.timeout, connect=min(LONGEST_CONNECT, settings.timeout / 2))
        options: dict[str, Any] = {
            "timeout": timeout,
            "event_hooks": {"response": [self._refuse_redirect]},
        }
        if settings.database is not None:
            from provider_shim.local.app import create_app  # noqa: PLC0415 - only where it is asked for
            from provider_shim.local.errors import DatabaseError  # noqa: PLC0415 - as above

            try:
                app = create_app(settings.database)
            except DatabaseError as unusable:
                detail = f"The database {unusable.path}: {unusable.reason}.\n\n{unusable.advice}"
                raise Failure(error("The embedded API can't start", detail, ("base_url",))) from None
            self._store = app.state.store
            options["transport"] = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        elif settings.local:
            # Proxy variables hold for everything but this machine; SSL_CERT_FILE holds everywhere.
            options["mounts"] = {f"all://{settings.host}": None}
        try:
            return AsyncOpenAI(
                api_key=settings.api_key or "",
                admin_api_key="",  # not ours: it may do far more than this key
                organization=settings.organization,
                project=settings.project,
                base_url=settings.url,
                timeout=timeout,
                max_retries=0,
                http_client=DefaultAsyncHttpxClient(**options),
                _enforce_credentials=False,
            )
        except (ValueError, ImportError, OSError) as unusable:
            raise Failure(
                error(
                    "The connection to the API can't be set up",
                    f"{type(unusable).__name__} while reading the proxy and certificate settings. Check "
                    "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY and SSL_CERT_FILE.",
                )
            ) from None

    async def _refuse_redirect(self, response: "httpx2.Response") -> None:
        """Follow a redirect within the origin that keeps method and body; refuse any other."""
        if not response.has_redirect_location:
            return
        there = response.url.join(response.headers["location"])
        here = urlsplit(self.settings.url)
        default = {"http": 80, "https": 443}
        same = (there.scheme, there.host, there.port or default.get(there.scheme)) == (
            here.scheme,
            here.hostname,
            here.port or default.get(here.scheme),
        )
        if not same or not (response.request.method == "GET" or response.status_code in (307, 308)):
            raise _redirected(f"{there.scheme}://{there.host}", response.status_code)


def _with_pause(problem: Diagnostic, asked: float | None) -> Diagnostic:
    """Say which pause the server asked for, where it is longer than any call waits."""
    if asked is None or asked <= LONGEST_PAUSE:
        return problem
    said = f"The server asked to wait {asked:g} s; a call waits {LONGEST_PAUSE:g} s at most."
    return error(problem.summary, f"{problem.detail}\n\n{said}", problem.path)


def _redirected(target: str, status: int) -> Exception:
    from openai import OpenAIError  # noqa: PLC0415 - loaded by now; the SDK lets its own errors through unchanged

    class Redirected(OpenAIError, _NoAnswer):  # noqa: N818 - as _NoAnswer
        """A redirect that would take the key elsewhere, or a create to something else."""

        def __init__(self) -> None:
            _NoAnswer.__init__(self, "redirect", f"HTTP status {status} redirects to {target}", sent=False)

    return Redirected()


def _answer(response: "httpx2.Response") -> Answer:
    try:
        body = json.loads(response.content)
    except ValueError:
        body = None
    return Answer(
        response.status_code, body, "" if body is not None else response.text, dict(response.headers)
    )


def _causes(problem: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = problem
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def _no_answer(problem: Exception) -> _NoAnswer:
    """Tell which link of the way broke, and whether the request may have got through."""
    import socket  # noqa: PLC0415 - only on this way out

    import httpx2  # noqa: PLC0415 - came with the SDK

    causes = list(_causes(problem))
    reason = next((str(each) for each in causes[1:] if str(each)), type(causes[-1]).__name__)

    def met(*kinds: type[BaseException]) -> bool:
        return any(isinstance(each, kinds) for each in causes)

    never = met(httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
    trouble: Trouble = "reset"
    if met(httpx2.ProxyError):
        trouble, never = "proxy", True
    elif met(httpx2.ConnectTimeout, httpx2.PoolTimeout):
        trouble = "connect time-out"
    elif met(httpx2.TimeoutException):
        trouble = "time-out"
    elif never and met(ssl.SSLError):
        trouble = "tls"
    elif never and met(socket.gaierror):
        trouble = "name"
    elif never:
        trouble = "refused"
    return _NoAnswer(trouble, reason, sent=not never)
