"""The register of events and rooms: handlers, permissions and rules for joining."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from django.conf import settings

from realtime.connections.connection import WebSocketConnection
from realtime.connections.identity import person_room
from realtime.wire.envelope import RESERVED, SYSTEM, Envelope
from realtime.wire.payloads import Check, payload_check

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class EventContext:
    """The argument of handlers and permissions: the event and the connection that sent it.

    `payload` is the JSON value that the client sent, or the declared dataclass or validated data
    (see `EventRegister.on_event`). `headers` are those of the client.
    """

    event_name: str
    payload: Any
    headers: dict[str, Any]
    connection: WebSocketConnection

    async def reply(self, payload: Any = None, event: str | None = None) -> None:
        """Reply to the sender, by default with an event of the same name.

        If the client's headers have an `id`, the reply's headers have the same value as `reply_to`.
        """
        envelope = Envelope(self.event_name, headers=self.headers)
        await self.connection.send(event or self.event_name, payload, envelope.reply_headers)


Context = EventContext
"""An alias that Zaptools' documentation uses."""

Handler = Callable[[EventContext], Awaitable[None]]
Permission = Callable[[EventContext], Awaitable[bool]]
RoomPermission = Callable[[EventContext, str], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler, and the conditions for calling it."""

    handler: Handler
    check: Check | None = None
    permission: Permission | None = None
    in_order: bool = False


@dataclass(frozen=True, slots=True)
class RoomRule:
    """The permission to join the rooms whose names match a pattern."""

    pattern: str
    permission: RoomPermission
    has_presence: bool

    def matches(self, room: str) -> bool:
        """Return whether the rule applies to a room."""
        return fnmatchcase(room, self.pattern)


async def own_room_only(context: EventContext, room: str) -> bool:
    """The rule for `person.*`: only the person of that id may join."""
    user = context.connection.user
    return user.is_authenticated and room == person_room(user.pk)


async def signed_in(context: EventContext) -> bool:
    """A permission that requires an authenticated user."""
    return bool(context.connection.user.is_authenticated)


class EventRegister:
    """Handlers by event name, and rules for joining rooms. Each endpoint serves one register.

    An event has one handler; registering another one replaces it and logs a warning. The reserved
    events `connected`, `disconnected` and `error` may have any number of handlers.

    With `in_order` the events of a connection are handled one after the other by default, in the
    order in which they were received. Unless `anonymous` is set, a connection that does not
    authenticate within `Limits.identify_within` seconds is closed.
    """

    def __init__(self, *, in_order: bool = False, anonymous: bool = False) -> None:
        self.anonymous = anonymous
        self._in_order = in_order
        self._routes: dict[str, list[Route]] = {}
        self._room_rules = [RoomRule(person_room("*"), own_room_only, has_presence=False)]

    def on_event(
        self,
        name: str,
        *,
        payload: type | None = None,
        permission: Permission | None = None,
        in_order: bool | None = None,
    ) -> Callable[[Handler], Handler]:
        """Register the decorated async function as the handler of the event `name`.

        `payload` is a dataclass or a serializer class by which payloads are validated; the handler
        receives the instance or the validated data. `permission` is an async function of the
        context that returns a bool. `in_order` overrides the register's default: such events of a
        connection are handled one at a time. A client whose event is refused receives `error`.

        Raises ValueError for a name that begins with "system.", and TypeError for a `payload` class
        with fields that JSON has no values for.
        """
        check = payload_check(payload) if payload is not None else None
        is_in_order = self._in_order if in_order is None else in_order

        def add(handler: Handler) -> Handler:
            self._add(name, Route(handler, check, permission, is_in_order))
            return handler

        return add

    def on_join(
        self, pattern: str, *, presence: bool = False
    ) -> Callable[[RoomPermission], RoomPermission]:
        """Register the decorated async function as the permission to join rooms (`chat.*`).

        It is called with the context and the name of the room when a client sends `system.join`,
        and returns a bool. The rule that was registered first among those that match decides; rooms
        without a rule cannot be joined. With `presence` members are sent the people who are
        present, `presence.joined` and `presence.left`.
        """

        def add(permission: RoomPermission) -> RoomPermission:
            self._room_rules.append(RoomRule(pattern, permission, presence))
            return permission

        return add

    def rule_of(self, room: str) -> RoomRule | None:
        """Return the rule that applies to a room, or None."""
        return next((rule for rule in self._room_rules if rule.matches(room)), None)

    def routes_of(self, name: str) -> Sequence[Route]:
        """Return the handlers of an event, in the order of registration."""
        return self._routes.get(name, ())

    def _add(self, name: str, route: Route) -> None:
        if name.startswith(SYSTEM):
            raise ValueError(f"The event {name!r} is reserved for the server.")
        routes = self._routes.setdefault(name, [])
        if routes and name not in RESERVED:
            replaced = routes.pop()
            logger.warning(
                "The handler %s of the event %r is replaced by %s",
                _name_of(replaced.handler),
                name,
                _name_of(route.handler),
            )
        routes.append(route)


def _name_of(handler: Handler) -> str:
    return f"{handler.__module__}.{getattr(handler, '__qualname__', handler)}"


register = EventRegister(anonymous=getattr(settings, "REALTIME_ANONYMOUS", False))
"""The register that is served at /ws. Apps add to it in `events.py`, which is imported at start."""
