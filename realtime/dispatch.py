"""From an event to its handler: permission, order, payload, turn; and what happens if it fails."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext

from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async
from django.db import connections

from realtime.connection import WebSocketConnection
from realtime.envelope import Envelope
from realtime.errors import EventError, Offence
from realtime.limits import Limits
from realtime.register import EventContext, EventRegister, Route
from realtime.tasks import end

logger = logging.getLogger(__name__)

INTERNAL = EventError("internal", "The server failed to handle this event.")
FORBIDDEN = EventError("forbidden", "You may not send this event.")


class Dispatch:
    """The handlers of one connection. They run side by side: a slow one holds up nothing else."""

    def __init__(
        self, register: EventRegister, connection: WebSocketConnection, limits: Limits
    ) -> None:
        self._register = register
        self._connection = connection
        self._limits = limits
        self._turns = asyncio.Semaphore(limits.handlers_at_once)
        self._order = asyncio.Lock()  # whoever asks first gets it first
        self._running: set[asyncio.Task[None]] = set()

    def start(self, routes: Sequence[Route], envelope: Envelope) -> None:
        """Start the event's handlers, which take their turns."""
        for route in routes:
            if len(self._running) >= self._limits.handlers_at_once + self._limits.events_waiting:
                raise Offence("busy", "Earlier events are still being handled.", 4429)
            task = asyncio.create_task(self._take_turn(route, envelope))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def fire(self, envelope: Envelope) -> None:
        """Run the server's own handlers of a reserved event."""
        for route in self._register.routes_of(envelope.event_name):
            await self._run(route, envelope)

    async def end(self) -> None:
        """Let the handlers come to their end, for a moment."""
        await end(self._running, within=self._limits.close_within)

    async def _take_turn(self, route: Route, envelope: Envelope) -> None:
        order: AbstractAsyncContextManager[None] = self._order if route.in_order else nullcontext()
        async with order, self._turns:
            await self._run(route, envelope)

    async def _run(self, route: Route, envelope: Envelope) -> None:
        try:
            async with ThreadSensitiveContext() as threads:
                try:
                    await self._call(route, envelope)
                finally:
                    await _close_databases(threads)
        except EventError as error:
            await self._tell(error, envelope)
        except Exception as error:
            logger.exception("The handler of the event %r failed", envelope.event_name)
            await self._tell(INTERNAL, envelope)
            await self._report(error, envelope)

    async def _call(self, route: Route, envelope: Envelope) -> None:
        name, payload, headers = envelope.event_name, envelope.payload, envelope.headers
        context = EventContext(name, payload, headers, self._connection)
        if route.permission and not await route.permission(context):
            raise FORBIDDEN
        if route.check:
            context = EventContext(name, await route.check(payload), headers, self._connection)
        await route.handler(context)

    async def _tell(self, error: EventError, envelope: Envelope) -> None:
        payload = {**error.payload, "event": envelope.event_name}
        await self._connection.send("error", payload, envelope.reply_headers)

    async def _report(self, error: Exception, envelope: Envelope) -> None:
        if envelope.event_name == "error":
            return
        reason = f"{type(error).__name__}: {error}"
        await self.fire(Envelope("error", {"event": envelope.event_name, "reason": reason}))


async def _close_databases(threads: ThreadSensitiveContext) -> None:
    """Close what the handler's own thread opened; a handler without one costs no thread hop."""
    if threads in SyncToAsync.context_to_thread_executor:
        await sync_to_async(connections.close_all)()
