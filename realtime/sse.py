"""Server-sent events: one room over plain HTTP, for those who have no websocket."""

import asyncio
import json
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from realtime.connection import WebSocketConnection
from realtime.consumer import DEFAULT_LIMITS, GONE, Application, Receive, Scope, until_over
from realtime.dispatch import FORBIDDEN
from realtime.errors import EventError, Offence
from realtime.history import is_offset
from realtime.hub import Hub
from realtime.identity import Guest, address_of, guest_at
from realtime.limits import Limits, Tally
from realtime.lines import AsgiLine, Send
from realtime.origin import origin_is_allowed
from realtime.register import EventContext, EventRegister, RoomRule, register
from realtime.tasks import end

ALIVE_EVERY = 15.0  # seconds; proxies end what is silent for long
ALIVE = ""
REOPEN_AFTER = 2000  # milliseconds

STATUSES = {
    "unauthorized": HTTPStatus.UNAUTHORIZED,
    "invalid_key": HTTPStatus.UNAUTHORIZED,
    "too_many_connections": HTTPStatus.TOO_MANY_REQUESTS,
}
OFFSET = re.compile(r'"offset":"([\d-]+)"\}\}\Z')


class EventStream:
    """`GET /events?room=kitchen`: each event is a frame of the wire, its id the place in the room.

    A browser that comes back sends that as Last-Event-ID, and is told what it missed.
    """

    def __init__(self, register: EventRegister, limits: Limits, hub: Hub, scope: Scope) -> None:
        self._register = register
        self._limits = limits
        self._hub = hub
        self._scope = scope
        self._tally = Tally(hub.callers)
        query = parse_qs(scope["query_string"].decode("latin-1"))
        self._room = query.get("room", [""])[0]

    @classmethod
    def as_asgi(
        cls, register: EventRegister = register, limits: Limits = DEFAULT_LIMITS
    ) -> Application:
        """Return the ASGI application that serves those rooms of `register` that have a rule."""

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await cls(register, limits, Hub.of_this_loop(), scope).serve(receive, send)

        return application

    async def serve(self, receive: Receive, send: Send) -> None:
        """Tell what happens in the room until the reader goes."""
        try:
            guest, line = await self._guest(), AsgiLine(_as_events(send))
            connection = WebSocketConnection(
                self._hub, guest, self._limits, line, address_of(self._scope)
            )
            rule = await self._rule_for(connection)
        except EventError as error:
            await _refuse(error, send)
        else:
            await self._stream(connection, rule, receive, send)
        finally:
            self._tally.give_back()

    async def _guest(self) -> Guest:
        limits, address = self._limits, address_of(self._scope)
        if not origin_is_allowed(self._scope["headers"], settings.ALLOWED_HOSTS):
            raise FORBIDDEN
        guest = await guest_at(self._scope)
        person = guest.person
        if not (person.is_authenticated or self._register.anonymous):
            raise EventError("unauthorized", "Show an api-key, or sign in.")
        if (
            len(self._hub.connections) >= limits.connections
            or (address and not self._tally.take(f"at {address}", limits.connections_per_address))
            or (
                person.is_authenticated
                and not self._tally.take(f"of {person.pk}", limits.connections_per_person)
            )
        ):
            raise Offence("too_many_connections", "Too many of you.", 4429)
        return guest

    async def _rule_for(self, connection: WebSocketConnection) -> RoomRule:
        rule = self._register.rule_of(self._room)
        context = EventContext("system.join", {"room": self._room}, {}, connection)
        if rule is None or not await rule.permission(context, self._room):
            raise FORBIDDEN
        return rule

    async def _stream(
        self, connection: WebSocketConnection, rule: RoomRule, receive: Receive, send: Send
    ) -> None:
        await _begin(send)
        self._hub.add(connection)
        staying = asyncio.create_task(self._join_and_stay(connection, rule))
        try:
            await until_over(connection, _until_gone(receive))
        finally:
            connection.close_code = connection.close_code or GONE
            await end({staying}, within=0)
            await connection.leave_all()
            await self._hub.remove(connection)

    async def _join_and_stay(self, connection: WebSocketConnection, rule: RoomRule) -> None:
        position = await connection.join(self._room, self._since, is_present=rule.has_presence)
        answer = {"room": self._room, "complete": position.is_complete}
        place = {"offset": position.offset} if position.offset else {}
        await connection.send("system.joined", answer, place)
        while True:
            await asyncio.sleep(ALIVE_EVERY)
            connection.write(ALIVE)

    @property
    def _since(self) -> str:
        headers = dict(self._scope["headers"])
        since = headers.get(b"last-event-id", b"").decode("latin-1")
        return since if is_offset(since) else ""


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _begin(send: Send) -> None:
    headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),  # nginx would keep events until there are many
    ]
    await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": headers})
    await _write(send, f"retry: {REOPEN_AFTER}\n\n")


async def _refuse(error: EventError, send: Send) -> None:
    status = STATUSES.get(error.code, HTTPStatus.FORBIDDEN)
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(error.payload).encode()})


def _as_events(send: Send) -> Send:
    """Return what takes a websocket's frames and writes them as events."""

    async def write(message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close":
            return
        frame = message["text"]
        place = OFFSET.search(frame)
        id_line = f"id: {place[1]}\n" if place else ""
        await _write(send, f"{id_line}data: {frame}\n\n" if frame != ALIVE else ":\n\n")

    return write


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
