"""One AsyncOpenAI for all calls: safe repetitions, bounds, one rate limiter; nobody else gets the key."""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from provider_shim.api.absence import absent_id, is_absent
from provider_shim.api.answers import Answer
from provider_shim.api.limiter import RateLimiter
from provider_shim.api.problem import ApiProblem, CallFailed
from provider_shim.api.problems import STILL_THERE, Call, NoAnswer, attribute_path, explain, unreachable
from provider_shim.api.records import Payer
from provider_shim.api.retry import (
    LONGEST_PAUSE,
    Outcome,
    Repeat,
    decide,
    retry_after,
    seconds_of,
    should_retry,
)
from provider_shim.api.settings import Settings
from provider_shim.contract.environment import unusable_network
from provider_shim.contract.identifiers import LONGEST_ID, objects_in, path_of
from provider_shim.contract.path import Path
from provider_shim.contract.provider import EMBEDDED_ANSWER
from provider_shim.contract.secrets import masked
from provider_shim.system.descriptors import free_descriptors

if TYPE_CHECKING:  # 0.7 s of CPU: imported when it is needed
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

AT_ONCE: Final = 64
"""Calls that may be under way at a time."""
SPARE_DESCRIPTORS: Final = 8
"""What the journal, modules that are imported late and Terraform's connection may need besides."""

WORTH_TELLING: Final = 1.0
"""Seconds of waiting for one's turn from which the log tells of them."""

_log = logging.getLogger(__name__)


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
    newborn: bool = True
    """Whether what this process has made just now is asked for again where it is not found."""


class _StoppedError(Exception):
    """Ctrl-C was pressed."""


class _Tried(NamedTuple):
    """A try without a usable answer."""

    problem: CallFailed
    answer: Answer | None
    outcome: Outcome


