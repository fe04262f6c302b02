"""The websocket endpoint: what a client sends becomes events of a register."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connections

from realtime.connection import Send, WebSocketConnection
from realtime.envelope import Envelope, Offence, decode
from realtime.hub import Hub
from realtime.limits import Allowance, Limits
from realtime.origin import origin_is_allowed
from realtime.register import EventContext, EventRegister, Handler, register

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

DEFAULT_LIMITS = Limits()
GONE = 1006  # what the websocket protocol calls a connection that ended without a word

logger = logging.getLogger(__name__)


class EventConsumer:
    """Serves one connection. Handlers run side by side: a slow one holds up nothing else."""

    def __init__(self, register: EventRegister, limits: Limits, hub: Hub, scope: Scope) -> None:
        user = scope.get("user") or AnonymousUser()
        self._register = register
        self._limits = limits
        self._hub = hub
        self._connection = WebSocketConnection(hub, user, limits)
        self._events = Allowance(limits.events_per_second, limits.events_at_once)
        self._offences = Allowance(limits.offences_per_second, limits.offences_at_once)
        self._turns = asyncio.Semaphore(limits.handlers_at_once)
        self._running: set[asyncio.Task[None]] = set()

    @classmethod
    def as_asgi(
        cls, register: EventRegister = register, limits: Limits = DEFAULT_LIMITS
    ) -> Application:
        """Return the ASGI application that serves `register`; route a websocket address to it."""

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await receive()  # websocket.connect
            hub = Hub.of_this_loop()
            is_full = len(hub.connections) >= limits.connections
            if is_full or not origin_is_allowed(scope["headers"], settings.ALLOWED_HOSTS):
                return await send({"type": "websocket.close"})
            return await cls(register, limits, hub, scope).serve(receive, send)

        return application

    async def serve(self, receive: Receive, send: Send) -> None:
        """Serve the connection from the handshake until either side closes it."""
        self._hub.connections.add(self._connection)
        await send({"type": "websocket.accept"})
        writing = self._connection.start_writing(send)
        reading = asyncio.create_task(self._read(receive))
        try:
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                await self._say_goodbye(send)
        finally:
            await self._clean_up(reading, writing)

    async def _read(self, receive: Receive) -> None:
        await self._fire("connected")
        while (message := await receive())["type"] != "websocket.disconnect":
            try:
                self._accept(message)
            except Offence as offence:
                await self._rebuke(offence)

    def _accept(self, message: dict[str, Any]) -> None:
        """Start the event's handler, which takes its turn."""
        if self._connection.is_closed:
            return
        envelope = self._checked(message)
        for handler in self._register.handlers_of(envelope.event_name):
            task = asyncio.create_task(self._take_turn(handler, self._context(envelope)))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def _checked(self, message: dict[str, Any]) -> Envelope:
        text = message.get("text")
        if not self._events.take():
            raise Offence("too_many_events", "Too many events; slow down.", 4429)
        if text is None:
            raise Offence("not_text", "Only text frames are understood.")
        if len(text) > self._limits.frame_size:
            raise Offence("too_large", "The frame is too large.", 4413)
        if len(self._running) >= self._limits.handlers_at_once + self._limits.events_waiting:
            raise Offence("busy", "Earlier events are still being handled.", 4429)
        return decode(text)

    async def _rebuke(self, offence: Offence) -> None:
        if self._connection.is_closed:
            return
        await self._connection.send("error", {"code": offence.code, "message": offence.message})
        if not self._offences.take():
            await self._connection.close(offence.close_code)

    async def _take_turn(self, handler: Handler, context: EventContext) -> None:
        async with self._turns:
            await self._run(handler, context)

    async def _run(self, handler: Handler, context: EventContext) -> None:
        try:
            async with ThreadSensitiveContext() as threads:
                try:
                    await handler(context)
                finally:
                    await _close_databases(threads)
        except Exception as error:
            logger.exception("The handler of the event %r failed", context.event_name)
            await self._report(context, error)

    async def _report(self, context: EventContext, error: Exception) -> None:
        sentence = "The server failed to handle this event."
        payload = {"code": "internal", "message": sentence, "event": context.event_name}
        await self._connection.send("error", payload)
        if context.event_name != "error":
            reason = f"{type(error).__name__}: {error}"
            await self._fire("error", {"event": context.event_name, "reason": reason})

    async def _fire(self, name: str, payload: dict[str, Any] | None = None) -> None:
        """Run the server's own handlers of a reserved event."""
        context = self._context(Envelope(name, payload or {}))
        for handler in self._register.handlers_of(name):
            await self._run(handler, context)

    def _context(self, envelope: Envelope) -> EventContext:
        return EventContext(
            envelope.event_name, envelope.payload, envelope.headers, self._connection
        )

    async def _say_goodbye(self, send: Send) -> None:
        try:
            async with asyncio.timeout(self._limits.close_within):
                await send({"type": "websocket.close", "code": self._connection.close_code or 1000})
        except (TimeoutError, OSError):
            pass  # it is not reading, or is gone already

    async def _clean_up(self, *tasks: asyncio.Task[None]) -> None:
        connection = self._connection
        connection.close_code = connection.close_code or GONE
        self._hub.connections.discard(connection)
        await _end(set(tasks), within=0)
        # First, because a handler that still waits to join a room goes on at once then.
        for room in tuple(connection.rooms):
            await connection.leave(room)
        await _end(self._running, within=self._limits.close_within)
        farewell = asyncio.create_task(self._fire("disconnected"))
        await _end({farewell}, within=self._limits.close_within)


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Turn a websocket away that asked for an address that there is not."""
    await receive()
    await send({"type": "websocket.close"})


async def _end(tasks: set[asyncio.Task[None]], within: float) -> None:
    """Give tasks some time to end by themselves, then cancel them."""
    if not tasks:
        return
    ended, late = await asyncio.wait(tasks, timeout=within)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for task in ended:
        if not task.cancelled() and not isinstance(error := task.exception(), OSError | None):
            logger.error("A websocket ended by a fault of the server", exc_info=error)


async def _close_databases(threads: ThreadSensitiveContext) -> None:
    """Close what the handler's own thread opened; a handler without one costs no thread hop."""
    if threads in SyncToAsync.context_to_thread_executor:
        await sync_to_async(connections.close_all)()
