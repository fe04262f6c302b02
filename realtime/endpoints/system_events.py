"""The events that the server itself handles: joining and leaving rooms."""

from collections.abc import Sequence
from typing import Any

from realtime.endpoints.dispatch import FORBIDDEN_ROOM
from realtime.errors import EventError
from realtime.register import EventContext, EventRegister, Route
from realtime.wire.offsets import is_offset
from realtime.wire.payloads import bad_payload
from realtime.wire.room_names import check_room_name


class SystemEvents:
    """Handlers of `system.join` and `system.leave` for the rooms of a register."""

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
            raise FORBIDDEN_ROOM
        connection, since = context.connection, _since_in(context.payload)
        position = await connection.join(room, since, is_present=rule.has_presence)
        present = {"present": await connection.present_in(room)} if rule.has_presence else {}
        # The client resumes from this offset, and may have received later events by now.
        offset = connection.now_in(room, position).offset
        answer = {"room": room, "offset": offset, "complete": position.is_complete, **present}
        await context.reply(answer, "system.joined")

    async def _leave(self, context: EventContext) -> None:
        room = _room_in(context.payload)
        await context.connection.leave(room)
        await context.reply({"room": room}, "system.left")


def _room_in(payload: object) -> str:
    return check_room_name(payload.get("room") if isinstance(payload, dict) else None)


def _since_in(payload: dict[str, Any]) -> str:
    """Return the last offset that the client received; empty to start with the next event."""
    since = payload.get("since") or ""
    if since and not is_offset(since):
        raise bad_payload({"since": ["Must be an offset."]})
    return str(since)
