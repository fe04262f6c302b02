"""The websocket endpoint: what a client sends becomes events of a register."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from realtime.connection import WebSocketConnection
from realtime.direct import line_of
from realtime.dispatch import Dispatch
from realtime.envelope import SYSTEM, Envelope, decode, encode
from realtime.errors import EventError, Offence
from realtime.hub import Hub
from realtime.identity import (
    UNAUTHORIZED,
    Guest,
    address_of,
    guest_at,
    guest_with,
    subprotocol_spoken,
)
from realtime.limits import Allowance, Limits, Tally
from realtime.lines import AsgiLine, Line, Send
from realtime.origin import origin_is_allowed
from realtime.register import EventRegister, register
from realtime.system import SystemEvents
from realtime.tasks import end

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)

DEFAULT_LIMITS = Limits()
GONE = 1006  # what the websocket protocol calls a connection that ended without a word
FAILED = 1011
STRANGER = Guest(AnonymousUser())
UNREAD = Envelope("")


class EventConsumer:
    """Serves one connection from the handshake to the end.

    One task does: it waits for what ASGI brings. What needs to wait for something else, such as a
    handler, has a task of its own only while it does.
    """

    __slots__ = (
        "_connection",
        "_dispatch",
        "_events",
        "_held",
        "_hub",
        "_is_admitted",
        "_limits",
        "_line",
        "_offences",
        "_register",
        "_scope",
        "_system",
        "_tally",
    )

    def __init__(self, system: SystemEvents, limits: Limits, scope: Scope, send: Send) -> None:
        self._system = system
        self._register = system.register
        self._limits = limits
        self._hub = hub = Hub.of_this_loop()
        self._scope = scope
        self._line: Line = line_of(scope) or AsgiLine(send)
        self._connection = WebSocketConnection(hub, STRANGER, limits, self._line, address_of(scope))
        self._dispatch = Dispatch(self._register, self._connection, limits)
        self._tally = Tally(hub.callers)
        self._events = Allowance(limits.events_per_second, limits.events_at_once)
        self._offences = Allowance(limits.offences_per_second, limits.offences_at_once)
        self._is_admitted = False
        self._held: list[Envelope] | None = []
        """Events that wait until it is known whose they are."""

    @classmethod
    def as_asgi(
        cls, register: EventRegister = register, limits: Limits = DEFAULT_LIMITS
    ) -> Application:
        """Return the ASGI application that serves `register`; route a websocket address to it."""
        system = SystemEvents(register)

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await receive()  # websocket.connect
            await cls(system, limits, scope, send).serve(receive, send)

        return application

    async def serve(self, receive: Receive, send: Send) -> None:
        """Serve the connection from the handshake until either side closes it."""
        if not self._may_enter():
            return await send({"type": "websocket.close"})
        self._hub.add(self._connection)
        try:
            await send({"type": "websocket.accept", "subprotocol": subprotocol_spoken(self._scope)})
            await until_over(self._connection, self._read(receive))
        finally:
            await self._clean_up()

    def _may_enter(self) -> bool:
        limits, address = self._limits, self._connection.address
        return (
            len(self._hub.connections) < limits.connections
            and origin_is_allowed(self._scope["headers"], settings.ALLOWED_HOSTS)
            # Without an address it came by a unix socket, from the proxy beside us.
            and (not address or self._tally.take(f"at {address}", limits.connections_per_address))
        )

    async def _read(self, receive: Receive) -> None:
        self._line.listen(self._hear)
        await self._get_to_know(UNREAD, self._receive_guest())
        while (message := await receive())["type"] != "websocket.disconnect":
            self._hear(message.get("text"))

    async def _get_to_know(self, envelope: Envelope, answer: Awaitable[None]) -> None:
        """Find out who this is, and then see to what came meanwhile."""
        try:
            await answer
        except EventError as error:
            self._rebuke(error, envelope)
        except Exception:
            logger.exception("It could not be found out who opened a websocket")
            self._connection.end(FAILED)
        held, self._held = self._held or [], None
        for each in held:
            self._take(each)

    async def _receive_guest(self) -> None:
        guest = await guest_at(self._scope)
        if guest.person.is_authenticated or self._register.anonymous:
            await self._admit(guest)
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(self._limits.identify_within, self._expel_if_unknown)

    async def _admit(self, guest: Guest) -> None:
        person = guest.person
        if person.is_authenticated:
            most = self._limits.connections_per_person
            if not self._tally.take(f"of {person.pk}", most):
                raise Offence("too_many_connections", "Too many of you.", 4429, is_fatal=True)
        self._connection.user, self._connection.proof = person, guest.proof
        if not self._is_admitted:
            self._is_admitted = True
            await self._dispatch.fire(Envelope("connected", {}))

    def _expel_if_unknown(self) -> None:
        if not self._is_admitted:
            self._connection.end(UNAUTHORIZED)

    def _hear(self, text: str | None) -> None:
        """Take a text, or None for a frame that holds none."""
        if self._connection.is_closed:
            return
        self._connection.heard += 1
        try:
            envelope = decode(self._checked(text))
        except Offence as offence:
            self._rebuke(offence, UNREAD)
        else:
            self._take(envelope)

    def _checked(self, text: str | None) -> str:
        if not self._events.take():
            raise Offence("too_many_events", "Too many events; slow down.", 4429)
        if text is None:
            raise Offence("not_text", "Only text frames are understood.")
        if len(text) > self._limits.frame_size:
            raise Offence("too_large", "The frame is too large.", 4413)
        return text

    def _take(self, envelope: Envelope) -> None:
        try:
            self._answer(envelope)
        except EventError as error:
            self._rebuke(error, envelope)

    def _answer(self, envelope: Envelope) -> None:
        match envelope.event_name:
            case "system.ping":
                self._send("system.pong", envelope.payload, envelope)
            case _ if self._held is not None:
                self._hold(envelope)
            case "system.auth":
                self._held = []
                self._dispatch.keep(self._get_to_know(envelope, self._identify(envelope)))
            case _ if not self._is_admitted:
                raise Offence("unauthorized", "First say who you are: system.auth.", UNAUTHORIZED)
            case name if name.startswith(SYSTEM):
                self._dispatch.start(self._system.routes_of(name), envelope)
            case name:
                self._dispatch.start(self._register.routes_of(name), envelope)

    def _hold(self, envelope: Envelope) -> None:
        held = self._held or []
        if len(held) >= self._limits.events_waiting:
            raise Offence("busy", "It is not known yet who you are.", 4429)
        self._held = [*held, envelope]

    async def _identify(self, envelope: Envelope) -> None:
        if self._connection.user.is_authenticated:
            raise EventError("already_known", "This connection is somebody's already.")
        payload = envelope.payload if isinstance(envelope.payload, dict) else {}
        guest = await guest_with(payload.get("api_key"))
        await self._admit(guest)
        self._send("system.auth", {"id": guest.person.pk}, envelope)

    def _rebuke(self, error: EventError, envelope: Envelope) -> None:
        self._send("error", {**error.payload, "event": envelope.event_name or None}, envelope)
        if isinstance(error, Offence) and (error.is_fatal or not self._offences.take()):
            self._connection.end(error.close_code)

    def _send(self, event: str, payload: Any, question: Envelope) -> None:
        self._connection.write(encode(event, payload, question.reply_headers))

    async def _clean_up(self) -> None:
        connection = self._connection
        connection.close_code = connection.close_code or GONE
        self._tally.give_back()
        # First, because a handler that still waits to join a room goes on at once then.
        await connection.leave_all()
        await self._hub.remove(connection)
        await self._dispatch.end()
        if self._is_admitted and self._register.routes_of("disconnected"):
            farewell = asyncio.create_task(self._dispatch.fire(Envelope("disconnected", {})))
            await end({farewell}, within=self._limits.close_within)


async def until_over(connection: WebSocketConnection, work: Awaitable[None]) -> None:
    """Return when the work has ended, or when the connection was closed meanwhile from here."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  a coroutine runs in one
    connection.when_over = task.cancel
    try:
        await work
    except asyncio.CancelledError:
        if not connection.is_closed:
            raise
        task.uncancel()
    finally:
        connection.when_over = None


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Turn a websocket away that asked for an address that there is not."""
    await receive()
    await send({"type": "websocket.close"})
