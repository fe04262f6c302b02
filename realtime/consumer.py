"""The websocket endpoint: what a client sends becomes events of a register."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from realtime.connection import Send, WebSocketConnection
from realtime.direct import line_of
from realtime.dispatch import Dispatch
from realtime.envelope import SYSTEM, Envelope, decode
from realtime.errors import EventError, Offence
from realtime.hub import Hub
from realtime.identity import UNAUTHORIZED, Person, holder_of, person_at, subprotocol_spoken
from realtime.limits import Allowance, Limits, Tally
from realtime.origin import origin_is_allowed
from realtime.register import EventRegister, register
from realtime.system import SystemEvents
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
        self._register = register
        self._limits = limits
        self._hub = hub
        self._scope = scope
        self._connection = WebSocketConnection(hub, AnonymousUser(), limits, line_of(scope))
        self._dispatch = Dispatch(register, self._connection, limits)
        self._system = SystemEvents(register)
        self._tally = Tally(hub.callers)
        self._events = Allowance(limits.events_per_second, limits.events_at_once)
        self._offences = Allowance(limits.offences_per_second, limits.offences_at_once)
        self._is_admitted = False

    @classmethod
    def as_asgi(
        cls, register: EventRegister = register, limits: Limits = DEFAULT_LIMITS
    ) -> Application:
        """Return the ASGI application that serves `register`; route a websocket address to it."""

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await receive()  # websocket.connect
            await cls(register, limits, Hub.of_this_loop(), scope).serve(receive, send)

        return application

    async def serve(self, receive: Receive, send: Send) -> None:
        """Serve the connection from the handshake until either side closes it."""
        if not self._may_enter():
            return await send({"type": "websocket.close"})
        self._hub.connections.add(self._connection)
        tasks: set[asyncio.Task[None]] = set()
        try:
            await send({"type": "websocket.accept", "subprotocol": subprotocol_spoken(self._scope)})
            writing = self._connection.start_writing(send)
            reading = asyncio.create_task(self._read(receive))
            tasks = {writing, reading}
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                await self._say_goodbye(send)
        finally:
            await self._clean_up(tasks)

    def _may_enter(self) -> bool:
        limits, (address, _) = self._limits, self._scope.get("client") or ("", 0)
        return (
            len(self._hub.connections) < limits.connections
            and origin_is_allowed(self._scope["headers"], settings.ALLOWED_HOSTS)
            # Without an address it came by a unix socket, from the proxy beside us.
            and (not address or self._tally.take(f"at {address}", limits.connections_per_address))
        )

    async def _read(self, receive: Receive) -> None:
        await self._heed(UNREAD, self._receive_guest())
        while (message := await receive())["type"] != "websocket.disconnect":
            if not self._connection.is_closed:
                await self._accept(message)

    async def _receive_guest(self) -> None:
        person = await person_at(self._scope)
        if person.is_authenticated or self._register.anonymous:
            await self._admit(person)
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(self._limits.identify_within, self._expel_if_unknown)

    async def _admit(self, person: Person) -> None:
        if person.is_authenticated:
            most = self._limits.connections_per_person
            if not self._tally.take(f"of {person.pk}", most):
                raise Offence("too_many_connections", "Too many of you.", 4429, is_fatal=True)
        self._connection.user = person
        if not self._is_admitted:
            self._is_admitted = True
            await self._dispatch.fire(Envelope("connected", {}))

    def _expel_if_unknown(self) -> None:
        if not self._is_admitted:
            self._connection.end(UNAUTHORIZED)

    async def _accept(self, message: dict[str, Any]) -> None:
        try:
            envelope = decode(self._checked(message))
        except Offence as offence:
            await self._rebuke(offence, UNREAD)
        else:
            await self._heed(envelope, self._take(envelope))

    async def _heed(self, envelope: Envelope, answer: Awaitable[None]) -> None:
        try:
            await answer
        except EventError as error:
            await self._rebuke(error, envelope)

    async def _take(self, envelope: Envelope) -> None:
        match envelope.event_name:
            case "system.ping":
                await self._connection.send("system.pong", envelope.payload, envelope.reply_headers)
            case "system.auth":
                await self._identify(envelope)
            case _ if not self._is_admitted:
                raise Offence("unauthorized", "First say who you are: system.auth.", UNAUTHORIZED)
            case name if name.startswith(SYSTEM):
                self._dispatch.start(self._system.routes_of(name), envelope)
            case name:
                self._dispatch.start(self._register.routes_of(name), envelope)

    async def _identify(self, envelope: Envelope) -> None:
        if self._connection.user.is_authenticated:
            raise EventError("already_known", "This connection is somebody's already.")
        payload = envelope.payload if isinstance(envelope.payload, dict) else {}
        person = await holder_of(payload.get("api_key"))
        await self._admit(person)
        await self._connection.send("system.auth", {"id": person.pk}, envelope.reply_headers)

    async def _rebuke(self, error: EventError, envelope: Envelope) -> None:
        payload = {**error.payload, "event": envelope.event_name or None}
        await self._connection.send("error", payload, envelope.reply_headers)
        if isinstance(error, Offence) and (error.is_fatal or not self._offences.take()):
            await self._connection.close(error.close_code)

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

    async def _clean_up(self, tasks: set[asyncio.Task[None]]) -> None:
        connection = self._connection
        connection.close_code = connection.close_code or GONE
        self._hub.connections.discard(connection)
        self._tally.give_back()
        await end(tasks, within=0)
        # First, because a handler that still waits to join a room goes on at once then.
        await connection.leave_all()
        await self._dispatch.end()
        if self._is_admitted:
            farewell = asyncio.create_task(self._dispatch.fire(Envelope("disconnected", {})))
            await end({farewell}, within=self._limits.close_within)


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Turn a websocket away that asked for an address that there is not."""
    await receive()
    await send({"type": "websocket.close"})
