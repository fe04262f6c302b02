"""Which handler answers which event, and on what conditions."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from django.conf import settings

from realtime.connection import WebSocketConnection
from realtime.envelope import RESERVED, SYSTEM, Envelope
from realtime.identity import person_room
from realtime.payloads import Check, check_of


@dataclass(slots=True)
class EventContext:
    """What a handler is told: the event, and the connection that it came by."""

    event_name: str
    payload: Any
    headers: dict[str, Any]
    connection: WebSocketConnection

    async def reply(self, payload: Any = None, event: str | None = None) -> None:
        """Answer the sender: under the name of the event, with its `id` as `reply_to`."""
        envelope = Envelope(self.event_name, headers=self.headers)
        await self.connection.send(event or self.event_name, payload, envelope.reply_headers)


Handler = Callable[[EventContext], Awaitable[None]]
Permission = Callable[[EventContext], Awaitable[bool]]
RoomPermission = Callable[[EventContext, str], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler with the conditions on which it is called."""

    handler: Handler
    check: Check | None = None
    permission: Permission | None = None
    in_order: bool = False


@dataclass(frozen=True, slots=True)
class RoomRule:
    """Who may join the rooms of a name by themselves."""

    pattern: str
    permission: RoomPermission
    has_presence: bool

    def fits(self, room: str) -> bool:
        return fnmatchcase(room, self.pattern)


async def oneself(context: EventContext, room: str) -> bool:
    """Let a person alone join the room that is theirs."""
    user = context.connection.user
    return user.is_authenticated and room == person_room(user.pk)


async def signed_in(context: EventContext) -> bool:
    """The permission of those who are known by name."""
    return bool(context.connection.user.is_authenticated)


class EventRegister:
    """Handlers by event name. Registers share nothing: each endpoint serves its own.

    An event has one handler. The server's own events (`connected`, `disconnected`, `error`) may
    have several, so that apps need not know of each other.

    With `in_order` a connection's events are handled one after the other, as they came. Unless
    `anonymous` is set, a connection must show in time for whom it speaks.
    """

    def __init__(self, *, in_order: bool = False, anonymous: bool = False) -> None:
        self.anonymous = anonymous
        self._in_order = in_order
        self._routes: dict[str, list[Route]] = {}
        self._room_rules = [RoomRule(person_room("*"), oneself, has_presence=False)]

    def on_event(
        self,
        name: str,
        *,
        payload: type | None = None,
        permission: Permission | None = None,
        in_order: bool | None = None,
    ) -> Callable[[Handler], Handler]:
        """Register the decorated async function as a handler of the event `name`.

        `payload`, a dataclass or a serializer class, is what the payload must fit; the handler gets
        the instance, or the validated data. Whoever has not the `permission` is told so. Events
        that are `in_order` wait for each other.
        """
        check = check_of(payload) if payload is not None else None
        is_in_order = self._in_order if in_order is None else in_order

        def add(handler: Handler) -> Handler:
            self._add(name, Route(handler, check, permission, is_in_order))
            return handler

        return add

    def on_join(
        self, pattern: str, *, presence: bool = False
    ) -> Callable[[RoomPermission], RoomPermission]:
        """Let the decorated async function say who may join the rooms of this name (`chat.*`).

        It is asked when a client joins by itself (`system.join`); other rooms are closed to it.
        The pattern registered first that fits decides. With `presence` the people in such a room
        are told who else is there, comes and goes.
        """

        def add(permission: RoomPermission) -> RoomPermission:
            self._room_rules.append(RoomRule(pattern, permission, presence))
            return permission

        return add

    def rule_of(self, room: str) -> RoomRule | None:
        return next((rule for rule in self._room_rules if rule.fits(room)), None)

    def routes_of(self, name: str) -> Sequence[Route]:
        return self._routes.get(name, ())

    def _add(self, name: str, route: Route) -> None:
        if name.startswith(SYSTEM):
            raise ValueError(f"The event {name!r} is answered by the server itself.")
        routes = self._routes.setdefault(name, [])
        if routes and name not in RESERVED:
            raise ValueError(f"The event {name!r} has a handler already: {routes[0].handler}.")
        routes.append(route)


register = EventRegister(anonymous=getattr(settings, "REALTIME_ANONYMOUS", False))
"""The register served at /ws. An app adds to it in its `events.py`, which is found by itself."""
