"""The webhook dispatcher: an asyncio task of the web process that sends webhook events to bots.

Rows are claimed, so any number of processes may run a dispatcher. As by Pachca, an event is sent
again only if no connection could be made, or if the process that was sending it died.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any, Self

import httpx
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections, transaction
from django.utils import timezone

from sandbox.faults import happens
from sandbox.models import Faults, WebhookAttempt, WebhookEvent
from sandbox.models.webhooks import State
from sandbox.page import updates

logger = logging.getLogger(__name__)

POLL_INTERVAL = 1.0
MAX_IN_FLIGHT = 64
TIMEOUTS = {"button_click": 30.0, "view_submit": 3.0}
DEFAULT_TIMEOUT = 5.0
MAX_REDELIVERIES = 3
REDELIVERY_PAUSE = timedelta(seconds=3)
# Long enough for the next event to overtake.
REORDER_DELAY = 0.7
MAX_ANSWER = 2000
# Seconds for which a server that stops waits for requests under way.
STOP_TIMEOUT = 2.0


class WebhookDispatcher:
    """Sends events over persistent connections. Belongs to one event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._name = str(uuid.uuid4())
        self._event_due = asyncio.Event()
        # The requests under way, with the ids of their events.
        self._in_flight: dict[asyncio.Task[Any], str] = {}
        # The last event in flight for each bot and chat: the next one is sent after it.
        self._last_of_chat: dict[tuple[int, int | None], asyncio.Task[Any]] = {}
        self._client = httpx.AsyncClient(
            trust_env=False, limits=httpx.Limits(max_keepalive_connections=MAX_IN_FLIGHT)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: object) -> None:
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=STOP_TIMEOUT)
        for task in self._in_flight:
            task.cancel()
        await asyncio.gather(*self._in_flight, return_exceptions=True)
        await self._client.aclose()

    def wake(self) -> None:
        """Wake the dispatcher, from any thread: there is an event to send."""
        with suppress(RuntimeError):  # the loop has ended; another process will poll
            self.loop.call_soon_threadsafe(self._event_due.set)

    async def run_forever(self) -> None:
        while True:
            self._event_due.clear()
            try:
                claimed = await self.dispatch_due()
            except DatabaseError:
                logger.exception("The dispatcher could not claim webhook events.")
                await sync_to_async(close_old_connections)()
                claimed = 0
            if not claimed:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._event_due.wait(), POLL_INTERVAL)

    async def dispatch_due(self) -> int:
        """Claim the events that are due and start to send them; return how many these are."""
        free = MAX_IN_FLIGHT - len(self._in_flight)
        if not free:
            return 0
        mine = list(self._in_flight.values())
        events, faults = await sync_to_async(_claim)(self._name, free, mine)
        for event in events:
            self._start(event, faults)
        return len(events)

    def _start(self, event: WebhookEvent, faults: Faults) -> None:
        chat = event.bot_id, event.chat_id
        is_late = happens(faults.webhook_reorder)
        before = None if is_late else self._last_of_chat.get(chat)
        pause = faults.webhook_delay_ms / 1000 + (REORDER_DELAY if is_late else 0)
        task = self.loop.create_task(self._send(event, faults, pause, before))
        if not is_late:
            self._last_of_chat[chat] = task
        self._in_flight[task] = event.pk
        task.add_done_callback(partial(self._forget, chat))

    def _forget(self, chat: tuple[int, int | None], task: asyncio.Task[Any]) -> None:
        self._in_flight.pop(task, None)
        if self._last_of_chat.get(chat) is task:
            del self._last_of_chat[chat]
        if not task.cancelled() and (failure := task.exception()):
            logger.error("A webhook event was not sent.", exc_info=failure)

    async def _send(
        self,
        event: WebhookEvent,
        faults: Faults,
        pause: float,
        before: asyncio.Task[Any] | None,
    ) -> None:
        """Send the event as the faults decide, after the one `before` it in its chat."""
        if happens(faults.webhook_drop):
            await sync_to_async(event.finish)(State.DROPPED)
            return
        await asyncio.sleep(pause)
        if before is not None:
            await asyncio.wait([before])
        await self.deliver(event)
        if happens(faults.webhook_duplicate):
            await self.deliver(event)

    async def deliver(self, event: WebhookEvent) -> WebhookAttempt:
        """Send the event once and store the attempt, which is returned. The row must be claimed."""
        attempt, connected = await self._post(event)
        await sync_to_async(_store)(event, attempt, connected)
        return attempt

    async def _post(self, event: WebhookEvent) -> tuple[WebhookAttempt, bool]:
        """Return the attempt, and whether a connection could be made."""
        attempt, connected = WebhookAttempt(event=event), True
        timeout = TIMEOUTS.get(event.event_type, DEFAULT_TIMEOUT)
        body = json.dumps(event.payload, ensure_ascii=False).encode()
        started = time.perf_counter()
        try:
            async with asyncio.timeout(timeout):
                response = await self._client.post(
                    event.bot.resolved_webhook_url,
                    content=body,
                    headers=_headers(event.bot.signing_secret, body),
                    timeout=timeout,
                )
            attempt.status, attempt.answer = response.status_code, _excerpt(response)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            attempt.error, connected = f"could not connect: {error}"[:500], False
        except (TimeoutError, httpx.TimeoutException):
            attempt.error = f"no answer within {timeout:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            attempt.error = f"{type(error).__name__}: {error}"[:500]
        attempt.ms = round((time.perf_counter() - started) * 1000)
        return attempt, connected


