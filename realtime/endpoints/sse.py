"""Server-sent events: one room over plain HTTP, for clients without WebSockets."""

import asyncio
import json
import logging
import random
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.db import Error as DatabaseError

from core.asgi.responses import respond
from realtime.connections.admission import Admission
from realtime.connections.connection import GONE, WebSocketConnection
from realtime.connections.identity import Identity, client_address, identify
from realtime.connections.limits import Limits
from realtime.connections.sockets import find_socket
from realtime.connections.tasks import finish
from realtime.connections.transports import AsgiTransport, Send
from realtime.endpoints.dispatch import FORBIDDEN_ROOM
from realtime.endpoints.origin import check_origin
from realtime.endpoints.refusal import refuse_request
from realtime.endpoints.termination import add_callback, remove_callback
from realtime.endpoints.websocket import Receive, Scope, run_until_closed
from realtime.errors import EventError
from realtime.register import EventContext, EventRegister, RoomRule, register
from realtime.rooms.hub import Hub
from realtime.wire.room_names import check_room_name

KEEPALIVE_EVERY = 15.0  # seconds; proxies close idle connections
KEEPALIVE = ""
RECONNECT_AFTER = 1000, 3000  # milliseconds; a random value, so that reconnects are spread out
RESTARTING = 1012

ALLOW = (b"allow", b"GET, HEAD, OPTIONS")
RETRY_AFTER = (b"retry-after", b"5")
OFFSET = re.compile(r'"offset":"([\d-]+)"\}\}\Z')

logger = logging.getLogger(__name__)


class EventStream:
    """Serves one stream: `GET /events?room=kitchen`.

    The data of an event is the text of its frame, and its id is the offset. A browser that
    reconnects sends the id as Last-Event-ID, and receives the events that it missed.
    """

    def __init__(self, register: EventRegister, limits: Limits, hub: Hub, scope: Scope) -> None:
        self._register = register
        self._limits = limits
        self._hub = hub
        self._scope = scope
        self._admission = Admission(hub.places, limits, client_address(scope))
        # Malformed UTF-8 becomes lone surrogates, which no valid name contains.
        query = scope["query_string"].decode(errors="surrogateescape")
        self._room = parse_qs(query, errors="surrogateescape").get("room", [""])[0]

    @classmethod
    def as_asgi(
        cls, register: EventRegister = register, limits: Limits | None = None
    ) -> "StreamEndpoint":
        """Return the ASGI application that serves rooms of `register`; route an HTTP path to it."""
        return StreamEndpoint(register, limits)

    async def serve(self, receive: Receive, send: Send) -> None:
        """Send the room's events until either side closes the connection."""
        try:
            await self._serve(receive, send)
        except EventError as error:
            await refuse_request(error, send)
        except DatabaseError as error:
            logger.warning("Authenticating the client of an event stream failed: %s", error)
            unavailable = EventError("unavailable", "The database is unavailable. Try again.")
            await refuse_request(unavailable, send, RETRY_AFTER)
        finally:
            self._admission.release()

    async def _serve(self, receive: Receive, send: Send) -> None:
        """Serve the stream; raise EventError before the response starts."""
        identity = await self._admit()
        transport = AsgiTransport(_as_events(send), find_socket(receive, send))
        address = client_address(self._scope)
        connection = WebSocketConnection(self._hub, identity, self._limits, transport, address)
        rule = await self._rule_for(connection)
        await _start_response(send)
        if self._scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
        else:
            await _write(send, f"retry: {random.randint(*RECONNECT_AFTER)}\n\n")  # noqa: S311  no secret
            await self._stream(connection, rule, receive)

    async def _admit(self) -> Identity:
        check_origin(self._scope["headers"], settings.ALLOWED_HOSTS)
        self._admission.check_capacity(len(self._hub.connections))
        identity = await identify(self._scope)
        if identity.user.is_authenticated:
            self._admission.reserve_for_person(identity.user)
        elif self._register.anonymous:
            self._admission.reserve_for_address()
        else:
            raise EventError("unauthorized", "Send an api-key, or sign in.")
        return identity

    async def _rule_for(self, connection: WebSocketConnection) -> RoomRule:
        room = check_room_name(self._room)
        rule = self._register.rule_of(room)
        context = EventContext("system.join", {"room": room}, {}, connection)
        if rule is None or not await rule.permission(context, room):
            raise FORBIDDEN_ROOM
        return rule

    async def _stream(
        self, connection: WebSocketConnection, rule: RoomRule, receive: Receive
    ) -> None:
        def end_now() -> None:
            connection.end(RESTARTING, "The server restarts.")

        self._hub.add(connection)
        add_callback(end_now)
        serving = asyncio.create_task(self._join_and_wait(connection, rule))
        try:
            await run_until_closed(connection, _wait_for_disconnect(receive))
        finally:
            remove_callback(end_now)
            connection.close_code = connection.close_code or GONE
            try:
                await connection.release_socket()
            finally:
                self._hub.remove(connection)
                await finish({serving}, timeout=0)
                await connection.leave_all()
                await self._hub.release()

    async def _join_and_wait(self, connection: WebSocketConnection, rule: RoomRule) -> None:
        position = await connection.join(self._room, self._since, is_present=rule.has_presence)
        answer = {"room": self._room, "complete": position.is_complete}
        headers = {"offset": position.offset} if position.offset else None
        await connection.send("system.joined", answer, headers)
        while True:
            await asyncio.sleep(KEEPALIVE_EVERY)
            connection.write(KEEPALIVE)

    @property
    def _since(self) -> str:
        """The last id that the client received; one that is no offset counts as lost."""
        headers = dict(self._scope["headers"])
        return str(headers.get(b"last-event-id", b"").decode("latin-1"))


class StreamEndpoint:
    """The ASGI application that `EventStream.as_asgi` returns."""

    def __init__(self, register: EventRegister, limits: Limits | None) -> None:
        self._register = register
        self._limits = limits or Limits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve GET and HEAD; answer other methods."""
        match scope["method"]:
            case "GET" | "HEAD":
                stream = EventStream(self._register, self._limits, Hub.of_this_loop(), scope)
                await stream.serve(receive, send)
            case "OPTIONS":
                await respond(send, HTTPStatus.NO_CONTENT, headers=[ALLOW])
            case _:
                error = EventError("method_not_allowed", "Read events with GET.")
                await refuse_request(error, send, ALLOW)


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _start_response(send: Send) -> None:
    headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),  # otherwise nginx buffers events
    ]
    await send({"type": "http.response.start", "status": int(HTTPStatus.OK), "headers": headers})


def _as_events(send: Send) -> Send:
    """Return a function that takes WebSocket messages and sends them as server-sent events.

    A close becomes an event `close` with the code and the reason, followed by the end of the
    response.
    """

    async def write(message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close":
            data = json.dumps({"code": message["code"], "reason": message["reason"]})
            await _write(send, f"event: close\ndata: {data}\n\n", more_body=False)
            return
        frame = message["text"]
        offset = OFFSET.search(frame)
        id_line = f"id: {offset[1]}\n" if offset else ""
        await _write(send, f"{id_line}data: {frame}\n\n" if frame != KEEPALIVE else ":\n\n")

    return write


async def _write(send: Send, text: str, *, more_body: bool = True) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": more_body})
