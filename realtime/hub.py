"""Rooms: which local connections hear what is published to which room."""

import asyncio
from collections import Counter
from weakref import WeakKeyDictionary

from django.conf import settings

from realtime.bus import channel_of, room_of
from realtime.connection import WebSocketConnection
from realtime.subscription import Subscription

_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


class Hub:
    """One for a process and event loop. All its rooms share one subscription to the broker."""

    def __init__(self, url: str) -> None:
        self.connections: set[WebSocketConnection] = set()
        self.callers: Counter[str] = Counter()
        """How many connections a person or an address has."""
        self._rooms: dict[str, set[WebSocketConnection]] = {}
        self._subscription = Subscription(url, self._deliver)
        self._url = url

    @classmethod
    def of_this_loop(cls) -> "Hub":
        loop = asyncio.get_running_loop()
        if loop not in _hubs:
            _hubs[loop] = cls(settings.REDIS_URL)
        return _hubs[loop]

    async def join(self, connection: WebSocketConnection, room: str) -> None:
        """Add a member; return when the subscription to the room is in force."""
        self._rooms.setdefault(room, set()).add(connection)
        await self._subscription.add(channel_of(room, self._url))

    async def leave(self, connection: WebSocketConnection, room: str) -> None:
        members = self._rooms.get(room, set())
        members.discard(connection)
        if room in self._rooms and not members:
            del self._rooms[room]
            await self._subscription.drop(channel_of(room, self._url))

    def _deliver(self, channel: str, frame: str) -> None:
        for connection in self._rooms.get(room_of(channel), ()):
            connection.write(frame)
