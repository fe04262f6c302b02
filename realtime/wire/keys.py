"""Names of keys and channels in Redis."""

from functools import lru_cache

from redis.asyncio.connection import parse_url

from core.redis import key

NO_OFFSET, LOSSY = "", "~"
"""Written in place of the offset: the event has none; the event may also be skipped."""


def room_channel(room: str, url: str) -> str:
    """Return the channel of a room.

    It contains the number of the database, since Redis's own channels span all databases.
    """
    return key_for("", room, url)


def room_of_channel(channel: str, url: str) -> str:
    return channel.removeprefix(room_channel("", url))


def control_channel(url: str) -> str:
    """Return the channel of control messages. It is no room's, so no client can join it."""
    return key_for("orders", "", url)


def history_key(room: str, url: str) -> str:
    return key_for("history", room, url)


def key_for(kind: str, name: str, url: str) -> str:
    """Return the name of a key or channel; the kind is empty for the channels of rooms.

    The kind precedes the number of the database, so no room's channel equals another name.
    """
    database = str(_database_of(url))
    return key(kind, database, name) if kind else key(database, name)


@lru_cache(maxsize=8)
def _database_of(url: str) -> int:
    return int(parse_url(url).get("db") or 0)
