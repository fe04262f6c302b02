"""Is the site alive, and can it do its work? Two addresses for whoever starts and routes to it."""

import logging
import time
from asyncio import gather, wait_for, wrap_future
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from inspect import iscoroutinefunction
from threading import Lock, Thread
from typing import Any

import redis
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils.decorators import sync_and_async_middleware

from project.celery import app as celery_app

logger = logging.getLogger(__name__)

PREFIX = "/health/"
# Seconds: what a look may take, and for how long its finding is told to whoever asks.
PATIENCE = 1.5
FRESH = 1.0


class Unavailable(Exception):
    """A part looked at is not there; the message is for whoever watches the site."""


@dataclass(frozen=True)
class Finding:
    """What one look at a part found."""

    ms: float
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        found = {"ok": not self.error, "ms": self.ms}
        return {**found, "error": self.error} if self.error else found


class Part:
    """One thing that the site needs.

    A look runs in a daemon thread, which neither holds up the event loop nor keeps the process
    from ending. There is one look at a time and one a second: who asks meanwhile shares it,
    so neither a flood of probes nor a part that hangs ever makes a heap of threads.
    """

    def __init__(self, name: str, look: Callable[[], None]) -> None:
        self.name = name
        self._look = look
        self._lock = Lock()
        self._started = 0.0
        self._looking: Future[Finding] | None = None
        self._error = ""

    async def finding(self) -> Finding:
        """Return what the newest look found, or that it has not come back in time."""
        try:
            found = await wait_for(wrap_future(self._newest_look()), PATIENCE)
        except TimeoutError:
            found = Finding(_milliseconds(PATIENCE), f"The {self.name} does not answer in time.")
        self._tell_change(found.error)
        return found

    def _newest_look(self) -> Future[Finding]:
        with self._lock:
            now = time.monotonic()
            look = self._looking
            if look is None or (look.done() and now - self._started > FRESH):
                look = self._looking = Future()
                look.set_running_or_notify_cancel()
                self._started = now
                Thread(
                    target=self._run, args=(look,), name=f"health-{self.name}", daemon=True
                ).start()
            return look

    def _run(self, look: Future[Finding]) -> None:
        started = time.perf_counter()
        error = self._error_of_a_look()
        look.set_result(Finding(_milliseconds(time.perf_counter() - started), error))

    def _error_of_a_look(self) -> str:
        try:
            self._look()
        except Unavailable as error:
            return str(error)
        except Exception as error:
            # The class says enough in public; the message may name hosts and people.
            logger.debug("A look at the %s failed", self.name, exc_info=True)
            return f"The {self.name} cannot be used ({type(error).__name__})."
        return ""

    def _tell_change(self, error: str) -> None:
        if error != self._error:
            self._error = error
            logger.log(
                logging.WARNING if error else logging.INFO,
                error or f"The {self.name} is back.",
            )


def _look_at_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _look_at_broker() -> None:
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
    ) as broker:
        broker.ping()


def _look_at_worker() -> None:
    """Ask all workers, wait for one: what answers is the loop that takes tasks from the broker."""
    with celery_app.connection_for_write(connect_timeout=PATIENCE) as broker:
        broker.connect()
        if not celery_app.control.ping(limit=1, timeout=PATIENCE * 2 / 3, connection=broker):
            raise Unavailable("No worker answers.")


PARTS = (
    Part("database", _look_at_database),
    Part("broker", _look_at_broker),
    Part("worker", _look_at_worker),
)


async def live(request: HttpRequest) -> JsonResponse:
    """The process answers; it need not be able to do anything."""
    return _answer({"status": "ok"}, 200)


async def ready(request: HttpRequest) -> JsonResponse:
    """The database, the broker and a worker answer, or the one that does not is named."""
    return await report(PARTS)


async def report(parts: Sequence[Part]) -> JsonResponse:
    """Look at all `parts` side by side and tell what was found."""
    findings = await gather(*(part.finding() for part in parts))
    is_ok = not any(found.error for found in findings)
    body = {
        "status": "ok" if is_ok else "unavailable",
        "parts": {part.name: found.as_json() for part, found in zip(parts, findings, strict=True)},
    }
    return _answer(body, 200 if is_ok else 503)


@sync_and_async_middleware
def probes(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Answer probes before any other middleware.

    They come by address and over plain HTTP, so no Host is wrong and none is redirected; nobody is
    signed in, and a flood of them pays for nothing else.
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


def _answer(body: dict[str, Any], status: int) -> JsonResponse:
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
