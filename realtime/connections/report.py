"""The report of one process on its connections, as JSON for other processes."""

import os
import socket
from collections.abc import Set as AbstractSet
from typing import Any, Protocol

from realtime.connections.connection import WebSocketConnection
from realtime.connections.statistics import EventStatistics

MAX_ROOMS_PER_CONNECTION = 10


class ProcessState(Protocol):
    """The state of a process's hub that reports are made of."""

    @property
    def connections(self) -> AbstractSet[WebSocketConnection]: ...

    @property
    def statistics(self) -> EventStatistics: ...

    @property
    def interrupted_for(self) -> float: ...

    @property
    def subscription_restarts(self) -> int: ...

    @property
    def room_count(self) -> int: ...

    def largest_rooms(self, limit: int) -> list[tuple[str, int]]: ...


def process_name() -> str:
    """Return the host name and process id, which identify this process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def process_report(state: ProcessState, search: str, limit: int) -> dict[str, Any]:
    """Report on the process, its largest rooms, and the connections that match `search`.

    At most `limit` rooms and connections are listed, those with the most unread output first.
    """
    connections = tuple(state.connections)  # at once: another thread may call this
    found = [each for each in connections if _matches(each, search)]
    found.sort(key=lambda each: each.unread, reverse=True)
    statistics = state.statistics
    received, sent = statistics.totals(connections)
    return {
        "process": process_name(),
        "connections": len(connections),
        "people": len({each.user.pk for each in connections} - {None}),
        "received": received,
        "sent": sent,
        "received_rate": statistics.received_rate,
        "sent_rate": statistics.sent_rate,
        # The former names, which processes of version 0.2 read during an upgrade.
        "heard": received,
        "told": sent,
        "heard_rate": statistics.received_rate,
        "told_rate": statistics.sent_rate,
        "cut_off": statistics.cut_off,
        "interrupted": state.interrupted_for,
        "restarts": state.subscription_restarts,
        "slow": sum(each.is_slow for each in connections),
        "room_count": state.room_count,
        "rooms": state.largest_rooms(limit),
        "found": len(found),
        "list": [_connection_report(each) for each in found[:limit]],
    }


def _matches(connection: WebSocketConnection, search: str) -> bool:
    return (
        search in ("", connection.id, connection.address, str(connection.user.pk))
        or search in connection.rooms
        or search.lower() in connection.user.get_username().lower()
    )


def _connection_report(connection: WebSocketConnection) -> dict[str, Any]:
    return {
        "id": connection.id,
        "person": connection.user.pk,
        "name": connection.user.get_username(),
        "address": connection.address,
        "since": connection.opened_at,
        "rooms": sorted(connection.rooms)[:MAX_ROOMS_PER_CONNECTION],
        "room_count": len(connection.rooms),
        "received": connection.received,
        "sent": connection.sent,
        "unread": connection.unread,
        "is_slow": connection.is_slow,
    }