def _headers(secret: str, body: bytes) -> dict[str, str]:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json; charset=utf-8", "Pachca-Signature": signature}


def _excerpt(response: httpx.Response) -> str:
    return response.text[:MAX_ANSWER].replace("\0", "")


def _claim(name: str, at_most: int, mine: list[str]) -> tuple[list[WebhookEvent], Faults]:
    """Claim events; not those of this process whose turn in their chat comes after their lease."""
    events = WebhookEvent.objects.exclude(pk__in=mine).claim(name, at_most)
    return events, Faults.current() if events else Faults()


def _store(event: WebhookEvent, attempt: WebhookAttempt, connected: bool) -> None:
    with transaction.atomic():
        attempt.save()
        if not connected and event.attempts.count() <= MAX_REDELIVERIES:
            event.postpone(timezone.now() + REDELIVERY_PAUSE)
        else:
            event.finish(State.DELIVERED if attempt.status == HTTPStatus.OK else State.FAILED)
        if event.message is not None:
            updates.publish_trace(event.message)


# --- the dispatcher of this process --------------------------------------------------------------

_running: WebhookDispatcher | None = None


def wake() -> None:
    """Wake this process's dispatcher, if it runs one; another's finds the row when it polls."""
    if _running is not None:
        _running.wake()


@asynccontextmanager
async def use_dispatcher() -> AsyncIterator[WebhookDispatcher]:
    """Yield the dispatcher that runs on this event loop; if there is none, a temporary one."""
    if _running is not None and _running.loop is asyncio.get_running_loop():
        yield _running
    else:
        async with WebhookDispatcher() as dispatcher:
            yield dispatcher


async def _run() -> None:
    global _running
    try:
        async with WebhookDispatcher() as _running:
            await _running.run_forever()
    finally:
        _running = None
        await sync_to_async(close_old_connections)()


class DispatcherLifespan:
    """An ASGI application around another, which runs the dispatcher while the server runs.

    Servers with a lifespan start and stop it; without one the first request starts it.
    """

    def __init__(self, application: Any) -> None:
        self._application = application
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._start()
        if scope["type"] == "lifespan":
            await self._handle_lifespan(receive, send)
        else:
            await self._application(scope, receive, send)

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(_run())

    async def _handle_lifespan(self, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown" and self._task is not None:
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
