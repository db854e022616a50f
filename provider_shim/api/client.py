"""One AsyncOpenAI for all calls: safe repetitions, deadlines, one pace, and nobody else gets the key."""

import asyncio
import json
import re
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar
from urllib.parse import quote, urlsplit

from provider_shim.api.absence import is_absent
from provider_shim.api.pace import Pace
from provider_shim.api.problems import Answer, Call, Trouble, attribute_path, explain, unreachable
from provider_shim.api.retry import Repeat, backoff, is_refused, is_uncertain, may_repeat, retry_after
from provider_shim.api.settings import Settings
from provider_shim.contract.path import Path
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

LONGEST_ID: Final = 512
LONGEST_CONNECT: Final = 10.0

_Result = TypeVar("_Result")
_ID: Final = re.compile(r"[A-Za-z0-9._~:@=+-]+")


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


class _NoAnswer(Exception):  # noqa: N818 - one try that came to nothing
    def __init__(self, trouble: Trouble, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.trouble: Trouble = trouble
        self.reason = reason
        self.sent = sent


def path_to(*steps: str) -> str:
    """Put together a path of names of ours and ids of the API's; every odd step is an id.

    An id with anything in it that could lead elsewhere (a slash, dots alone, a percent sign, a line
    break) is refused before a request is made.
    """
    for identifier in steps[1::2]:
        if len(identifier) > LONGEST_ID or not _ID.fullmatch(identifier) or not identifier.strip("."):
            shown = identifier if len(identifier) <= 60 else identifier[:60] + "…"  # noqa: PLR2004 - a line
            raise Failure(
                error(
                    "Not an id",
                    f"{shown!r} is no id of the API. Allowed: letters, digits and - _ . ~ : @ = +, at most "
                    f"{LONGEST_ID} characters. Copy the id from the API or from the state.",
                )
            )
    return "/" + "/".join(quote(step, safe="") for step in steps)


class Client:
    """The API. Cheap to make; the SDK is imported by the first call."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; nothing is opened yet."""
        self.settings = settings
        self._stopping = asyncio.Event()
        self._pace = Pace()
        self._ready: asyncio.Task[AsyncOpenAI] | None = None
        self._store: Any = None
        self._told: tuple[str, float] | None = None

    def server_time(self) -> float | None:
        """Give the earliest that it can be now by the server's clock; None where it never tells."""
        from email.utils import mktime_tz, parsedate_tz  # noqa: PLC0415 - came with the SDK

        date = parsedate_tz(self._told[0]) if self._told else None
        return mktime_tz(date) + time.monotonic() - self._told[1] if self._told and date else None

    def stop(self) -> None:
        """Ctrl-C: reads end now, writes under way are waited for (see STOP_GRACE), nothing new begins."""
        self._stopping.set()

    async def pause(self, seconds: float, action: str) -> None:
        """Wait between two calls; CallFailed as soon as Ctrl-C is pressed."""
        call = Call(action, "waiting", "", self.settings.origin)
        await self._unless_stopped(asyncio.sleep(seconds), call, grace=0)

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
        sdk = await self._unless_stopped(self._sdk(), call, grace=0)
        started: float | None = None
        attempt = 0
        while True:
            if self._stopping.is_set():
                raise CallFailed(unreachable("stopped", "Terraform was interrupted", call))
            await self._unless_stopped(self._pace.enter(), call, grace=0)
            started = time.monotonic() if started is None else started
            failure, wait = await self._attempt(sdk, request, call, attempt)
            if isinstance(failure, dict):
                return failure
            out_of_time = wait is not None and time.monotonic() + wait - started > self.settings.deadline
            if wait is None or attempt >= self.settings.max_retries or out_of_time:
                raise failure
            attempt += 1
            await self._unless_stopped(asyncio.sleep(wait), call, grace=0)

    async def find(self, request: Request, *identifiers: str) -> dict[str, Any] | None:
        """Make a call on an object; None only if the answer proves that one of these does not exist."""
        try:
            return await self.call(request)
        except CallFailed as failed:
            answer = failed.answer
            if answer and any(is_absent(answer.status, answer.body, each) for each in identifiers):
                return None
            raise

    async def _attempt(
        self, sdk: "AsyncOpenAI", request: Request, call: Call, attempt: int
    ) -> tuple[dict[str, Any] | CallFailed, float | None]:
        """Try once. Give the answer, or what went wrong and the seconds before the next try."""
        cool_down: float | None = None
        create = request.repeat is Repeat.NEVER_TWICE
        try:
            answer = await self._unless_stopped(self._send(sdk, request), call, grace=self._grace(request))
            if "date" in answer.headers:
                self._told = answer.headers["date"], time.monotonic()
            asked = retry_after(answer.headers)
            wait = backoff(attempt) if asked is None else asked
            if 200 <= answer.status < 300:  # noqa: PLR2004 - success
                if isinstance(answer.body, dict):
                    return answer.body, None
                broken = CallFailed(explain(answer, call), answer, uncertain=create)
                return broken, None if create else wait
            if is_refused(answer.status, answer.code) and answer.status == 429:  # noqa: PLR2004 - too many
                cool_down = wait
            failed = CallFailed(
                explain(answer, call), answer, uncertain=is_uncertain(answer.status, request.repeat)
            )
            return failed, wait if may_repeat(answer.status, answer.code, request.repeat) else None
        except _NoAnswer as none:
            failed = CallFailed(unreachable(none.trouble, none.reason, call), uncertain=create and none.sent)
            hopeless = none.trouble in ("tls", "redirect", "proxy") or (create and none.sent)
            return failed, None if hopeless else backoff(attempt)
        finally:
            await asyncio.shield(self._pace.leave(refused_for=cool_down))

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
            # An upload takes as long as it takes, as long as it moves on: the SDK's time-outs see to it.
            async with asyncio.timeout(None if request.upload else self.settings.timeout):
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
        except TimeoutError as late:
            raise _NoAnswer("time-out", f"no answer within {self.settings.timeout:g} s", sent=True) from late
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

    async def _unless_stopped(self, work: Awaitable[_Result], call: Call, grace: float) -> _Result:
        """Do it, but not longer than ``grace`` seconds after Ctrl-C."""
        task = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() and grace:
                await asyncio.wait({task}, timeout=grace)
            if task.done():
                return task.result()
            raise CallFailed(unreachable("stopped", "Terraform was interrupted", call), uncertain=grace > 0)
        finally:
            stopped.cancel()
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

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
