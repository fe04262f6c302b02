"""The WebSocket endpoint: it turns what a client sends into events of a register."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from realtime.connections.admission import Admission
from realtime.connections.connection import GONE, WebSocketConnection
from realtime.connections.identity import (
    UNAUTHORIZED,
    Identity,
    authenticate_key,
    client_address,
    has_credentials,
    identify,
    negotiate_subprotocol,
)
from realtime.connections.limits import Limits, TokenBucket
from realtime.connections.sockets import find_socket
from realtime.connections.tasks import finish
from realtime.connections.transports import (
    DISCONNECTED,
    AsgiTransport,
    Send,
    direct_transport,
)
from realtime.endpoints.dispatch import Dispatcher
from realtime.endpoints.origin import check_origin
from realtime.endpoints.refusal import refuse_handshake, refuse_request
from realtime.endpoints.system_events import SystemEvents
from realtime.errors import EventError, Offence
from realtime.register import EventRegister, register
from realtime.rooms.hub import Hub
from realtime.wire.envelope import SYSTEM, Envelope, decode, encode
from realtime.wire.transport import Transport

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]

logger = logging.getLogger(__name__)

ANONYMOUS = Identity(AnonymousUser())
UNPARSED = Envelope("")
NO_WEBSOCKET = EventError("not_found", "There is no websocket at this address.")
NOT_HTTP = EventError("upgrade_required", "This address serves websockets only.")


class EventConsumer:
    """Serves one WebSocket from the handshake to the close.

    One task per connection waits for ASGI messages. Only work that has to wait, such as a handler,
    gets a task of its own.
    """

    __slots__ = (
        "_admission",
        "_connection",
        "_deferred",
        "_dispatcher",
        "_events",
        "_hub",
        "_is_admitted",
        "_limits",
        "_offences",
        "_register",
        "_scope",
        "_system",
        "_transport",
    )

    def __init__(
        self,
        system: SystemEvents,
        limits: Limits,
        scope: Scope,
        transport: Transport,
        connection_id: str | None = None,
    ) -> None:
        self._system = system
        self._register = system.register
        self._limits = limits
        self._hub = hub = Hub.of_this_loop()
        self._scope = scope
        self._transport = transport
        address = client_address(scope)
        self._connection = WebSocketConnection(
            hub, ANONYMOUS, limits, transport, address, connection_id
        )
        self._dispatcher = Dispatcher(self._register, self._connection, limits)
        self._admission = Admission(hub.places, limits, address)
        self._events = TokenBucket(limits.events_per_second, limits.events_at_once)
        self._offences = TokenBucket(limits.offences_per_second, limits.offences_at_once)
        self._is_admitted = False
        self._deferred: list[Envelope] | None = []
        """Events received while authentication is in progress; None at other times."""

    @classmethod
    def as_asgi(
        cls,
        register: EventRegister = register,
        limits: Limits | None = None,
        connection_id: str | None = None,
    ) -> "WebSocketEndpoint":
        """Return the ASGI application that serves `register`; route a WebSocket path to it.

        `limits` are those of the settings by default. `connection_id` is for an endpoint that
        serves a single connection.
        """
        return WebSocketEndpoint(register, limits, connection_id)

    async def serve(self, receive: Receive, send: Send) -> None:
        """Serve the connection until either side closes it.

        A close frame is sent in any case, unless the client has disconnected.
        """
        try:
            self._check_handshake()
        except EventError as error:
            await refuse_handshake(error, self._scope, send)
            return
        self._hub.add(self._connection)
        try:
            subprotocol = negotiate_subprotocol(self._scope)
            await send({"type": "websocket.accept", "subprotocol": subprotocol})
            await run_until_closed(self._connection, self._read(receive))
        except DISCONNECTED:
            pass
        except Exception:
            logger.exception("A websocket connection failed")
            self._connection.fail()
            await self._connection.wait_closed()
        finally:
            self._connection.close_code = self._connection.close_code or GONE
            try:
                await self._connection.release_socket()
            finally:
                await self._clean_up()

    def _check_handshake(self) -> None:
        """Raise EventError if the connection must be refused."""
        self._admission.check_capacity(len(self._hub.connections))
        check_origin(self._scope["headers"], settings.ALLOWED_HOSTS)
        if not has_credentials(self._scope):
            self._admission.reserve_for_address()

    async def _read(self, receive: Receive) -> None:
        self._transport.listen(self._receive_text, self._receive_control)
        await self._authenticate(UNPARSED, self._identify_by_handshake())
        while (message := await receive())["type"] != "websocket.disconnect":
            self._receive_text(message.get("text"))

    async def _authenticate(self, envelope: Envelope, attempt: Awaitable[None]) -> None:
        """Await an attempt to authenticate, then handle the events received meanwhile."""
        try:
            await attempt
        except EventError as error:
            self._send_error(error, envelope)
        except Exception:
            logger.exception("Authenticating a websocket connection failed")
            self._connection.fail()
        deferred, self._deferred = self._deferred or [], None
        for each in deferred:
            self._handle(each)

    async def _identify_by_handshake(self) -> None:
        identity = await identify(self._scope)
        if not identity.user.is_authenticated:
            self._admission.reserve_for_address()
        if identity.user.is_authenticated or self._register.anonymous:
            await self._admit(identity)
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(self._limits.identify_within, self._close_unless_admitted)

    async def _identify_by_event(self, envelope: Envelope) -> None:
        if self._connection.user.is_authenticated:
            raise EventError("already_known", "This connection is authenticated already.")
        payload = envelope.payload if isinstance(envelope.payload, dict) else {}
        identity = await authenticate_key(payload.get("api_key"), client_address(self._scope))
        await self._admit(identity)
        self._send("system.auth", {"id": identity.user.pk}, envelope)

    async def _admit(self, identity: Identity) -> None:
        user = identity.user
        if user.is_authenticated:
            self._admission.reserve_for_person(user)
        self._connection.user, self._connection.credential = user, identity.credential
        if not self._is_admitted:
            self._is_admitted = True
            await self._dispatcher.fire(Envelope("connected", {}))

    def _close_unless_admitted(self) -> None:
        if not self._is_admitted:
            seconds = self._limits.identify_within
            reason = f"No api-key was sent within {seconds:g} seconds: send system.auth."
            self._connection.end(UNAUTHORIZED, reason)

    def _receive_text(self, text: str | None) -> None:
        """Handle a text frame, or None for a binary frame. Never raises."""
        if self._connection.is_closed:
            return
        self._connection.received += 1
        try:
            self._handle(decode(self._check(text)))
        except Offence as offence:
            self._send_error(offence, UNPARSED)
        except Exception:
            logger.exception("Handling a frame failed")
            self._connection.fail()

    def _receive_control(self) -> None:
        """Count a ping or pong as an event; the pong in reply counts as unread output."""
        if self._connection.is_closed:
            return
        try:
            self._count_event()
        except Offence as offence:
            self._send_error(offence, UNPARSED)
        self._connection.check_reader()

    def _count_event(self) -> None:
        if not self._events.take():
            raise Offence("too_many_events", "Too many events; slow down.", 4429)

    def _check(self, text: str | None) -> str:
        self._count_event()
        if text is None:
            raise Offence("not_text", "Only text frames are supported.")
        if len(text) > self._limits.frame_size:
            raise Offence("too_large", "The frame is too large.", 4413)
        return text

    def _handle(self, envelope: Envelope) -> None:
        try:
            self._route(envelope)
        except EventError as error:
            self._send_error(error, envelope)

    def _route(self, envelope: Envelope) -> None:
        match envelope.event_name:
            case "system.ping":
                self._send("system.pong", envelope.payload, envelope)
            case _ if self._deferred is not None:
                self._defer(envelope)
            case "system.auth":
                self._deferred = []
                attempt = self._identify_by_event(envelope)
                self._dispatcher.spawn(self._authenticate(envelope, attempt))
            case _ if not self._is_admitted:
                raise Offence("unauthorized", "Authenticate first: send system.auth.", UNAUTHORIZED)
            case name if name.startswith(SYSTEM):
                self._dispatcher.dispatch(self._system.routes_of(name), envelope)
            case name:
                self._dispatcher.dispatch(self._register.routes_of(name), envelope)

    def _defer(self, envelope: Envelope) -> None:
        deferred = self._deferred or []
        if len(deferred) >= self._limits.events_waiting:
            raise Offence("busy", "Authentication is still in progress.", 4429)
        self._deferred = [*deferred, envelope]

    def _send_error(self, error: EventError, envelope: Envelope) -> None:
        """Send `error`; close the connection after too many offences or a fatal one."""
        self._send("error", {**error.payload, "event": envelope.event_name or None}, envelope)
        if isinstance(error, Offence) and (error.is_fatal or not self._offences.take()):
            self._connection.end(error.close_code, error.message)

    def _send(self, event: str, payload: Any, request: Envelope) -> None:
        self._connection.write(encode(event, payload, request.reply_headers))

    async def _clean_up(self) -> None:
        connection = self._connection
        self._admission.release()
        self._hub.remove(connection)
        try:
            # First, so that a handler that is waiting to join a room continues at once.
            await connection.leave_all()
        finally:
            await self._dispatcher.finish()
            if self._is_admitted and self._register.routes_of("disconnected"):
                handlers = asyncio.create_task(self._dispatcher.fire(Envelope("disconnected", {})))
                await finish({handlers}, timeout=self._limits.close_within)
            await self._hub.release()


class WebSocketEndpoint:
    """The ASGI application that `EventConsumer.as_asgi` returns."""

    def __init__(
        self, register: EventRegister, limits: Limits | None, connection_id: str | None
    ) -> None:
        self._system = SystemEvents(register)
        self._limits = limits or Limits()
        self._connection_id = connection_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection; answer an HTTP request with 426."""
        if scope["type"] != "websocket":
            await refuse_request(NOT_HTTP, send, (b"upgrade", b"websocket"))
            return
        await receive()  # websocket.connect
        transport = direct_transport(scope) or AsgiTransport(send, find_socket(receive, send))
        consumer = EventConsumer(self._system, self._limits, scope, transport, self._connection_id)
        await consumer.serve(receive, send)


async def run_until_closed(connection: WebSocketConnection, work: Awaitable[None]) -> None:
    """Await `work`; return earlier if the server closes the connection meanwhile."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  a coroutine runs in one
    connection.on_closed = task.cancel
    try:
        await work
    except asyncio.CancelledError:
        if not connection.is_closed:
            raise
        task.uncancel()
    finally:
        connection.on_closed = None


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a WebSocket handshake with 404: the ASGI application for all other paths."""
    await receive()
    await refuse_handshake(NO_WEBSOCKET, scope, send)
