"""What other apps call."""

import asyncio
from functools import partial
from typing import Any

from django.db import transaction

from realtime.bus import bus
from realtime.envelope import encode
from realtime.identity import person_room

__all__ = ["apublish", "person_room", "publish"]


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


def _frame(event: str, payload: Any, room: str) -> str:
    return encode(event, payload, {"room": room})
