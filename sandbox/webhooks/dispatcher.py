"""The postman: an asyncio task of the web process that pushes webhook events to bots.

Rows are taken by compare-and-set, so any number of processes may run one. A row is tried again
only when there was nobody to connect to, or when the process that was sending it died.
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

from sandbox import live
from sandbox.faults import happens
from sandbox.models import Faults, WebhookAttempt, WebhookEvent
from sandbox.models.webhooks import State

logger = logging.getLogger(__name__)

POLL_EVERY = 1.0
CARRIED_AT_ONCE = 64
DEADLINES = {"button_click": 30.0, "view_submit": 3.0}
DEADLINE = 5.0
REDELIVERIES = 3
REDELIVER_AFTER = timedelta(seconds=3)
# Long enough for what comes next to overtake.
REORDERED_BY = 0.7
KEPT_ANSWER = 2000
# What is being carried when the server stops may still arrive.
GRACE = 2.0


class Postman:
    """Carries events over connections that are kept open. Belongs to one event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._name = str(uuid.uuid4())
        self._bell = asyncio.Event()
        self._carried: set[asyncio.Task[Any]] = set()
        # The last event on its way to each bot from each chat: the next one goes after it.
        self._lanes: dict[tuple[int, int | None], asyncio.Task[Any]] = {}
        self._client = httpx.AsyncClient(
            trust_env=False, limits=httpx.Limits(max_keepalive_connections=CARRIED_AT_ONCE)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: object) -> None:
        if self._carried:
            await asyncio.wait(self._carried, timeout=GRACE)
        for task in self._carried:
            task.cancel()
        await asyncio.gather(*self._carried, return_exceptions=True)
        await self._client.aclose()

    def ring(self) -> None:
        """Say, from any thread, that there is something to carry."""
        with suppress(RuntimeError):  # the loop has ended: another process's poll will find it
            self.loop.call_soon_threadsafe(self._bell.set)

    async def work(self) -> None:
        while True:
            self._bell.clear()
            try:
                taken = await self.round()
            except DatabaseError:
                logger.exception("The postman could not look for webhook events.")
                await sync_to_async(close_old_connections)()
                taken = 0
            if not taken:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._bell.wait(), POLL_EVERY)

    async def round(self) -> int:
        """Take what is due and start carrying it; return how many events that was."""
        free = CARRIED_AT_ONCE - len(self._carried)
        events, faults = await sync_to_async(_take)(self._name, free) if free else ([], Faults())
        for event in events:
            self._set_out(event, faults)
        return len(events)

    def _set_out(self, event: WebhookEvent, faults: Faults) -> None:
        lane = event.bot_id, event.chat_id
        is_late = happens(faults.webhook_reorder)
        before = None if is_late else self._lanes.get(lane)
        pause = faults.webhook_delay_ms / 1000 + (REORDERED_BY if is_late else 0)
        task = self.loop.create_task(self._carry(event, faults, pause, before))
        if not is_late:
            self._lanes[lane] = task
        self._carried.add(task)
        task.add_done_callback(partial(self._put_down, lane))

    def _put_down(self, lane: tuple[int, int | None], task: asyncio.Task[Any]) -> None:
        self._carried.discard(task)
        if self._lanes.get(lane) is task:
            del self._lanes[lane]
        if not task.cancelled() and (failure := task.exception()):
            logger.error("A webhook event was not carried.", exc_info=failure)

    async def _carry(
        self,
        event: WebhookEvent,
        faults: Faults,
        pause: float,
        before: asyncio.Task[Any] | None,
    ) -> None:
        """Deliver the event as well as the faults allow, after the one `before` it in its chat."""
        if happens(faults.webhook_drop):
            await sync_to_async(event.settle)(State.DROPPED)
            return
        await asyncio.sleep(pause)
        if before is not None:
            await asyncio.wait([before])
        await self.deliver(event)
        if happens(faults.webhook_duplicate):
            await self.deliver(event)

    async def deliver(self, event: WebhookEvent) -> WebhookAttempt:
        """Send the event once, note how it went, and return that. The row must be taken."""
        attempt, reached = await self._post(event)
        await sync_to_async(_note)(event, attempt, reached)
        return attempt

    async def _post(self, event: WebhookEvent) -> tuple[WebhookAttempt, bool]:
        """Return the attempt, and whether anybody could be connected to."""
        attempt, reached = WebhookAttempt(event=event), True
        deadline = DEADLINES.get(event.event_type, DEADLINE)
        body = json.dumps(event.payload, ensure_ascii=False).encode()
        started = time.perf_counter()
        try:
            async with asyncio.timeout(deadline):
                response = await self._client.post(
                    event.bot.resolved_webhook_url,
                    content=body,
                    headers=_headers(event.bot.signing_secret, body),
                    timeout=deadline,
                )
            attempt.status, attempt.answer = response.status_code, _shown(response)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            attempt.error, reached = f"could not connect: {error}"[:500], False
        except (TimeoutError, httpx.TimeoutException):
            attempt.error = f"no answer within {deadline:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            attempt.error = f"{type(error).__name__}: {error}"[:500]
        attempt.ms = round((time.perf_counter() - started) * 1000)
        return attempt, reached


def _headers(secret: str, body: bytes) -> dict[str, str]:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json; charset=utf-8", "Pachca-Signature": signature}


def _shown(response: httpx.Response) -> str:
    return response.text[:KEPT_ANSWER].replace("\0", "")


def _take(name: str, at_most: int) -> tuple[list[WebhookEvent], Faults]:
    events = WebhookEvent.objects.take(name, at_most)
    return events, Faults.current() if events else Faults()


def _note(event: WebhookEvent, attempt: WebhookAttempt, reached: bool) -> None:
    with transaction.atomic():
        attempt.save()
        if not reached and event.attempts.count() <= REDELIVERIES:
            event.postpone(timezone.now() + REDELIVER_AFTER)
        else:
            event.settle(State.DELIVERED if attempt.status == HTTPStatus.OK else State.FAILED)
        if event.message is not None:
            live.tell_trace(event.message)


# --- on duty -------------------------------------------------------------------------------------

_on_duty: Postman | None = None


def ring() -> None:
    """Wake this process's postman, if it has one; another's finds the row when it polls."""
    if _on_duty is not None:
        _on_duty.ring()


@asynccontextmanager
async def at_hand() -> AsyncIterator[Postman]:
    """The postman of this process; where none is on duty, one for the occasion."""
    if _on_duty is not None and _on_duty.loop is asyncio.get_running_loop():
        yield _on_duty
    else:
        async with Postman() as postman:
            yield postman


async def _duty() -> None:
    global _on_duty
    try:
        async with Postman() as _on_duty:
            await _on_duty.work()
    finally:
        _on_duty = None
        await sync_to_async(close_old_connections)()


class PostOffice:
    """An ASGI application around another: the postman is on duty while the server runs.

    Servers with a lifespan start and stop him; for one without it the first request does.
    """

    def __init__(self, application: Any) -> None:
        self._application = application
        self._duty: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._open()
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._application(scope, receive, send)

    def _open(self) -> None:
        if self._duty is None or self._duty.done():
            self._duty = asyncio.get_running_loop().create_task(_duty())

    async def _live(self, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown" and self._duty is not None:
                self._duty.cancel()
                await asyncio.gather(self._duty, return_exceptions=True)
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
