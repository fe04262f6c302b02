"""The websocket endpoint: what a client sends becomes events of a register."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from realtime import system
from realtime.connection import Send, WebSocketConnection
from realtime.dispatch import Dispatch
from realtime.envelope import SYSTEM, Envelope, decode
from realtime.errors import EventError, Offence
from realtime.hub import Hub
from realtime.limits import Allowance, Limits
from realtime.origin import origin_is_allowed
from realtime.register import EventRegister, register
from realtime.tasks import end

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

DEFAULT_LIMITS = Limits()
GONE = 1006  # what the websocket protocol calls a connection that ended without a word
UNREAD = Envelope("")


class EventConsumer:
    """Serves one connection from the handshake to the end."""

    def __init__(self, register: EventRegister, limits: Limits, hub: Hub, scope: Scope) -> None:
        user = scope.get("user") or AnonymousUser()
        self._limits = limits
        self._hub = hub
        self._connection = WebSocketConnection(hub, user, limits)
        self._dispatch = Dispatch(register, self._connection, limits)
        self._events = Allowance(limits.events_per_second, limits.events_at_once)
        self._offences = Allowance(limits.offences_per_second, limits.offences_at_once)

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
        await self._dispatch.fire(Envelope("connected", {}))
        while (message := await receive())["type"] != "websocket.disconnect":
            if not self._connection.is_closed:
                await self._accept(message)

    async def _accept(self, message: dict[str, Any]) -> None:
        envelope = UNREAD
        try:
            envelope = decode(self._checked(message))
            await self._take(envelope)
        except EventError as error:
            payload = {**error.payload, "event": envelope.event_name or None}
            await self._connection.send("error", payload, envelope.reply_headers)
            if isinstance(error, Offence) and not self._offences.take():
                await self._connection.close(error.close_code)

    async def _take(self, envelope: Envelope) -> None:
        if envelope.event_name.startswith(SYSTEM):
            await system.answer(self._connection, envelope)
        else:
            self._dispatch.start(envelope)

    def _checked(self, message: dict[str, Any]) -> str:
        text: str | None = message.get("text")
        if not self._events.take():
            raise Offence("too_many_events", "Too many events; slow down.", 4429)
        if text is None:
            raise Offence("not_text", "Only text frames are understood.")
        if len(text) > self._limits.frame_size:
            raise Offence("too_large", "The frame is too large.", 4413)
        return text

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
        await end(set(tasks), within=0)
        # First, because a handler that still waits to join a room goes on at once then.
        for room in tuple(connection.rooms):
            await connection.leave(room)
        await self._dispatch.end()
        farewell = asyncio.create_task(self._dispatch.fire(Envelope("disconnected", {})))
        await end({farewell}, within=self._limits.close_within)


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Turn a websocket away that asked for an address that there is not."""
    await receive()
    await send({"type": "websocket.close"})
