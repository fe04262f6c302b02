"""What one process reports of its connections, as JSON for the others."""

from typing import TYPE_CHECKING, Any

from realtime.connection import WebSocketConnection
from realtime.orders import whereabouts

if TYPE_CHECKING:
    from realtime.hub import Hub


def report_of(hub: "Hub", search: str, most: int) -> dict[str, Any]:
    """Tell of the process, its largest rooms, and the connections that `search` fits.

    It names so many of each at `most`.

    Without a search those come first for whom most waits unread.
    """
    everybody = tuple(hub.connections)  # at once: another thread may ask
    found = [each for each in everybody if _fits(each, search)]
    found.sort(key=lambda each: each.unread, reverse=True)
    meter = hub.meter
    heard, told = meter.totals(everybody)
    return {
        "process": whereabouts(),
        "connections": len(everybody),
        "people": len({each.user.pk for each in everybody} - {None}),
        "heard": heard,
        "told": told,
        "heard_rate": meter.heard_rate,
        "told_rate": meter.told_rate,
        "cut_off": meter.cut_off,
        "slow": sum(each.is_slow for each in everybody),
        "room_count": hub.room_count,
        "rooms": hub.largest_rooms(most),
        "found": len(found),
        "list": [_line(each) for each in found[:most]],
    }


def _fits(connection: WebSocketConnection, search: str) -> bool:
    return (
        search in ("", connection.id, connection.address, str(connection.user.pk))
        or search in connection.rooms
        or search.lower() in connection.user.get_username().lower()
    )


def _line(connection: WebSocketConnection) -> dict[str, Any]:
    return {
        "id": connection.id,
        "person": connection.user.pk,
        "name": connection.user.get_username(),
        "address": connection.address,
        "since": connection.since,
        "rooms": sorted(connection.rooms)[:10],
        "room_count": len(connection.rooms),
        "heard": connection.heard,
        "told": connection.told,
        "unread": connection.unread,
        "is_slow": connection.is_slow,
    }