def _most_at_once() -> int:
    """Return how many calls may be under way: each takes a connection, and an upload its file as well."""
    return min(AT_ONCE, max(1, (free_descriptors() - SPARE_DESCRIPTORS) // 2))


def path_to(*steps: str) -> str:
    """Put together a path of names of ours and ids of the API's; every odd step is an id."""
    try:
        return path_of(*steps)
    except ValueError as problem:
        raise ApiProblem(
            "not an id",
            "Not an id",
            f"{problem}. Allowed: at most {LONGEST_ID} characters.",
        ) from None


class Client:
    """The API. Cheap to make; the SDK is imported by the first call."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; nothing is opened yet."""
        self.settings = settings
        self._stopped_at: float | None = None
        self._why = ""
        self._waits: dict[asyncio.Timeout, float] = {}
        self._limiter = RateLimiter(_most_at_once())
        self._ready: asyncio.Task[AsyncOpenAI] | None = None
        self._store: Any = None
        self._born: dict[str, float] = {}
        self.account = Payer()
        """Who the key belongs to, as the API's answers tell it; empty as long as none does."""
        self.sure = False
        """Whether the last answer came from an API that can't lag behind itself."""
        self._told: tuple[str, float] | None = None

    def server_time(self) -> float | None:
        """Return the earliest that it can be now by the server's clock; None where it never tells."""
        told = seconds_of(self._told[0]) if self._told else None
        return None if told is None or self._told is None else told + time.monotonic() - self._told[1]

    def stop(self, why: str) -> None:
        """Ctrl-C: reads end now, writes under way are waited for (see STOP_GRACE), nothing new begins.

        ``why`` is what the problems of such calls say.
        """
        self._why = why
        self._stopped_at = time.monotonic()
        for limit, grace in self._waits.items():
            self._shorten(limit, grace)

    async def pause(self, seconds: float, action: str) -> None:
        """Wait between two calls; CallFailed as soon as Ctrl-C is pressed."""
        _log.info("%s: waits %.1f s", action, seconds)
        await self._wait(seconds, action)

    async def _wait(self, seconds: float, action: str) -> None:
        try:
            async with self._bounded(None):
                await asyncio.sleep(seconds)
        except _StoppedError:
            call = Call(action, "waiting", "", self.settings.origin)
            raise unreachable("stopped", self._why, call) from None

    @asynccontextmanager
    async def _bounded(self, seconds: float | None, grace: float = 0) -> AsyncIterator[asyncio.Timeout]:
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
                yield limit
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
        if answer is None or not self._born or not request.newborn or EMBEDDED_ANSWER in answer.headers:
            return None
        oldest = time.monotonic() - YOUNG
        self._born = {each: at for each, at in self._born.items() if at > oldest}
        absent = absent_id(answer.status, answer.body, request.path)
        return absent if absent in self._born else None

    @property
    def made_database(self) -> bool:
        """Whether there was no database of the embedded API before this client opened it."""
        return self._store is not None and bool(self._store.is_new)

    async def call(self, request: Request) -> dict[str, Any]:
        """Make a call, as often as it is safe; give the JSON object of the answer.

        Raises CallFailed.
        """
        call = self._call_of(request)
        end = time.monotonic() + self.settings.deadline
        attempt = early = 0
        while True:
            sdk = await self._turn(call, end, again=bool(attempt))
            back_off = None
            try:
                tried = await self._try(sdk, request, call, end)
                if isinstance(tried, dict):
                    if request.method == "DELETE":
                        self._born.pop(objects_in(request.path)[-1][1], None)
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
                problem = _with_pause(tried.problem, tried.outcome.asked, self.settings.deadline)
                answer = tried.answer
                absent = answer is not None and is_absent(answer.status, answer.body, request.path)
                problem.uncertain, problem.absent = decision.uncertain, absent
                try:
                    raise problem
                finally:
                    # This frame is in the problem's traceback: in a cycle, nothing would free the answer.
                    del problem, tried, answer
            else:
                wait = decision.wait
                attempt += 1
            asked = "" if tried.outcome.asked is None else f", which asks for {tried.outcome.asked:g} s"
            _log.info("%s%s; again in %.1f s", tried.problem.summary, asked, wait)
            if back_off is None or back_off < wait:  # else everyone waits
                await self._wait(wait, request.action)

    async def find(self, request: Request) -> dict[str, Any] | None:
        """Make a call on an object; None only if it, or what it is in, is proven to be absent.

        A DELETE that was taken, and not answered with the API's own words, is done when a read proves it.
        """
        try:
            return await self.call(request)
        except CallFailed as failed:
            answer = failed.answer
            if failed.absent:
                return None
            if request.method != "DELETE" or answer is None or not _may_be_deleted(answer):
                raise
        self._born.pop(objects_in(request.path)[-1][1], None)
        read = replace(request, action=f"{request.action}, looking whether it is gone", method="GET")
        for wait in (0.0, *BETWEEN_YOUNG):
            if wait:
                await self.pause(wait, read.action)
            if await self.find(read) is None:
                return {}
        raise explain(replace(answer, wrong=STILL_THERE), self._call_of(request))

    def _call_of(self, request: Request) -> Call:
        return Call(
            request.action,
            request.method,
            request.path,
            self.settings.origin,
            self.settings.secrets,
            request.locate,
        )

    async def _turn(self, call: Call, end: float, *, again: bool) -> "AsyncOpenAI":
        """Wait for the SDK and for one's turn."""
        if self._ready is not None and self._ready.done() and self._stopped_at is None:
            sdk = self._ready.result()
            if self._limiter.enter_now():
                return sdk
        began = time.monotonic()
        try:
            async with self._bounded(end - began):
                sdk = await self._sdk()
                await self._limiter.enter(again=again)
        except _StoppedError:
            raise unreachable("stopped", self._why, call) from None
        except TimeoutError:
            reason = "other calls had to wait for the server all the time"
            raise unreachable("time-out", reason, call) from None
        if (waited := time.monotonic() - began) >= WORTH_TELLING:
            _log.info("%s: has waited %.1f s for its turn", call.action, waited)
        return sdk

    async def _try(
        self, sdk: "AsyncOpenAI", request: Request, call: Call, end: float
    ) -> "dict[str, Any] | _Tried":
        """Try once: give the answer, or what went wrong."""
        seconds = min(self.settings.timeout, end - time.monotonic())
        try:
            async with self._bounded(seconds, self._grace(request)) as limit:
                answer = await self._send(sdk, request, lambda: self._prolong(limit))
        except _StoppedError:
            create = request.repeat is Repeat.NEVER_TWICE
            problem = unreachable("stopped", self._why, call)
            problem.uncertain = create
            raise problem from None
        except TimeoutError:
            reason = f"no answer within {self.settings.timeout:g} s"
            return _Tried(unreachable("time-out", reason, call), None, Outcome())
        except NoAnswer as none:
            hopeless = none.trouble in ("tls", "redirect", "proxy")
            outcome = Outcome(sent=none.sent, hopeless=hopeless)
            return _Tried(unreachable(none.trouble, none.reason, call), None, outcome)
        self._take_note(answer.headers)
        if answer.success and isinstance(answer.body, dict) and not answer.wrong:
            return answer.body
        asked, again = retry_after(answer.headers), should_retry(answer.headers)
        if request.method == "DELETE" and answer.success:
            again = False  # it was taken; a read tells whether it is done
        if answer.too_large:
            again = False  # it will be the next time
        outcome = Outcome(answer.status, answer.code, asked=asked, again=again)
        return _Tried(explain(answer, call), answer, outcome)

    def _take_note(self, headers: Mapping[str, str]) -> None:
        """Learn from an answer who the key belongs to, and whether such answers may lag behind."""
        self.sure = EMBEDDED_ANSWER in headers
        if "date" in headers:
            self._told = headers["date"], time.monotonic()
        told = headers.get("openai-organization", ""), headers.get("openai-project", "")
        if any(told):
            # It stays beside the state, and some servers answer with whatever they were sent.
            told = masked(told[0], self.settings.secrets), masked(told[1], self.settings.secrets)
            self.account = Payer(*(new or old for new, old in zip(told, self.account, strict=True)))

    def _prolong(self, limit: asyncio.Timeout) -> None:
        """An upload takes as long as it takes, as long as it moves on."""
        if self._stopped_at is None and not limit.expired():
            limit.reschedule(asyncio.get_running_loop().time() + self.settings.timeout)

    async def _send(self, sdk: "AsyncOpenAI", request: Request, moved: Callable[[], None]) -> Answer:
        from provider_shim.api.sdk import send  # noqa: PLC0415 - loaded by now

        client = self.settings.client if self.settings.database is not None else ""
        ours = {"x-openai-thread-client": client} if client else {}
        return await send(
            sdk,
            request.method,
            request.path,
            headers={**ours, **self.settings.headers, **request.headers},
            query={**self.settings.query, **request.query},
            body=request.body,
            upload=request.upload,
            moved=moved,
        )

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
        try:
            from provider_shim.api import sdk_import  # noqa: PLC0415 - as the next

            sdk_import.load()
            from provider_shim.api.sdk import make  # noqa: PLC0415 - see there
        except ImportError as absent:
            raise _unusable_sdk(absent) from None
        transport = None
        if self.settings.database is not None:
            import httpx2  # noqa: PLC0415 - came with the SDK

            from provider_shim.local.app import create_app  # noqa: PLC0415 - only where it is asked for
            from provider_shim.local.errors import DatabaseError  # noqa: PLC0415 - as above

            try:
                app = create_app(self.settings.database)
            except DatabaseError as unusable:
                raise ApiProblem(
                    "database",
                    "The embedded API can't start",
                    f"The database {unusable.path}: {unusable.reason}.",
                    ("base_url",),
                    remedy=unusable.advice,
                ) from None
            self._store = app.state.store
            transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        try:
            return make(self.settings, transport)
        except ImportError as unusable:
            raise _unusable_sdk(unusable) from None
        except (ValueError, OSError) as unusable:
            broken = next(unusable_network(os.environ, proxies=not self.settings.local), None)
            raise ApiProblem(
                "set-up",
                "The connection to the API can't be set up",
                broken.detail
                if broken is not None
                else f"{type(unusable).__name__} while reading the proxy and certificate settings. Check "
                "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR.",
            ) from None


def _unusable_sdk(problem: ImportError) -> ApiProblem:
    return ApiProblem(
        "set-up",
        "The OpenAI SDK can't be used",
        f"{problem}.",
        remedy="Install cdktf-openai-thread again, with all it needs, into the Python that runs it.",
    )


def _may_be_deleted(answer: Answer) -> bool:
    """Return whether a DELETE was taken: neither refused, nor answered with that it was not done."""
    body = answer.body if isinstance(answer.body, dict) else {}
    return answer.success and not body.get("error") and body.get("deleted") is not False


def _with_pause(problem: CallFailed, asked: float | None, deadline: float) -> CallFailed:
    """Say which pause the server asked this call for."""
    if not asked:
        return problem
    said = (
        f"The server asked for a pause of {asked:g} s before this call is repeated. A call waits at most "
        f"{LONGEST_PAUSE:g} s at a time, and ends after {deadline:g} s with all its repetitions."
    )
    problem.facts.append(said)
    return problem
