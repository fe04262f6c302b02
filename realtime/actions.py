"""What other apps call."""

import asyncio
import logging
from functools import partial
from typing import Any

from django.db import transaction
from redis.exceptions import RedisError

from realtime.bus import bus
from realtime.envelope import encode
from realtime.identity import person_room
from realtime.orders import order

__all__ = ["apublish", "look_again", "person_room", "publish"]

logger = logging.getLogger(__name__)


def publish(event: str, payload: Any, room: str, *, is_lossy: bool = False) -> None:
    """Tell every connection that joined `room`, in this process or any other.

    The payload becomes JSON now, so later changes to it are not told. Inside a transaction the
    event leaves after the commit, or never if it rolls back. A broker that is away fails nobody:
    the event leaves when it is back. Listeners that were away catch up from the room's history.

    What `is_lossy` is worth hearing only now, such as a cursor that moves: it is not kept, and a
    reader that is too slow for it misses it.
    """
    leave = partial(bus().send, room, _frame(event, payload, room), is_lossy=is_lossy)
    if transaction.get_connection().in_atomic_block:
        transaction.on_commit(leave)
    else:
        leave()


async def apublish(event: str, payload: Any, room: str, *, is_lossy: bool = False) -> None:
    """Publish from async code, where no transaction can be open; other tasks go on meanwhile."""
    frame = _frame(event, payload, room)
    await asyncio.to_thread(bus().send, room, frame, is_lossy=is_lossy)


def look_again(person_id: object) -> None:
    """Close what this person has open by a session or key that is good no more.

    Call it when you have signed somebody out, revoked a key or dismissed a person; it is done after
    the commit, within seconds. What nobody called it for is found within a minute in any case.
    """
    transaction.on_commit(partial(_let_look_again, str(person_id)))


def _let_look_again(person: str) -> None:
    try:
        order("look_again", person=person)
    except RedisError as error:
        logger.warning("Connections are looked at later, since the broker is away: %s", error)


def _frame(event: str, payload: Any, room: str) -> str:
    return encode(event, payload, {"room": room})
