"""Health checks, run in threads, and the response to a probe."""

import logging
import time
from asyncio import gather, wait_for, wrap_future
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from inspect import iscoroutinefunction
from threading import Lock, Thread
from typing import Any

from asgiref.sync import async_to_sync
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils.decorators import sync_and_async_middleware

logger = logging.getLogger(__name__)

PREFIX = "/health/"
# Seconds: the time-out of a check, and how long its result is reused.
TIMEOUT = 1.5
FRESH = 1.0


class Unavailable(Exception):
    """A component is unavailable. The message is shown in the response to the probe."""


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    ms: float
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as JSON for the response."""
        found = {"ok": not self.error, "ms": self.ms}
        return {**found, "error": self.error} if self.error else found


class Part:
    """A component that the site needs, and how to check it.

    A check runs in a daemon thread, so it blocks neither the event loop nor the exit of the
    process. Concurrent probes share one check, and its result is reused for `fresh` seconds, so
    neither a flood of probes nor a component that hangs creates many threads.

    If an optional component is unavailable, the site is degraded but ready: a restart would not
    help.
    """

    def __init__(
        self,
        name: str,
        check: Callable[[], None],
        fresh: float = FRESH,
        is_optional: bool = False,
    ) -> None:
        self.name, self.is_optional = name, is_optional
        self._check = check
        self._fresh = fresh
        self._lock = Lock()
        self._started = 0.0
        self._running: Future[Finding] | None = None
        self._error = ""

    async def finding(self) -> Finding:
        """Return the result of the latest check, or an error if it has not finished in time."""
        try:
            found = await wait_for(wrap_future(self._latest_check()), TIMEOUT)
        except TimeoutError:
            found = Finding(_milliseconds(TIMEOUT), f"The {self.name} does not answer in time.")
        self._log_change(found.error)
        return found

    def _latest_check(self) -> Future[Finding]:
        with self._lock:
            now = time.monotonic()
            check = self._running
            if check is None or (check.done() and now - self._started > self._fresh):
                check = self._running = Future()
                check.set_running_or_notify_cancel()
                self._started = now
                Thread(
                    target=self._run, args=(check,), name=f"health-{self.name}", daemon=True
                ).start()
            return check

    def _run(self, future: Future[Finding]) -> None:
        started = time.perf_counter()
        error = self._run_check()
        future.set_result(Finding(_milliseconds(time.perf_counter() - started), error))

    def _run_check(self) -> str:
        """Return an error message, or \"\"."""
        try:
            self._check()
        except Unavailable as error:
            return str(error)
        except Exception as error:
            # The response is public, and the message may contain host and user names.
            logger.debug("The check of the %s failed", self.name, exc_info=True)
            return f"The {self.name} cannot be used ({type(error).__name__})."
        return ""

    def _log_change(self, error: str) -> None:
        if error != self._error:
            self._error = error
            logger.log(
                logging.WARNING if error else logging.INFO,
                error or f"The {self.name} is back.",
            )


async def report(parts: Sequence[Part]) -> JsonResponse:
    """Check all `parts` concurrently and return the results.

    The status is "ok", "degraded" (HTTP 200) where only optional parts have failed, or
    "unavailable" (HTTP 503).
    """
    findings = await gather(*(part.finding() for part in parts))
    failed = [part for part, found in zip(parts, findings, strict=True) if found.error]
    is_ok = all(part.is_optional for part in failed)
    body = {
        "status": "unavailable" if not is_ok else "degraded" if failed else "ok",
        "parts": {part.name: found.as_json() for part, found in zip(parts, findings, strict=True)},
    }
    return answer(body, 200 if is_ok else 503)


@sync_and_async_middleware
def probes(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Answer probes before any other middleware.

    Probes use IP addresses and plain HTTP, so they must not be rejected because of their Host or
    redirected to HTTPS. They also skip the cost of sessions and authentication.
    """
    if iscoroutinefunction(get_response):

        async def middleware(request: HttpRequest) -> HttpResponseBase:
            view = _probe(request)
            return await (view or get_response)(request)

        return middleware

    def sync_middleware(request: HttpRequest) -> HttpResponseBase:
        view = _probe(request)
        return async_to_sync(view)(request) if view else get_response(request)

    return sync_middleware


def _probe(request: HttpRequest) -> Callable[..., Awaitable[HttpResponseBase]] | None:
    if not request.path_info.startswith(PREFIX):
        return None
    return resolve(request.path_info).func


def answer(body: dict[str, Any], status: int) -> JsonResponse:
    """Return a JSON response that is not cached."""
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
