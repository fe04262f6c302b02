"""The events that the server itself answers, the same in every register."""

from collections.abc import Sequence
from typing import Any

from realtime.dispatch import FORBIDDEN
from realtime.errors import EventError
from realtime.history import is_offset
from realtime.payloads import bad_payload
from realtime.register import EventContext, EventRegister, Route


class SystemEvents:
    """Joining and leaving rooms at a client's own wish, where the register allows it."""

    def __init__(self, register: EventRegister) -> None:
        self.register = register
        self._routes = {
            "system.join": [Route(self._join)],
            "system.leave": [Route(self._leave)],
        }

    def routes_of(self, name: str) -> Sequence[Route]:
        if name not in self._routes:
            raise EventError("unknown_event", f"There is no event {name[:100]}.")
        return self._routes[name]

    async def _join(self, context: EventContext) -> None:
        room = _room_in(context.payload)
        rule = self.register.rule_of(room)
        if rule is None or not await rule.permission(context, room):
            raise FORBIDDEN
        connection, since = context.connection, _since_in(context.payload)
        position = await connection.join(room, since, is_present=rule.has_presence)
        present = {"present": await connection.present_in(room)} if rule.has_presence else {}
        # The client takes this offset for the last one it heard, and may have heard more by now.
        offset = connection.now_in(room, position).offset
        answer = {"room": room, "offset": offset, "complete": position.is_complete, **present}
        await context.reply(answer, "system.joined")

    async def _leave(self, context: EventContext) -> None:
        room = _room_in(context.payload)
        await context.connection.leave(room)
        await context.reply({"room": room}, "system.left")


def _room_in(payload: object) -> str:
    room = payload.get("room") if isinstance(payload, dict) else None
    if isinstance(room, str) and room:
        return room
    raise bad_payload({"room": ["Must be a string."]})


def _since_in(payload: dict[str, Any]) -> str:
    """Return the last offset that the client heard; empty for one that starts from now."""
    since = payload.get("since") or ""
    if since and not is_offset(since):
        raise bad_payload({"since": ["Must be an offset."]})
    return str(since)
