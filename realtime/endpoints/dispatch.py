"""From an event to its handler: permission, order, payload, turn; and what happens if it fails."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

from realtime.connection import WebSocketConnection
from realtime.envelope import Envelope
from realtime.errors import EventError, Offence
from realtime.limits import Limits
from realtime.register import EventContext, EventRegister, Route
from realtime.tasks import end, start
from realtime.threads import in_a_thread_of_its_own

logger = logging.getLogger(__name__)

INTERNAL = EventError("internal", "The server failed to handle this event.")
FORBIDDEN = EventError("forbidden", "You may not send this event.")


class Dispatch:
    """The handlers of one connection. They run side by side: a slow one holds up nothing else."""

    __slots__ = ("_connection", "_in_order", "_limits", "_register", "_tasks", "_waiting")

    def __init__(
        self, register: EventRegister, connection: WebSocketConnection, limits: Limits
    ) -> None:
        self._register = register
        self._connection = connection
        self._limits = limits
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: list[tuple[Route, Envelope]] = []
        self._in_order: asyncio.Task[None] | None = None
        """Of the events that wait for each other, the one whose turn it is."""

    def start(self, routes: Sequence[Route], envelope: Envelope) -> None:
        """Start the event's handlers, or let them wait for their turns."""
        for route in routes:
            if self._has_a_turn_for(route):
                self._begin(route, envelope)
            elif len(self._waiting) < self._limits.events_waiting:
                self._waiting.append((route, envelope))
            else:
                raise Offence("busy", "Earlier events are still being handled.", 4429)

    async def fire(self, envelope: Envelope) -> None:
        """Run the server's own handlers of a reserved event."""
        for route in self._register.routes_of(envelope.event_name):
            await self._run(route, envelope)

    async def end(self) -> None:
        """Let the handlers come to their end, for a moment."""
        if not self._tasks:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.close_within):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        self._waiting.clear()
        await end(self._tasks, within=0)

    def keep(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something that is to end with the connection."""
        task = start(work)
        if not task.done():
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        return task

    def _has_a_turn_for(self, route: Route) -> bool:
        is_free = len(self._tasks) < self._limits.handlers_at_once
        return is_free and not (route.in_order and self._in_order)

    def _begin(self, route: Route, envelope: Envelope) -> None:
        task = self.keep(self._run(route, envelope))
        if route.in_order and not task.done():
            self._in_order = task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task is self._in_order:
            self._in_order = None
        for waiting in tuple(self._waiting):
            if self._has_a_turn_for(waiting[0]):
                self._waiting.remove(waiting)
                self._begin(*waiting)

    async def _run(self, route: Route, envelope: Envelope) -> None:
        try:
            await in_a_thread_of_its_own(self._call(route, envelope))
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
