"""What other apps call."""

from functools import partial
from typing import Any

from django.db import transaction

from realtime.bus import bus
from realtime.envelope import encode


def publish(event: str, payload: Any, room: str) -> None:
    """Tell every connection that joined `room`, in this process or any other.

    The payload becomes JSON now, so later changes to it are not told. Inside a transaction the
    event leaves after the commit, or never if it rolls back. A broker that is away fails nobody:
    the event is lost, and the log says so.
    """
    leave = partial(bus().send, room, encode(event, payload))
    if transaction.get_connection().in_atomic_block:
        transaction.on_commit(leave)
    else:
        leave()
