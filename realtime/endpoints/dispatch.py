"""Dispatch of events to handlers: authorization, validation, order, concurrency and errors."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

from realtime.connections.connection import WebSocketConnection
from realtime.connections.limits import Limits
from realtime.connections.tasks import finish, start
from realtime.endpoints.threads import run_in_own_thread
from realtime.errors import EventError, Offence
from realtime.register import EventContext, EventRegister, Route
from realtime.wire.envelope import Envelope

logger = logging.getLogger(__name__)

INTERNAL = EventError("internal", "The server failed to handle this event.")
FORBIDDEN = EventError("forbidden", "You may not send this event.")
FORBIDDEN_ROOM = EventError("forbidden", "You may not join this room.")


class Dispatcher:
    """Runs the handlers of one connection, concurrently unless they are registered `in_order`."""

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
        """The running handler of an `in_order` event."""

    def dispatch(self, routes: Sequence[Route], envelope: Envelope) -> None:
        """Start the event's handlers, or queue them; raise Offence if the queue is full."""
        for route in routes:
            if self._can_start(route):
                self._start(route, envelope)
            elif len(self._waiting) < self._limits.events_waiting:
                self._waiting.append((route, envelope))
            else:
                raise Offence("busy", "Earlier events are still being handled.", 4429)

    async def fire(self, envelope: Envelope) -> bool:
        """Run the handlers of a reserved event; return whether one succeeded."""
        results = [
            await self._run(route, envelope)
            for route in self._register.routes_of(envelope.event_name)
        ]
        return any(results)

    async def finish(self) -> None:
        """Let the handlers end within `Limits.close_within`, then cancel them."""
        if not self._tasks:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.close_within):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        self._waiting.clear()
        await finish(self._tasks, timeout=0)

    def spawn(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[Any]:
        """Start a task that is ended with the connection."""
        task = start(work)
        if not task.done():
            self._tasks.add(task)
            task.add_done_callback(self._start_waiting)
        return task

    def _can_start(self, route: Route) -> bool:
        is_free = len(self._tasks) < self._limits.handlers_at_once
        return is_free and not (route.in_order and self._in_order)

    def _start(self, route: Route, envelope: Envelope) -> None:
        task = self.spawn(self._run(route, envelope))
        if route.in_order and not task.done():
            self._in_order = task

    def _start_waiting(self, ended: asyncio.Task[None]) -> None:
        self._tasks.discard(ended)
        if ended is self._in_order:
            self._in_order = None
        for waiting in tuple(self._waiting):
            if self._can_start(waiting[0]):
                self._waiting.remove(waiting)
                self._start(*waiting)

    async def _run(self, route: Route, envelope: Envelope) -> bool:
        """Call a handler; return whether it succeeded.

        Otherwise the client is sent `error`, unless a handler of `error` takes the failure.
        """
        try:
            await run_in_own_thread(self._call(route, envelope))
        except EventError as error:
            await self._send_error(error, envelope)
        except Exception as error:
            logger.exception("The handler of the event %r failed", envelope.event_name)
            if not await self._fire_error(error, envelope):
                await self._send_error(INTERNAL, envelope)
        else:
            return True
        return False

    async def _call(self, route: Route, envelope: Envelope) -> None:
        name, payload, headers = envelope.event_name, envelope.payload, envelope.headers
        context = EventContext(name, payload, headers, self._connection)
        if route.permission and not await route.permission(context):
            raise FORBIDDEN
        if route.check:
            context = EventContext(name, await route.check(payload), headers, self._connection)
        await route.handler(context)

    async def _send_error(self, error: EventError, envelope: Envelope) -> None:
        payload = {**error.payload, "event": envelope.event_name}
        await self._connection.send("error", payload, envelope.reply_headers)

    async def _fire_error(self, error: Exception, envelope: Envelope) -> bool:
        """Call the handlers of `error`; return whether one of them succeeded."""
        if envelope.event_name == "error":
            return True  # a handler of `error` failed; the original failure is sent
        reason = f"{type(error).__name__}: {error}"
        return await self.fire(Envelope("error", {"event": envelope.event_name, "reason": reason}))
