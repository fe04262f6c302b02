"""What other apps call: publishing events and revalidating connections."""

import asyncio
import warnings
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction

from realtime.connections.identity import person_room
from realtime.operations import control
from realtime.rooms.bus import bus
from realtime.rooms.history import subject_list
from realtime.rooms.hub import Hub
from realtime.rooms.publication import Publication
from realtime.wire.envelope import encode
from realtime.wire.keys import LOSSY
from realtime.wire.room_names import check_room_name

__all__ = ["apublish", "person_room", "publish", "revalidate", "seconds_interrupted"]


def publish(
    event: str,
    payload: Any,
    room: str,
    *,
    is_lossy: bool = False,
    about: Iterable[str] = (),
    retracts: str = "",
) -> None:
    """Send an event to all connections that have joined `room`, in any process.

    The payload is encoded now: JSON values, or dates and the like that Django can serialize. Inside
    a transaction the event is sent after the commit, or not at all after a rollback. While Redis is
    unavailable it is queued in this process (10,000 events at most); nothing is raised. Clients
    that were disconnected catch up from the room's history.

    An event that `is_lossy` matters only now, such as a moving cursor. It is not stored in the
    history, is dropped while Redis is unavailable, and is skipped for clients that read slowly.

    `about` names the subjects of the event, such as "tweet.5" (without spaces). An event that
    `retracts` a subject deletes all earlier events about it from the room's history in the same
    step, so that clients that catch up later do not receive what was retracted.

    Raises InvalidRoomName for a room that no connection may join, and TypeError for a payload that
    cannot be encoded.
    """
    send = partial(bus().send, _publication(event, payload, room, is_lossy, about, retracts))
    if transaction.get_connection().in_atomic_block:
        transaction.on_commit(send)
    else:
        send()


async def apublish(event: str, payload: Any, room: str, *, is_lossy: bool = False) -> None:
    """Publish from async code, where no transaction can be open, without blocking the event loop.

    Raises the same errors as `publish`.
    """
    await asyncio.to_thread(bus().send, _publication(event, payload, room, is_lossy))


def seconds_interrupted() -> float:
    """Return for how many seconds this process has not received events of other processes.

    0 while it receives them, and while it has no open connections.
    """
    return max((hub.interrupted_for for hub in Hub.of_this_process()), default=0.0)


def revalidate(person_id: object) -> None:
    """Close a person's connections whose session or API key is no longer valid.

    Call it after you ended sessions, revoked an API key or deactivated the person. Connections are
    checked within two seconds after the commit; without this call, within a minute.
    """
    transaction.on_commit(partial(control.revalidate, str(person_id)))


def look_again(person_id: object) -> None:
    """Do the same as `revalidate`, whose former name this is. Removed in version 0.3."""
    warnings.warn("look_again has been renamed to revalidate.", DeprecationWarning, stacklevel=2)
    revalidate(person_id)


def _publication(
    event: str,
    payload: Any,
    room: str,
    is_lossy: bool,
    about: Iterable[str] = (),
    retracts: str = "",
) -> Publication:
    return Publication(
        room,
        encode(event, payload, {"room": check_room_name(room)}),
        LOSSY if is_lossy else None,
        about=subject_list(about),
        retracts=subject_list([retracts]) if retracts else "",
    )
