"""Real-time events that the chat page sends."""

from channels.db import database_sync_to_async

from realtime.errors import EventError
from realtime.register import EventContext, register
from sandbox.models import Account
from sandbox.page.updates import ROOMS, room_of


@register.on_event("sandbox.watch")
async def watch(context: EventContext) -> None:
    """Join the room of the person with this token, and leave that of the previous person."""
    token = context.payload.get("token") if isinstance(context.payload, dict) else None
    person = await database_sync_to_async(_person)(token)
    if person is None:
        raise EventError("invalid_token", "No person has this token.")
    for room in [room for room in context.connection.rooms if room.startswith(ROOMS)]:
        await context.connection.leave(room)
    await context.connection.join(room_of(person.pk))
    await context.reply({"id": person.pk, "name": person.name}, "sandbox.watching")


def _person(token: object) -> Account | None:
    if not isinstance(token, str) or "\0" in token:
        return None
    return Account.objects.people().filter(token=token).first()
