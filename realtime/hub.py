"""All rooms of a process, and its one line to the broker."""

import asyncio
from collections import Counter
from weakref import WeakKeyDictionary

from django.conf import settings
from redis.asyncio import BlockingConnectionPool, Redis

from realtime.broker import LOSSY, PLACELESS, channel_of, keepalive_options, room_of
from realtime.caretaker import Caretaker
from realtime.connection import WebSocketConnection
from realtime.history import NOWHERE, History, Offset, Position, parse
from realtime.meter import Meter
from realtime.orders import channel_of_orders
from realtime.presence import Presence
from realtime.room import Room, Told
from realtime.subscription import Subscription

ANSWER_WITHIN = 2.0

_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


class Hub:
    """One for a process and event loop. All its rooms share one subscription to the broker."""

    def __init__(self, url: str) -> None:
        self.connections: set[WebSocketConnection] = set()
        self.callers: Counter[str] = Counter()
        """How many connections a person or an address has."""
        self.meter = Meter()
        self._rooms: dict[str, Room] = {}
        self._to_flush: list[WebSocketConnection] = []
        self._subscription = Subscription(url, self._hear, self._resume)
        self._client = _client(url)
        self._history = History(self._client, url)
        self.presence = Presence(self._client, url)
        self._caretaker = Caretaker(self, self._client)
        self._orders = channel_of_orders(url)
        self._url = url
        self._resuming: set[asyncio.Task[None]] = set()

    @classmethod
    def of_this_loop(cls) -> "Hub":
        loop = asyncio.get_running_loop()
        if loop not in _hubs:
            _hubs[loop] = cls(settings.REDIS_URL)
        return _hubs[loop]

    @staticmethod
    def of_this_process() -> "list[Hub]":
        return list(_hubs.values())

    @property
    def room_count(self) -> int:
        return len(self._rooms)

    def largest_rooms(self, most: int) -> list[tuple[str, int]]:
        """Return the names of rooms and how many connections are in each."""
        return Counter({room.name: room.size for room in self._rooms.values()}).most_common(most)

    def add(self, connection: WebSocketConnection) -> None:
        if not self.connections:
            self._caretaker.start(self._subscription.add(self._orders))
        self.connections.add(connection)

    async def remove(self, connection: WebSocketConnection) -> None:
        if connection not in self.connections:
            return
        self.connections.remove(connection)
        self.meter.leave(connection)
        if not self.connections:
            await self._rest()

    def flush_soon(self, connection: WebSocketConnection) -> None:
        """Let what is written in this turn of the loop leave together at its end."""
        if not self._to_flush:
            asyncio.get_running_loop().call_soon(self._flush)
        self._to_flush.append(connection)

    def _flush(self) -> None:
        connections, self._to_flush = self._to_flush, []
        for connection in connections:
            connection.flush()

    async def join(self, connection: WebSocketConnection, room: str, since: str) -> Position:
        """Add a member; return when it has caught up and the subscription is in force."""
        self.presence.start()
        joined = self._rooms.setdefault(room, Room(room))
        newcomer = joined.expect(connection)
        await self._subscription.add(channel_of(room, self._url))
        position, missed = await self._history.since(room, since)
        return joined.welcome(newcomer, position, missed)

    def last_told(self, room: str) -> Offset:
        """Return the place of what was told in a room last, as far as this process has heard."""
        joined = self._rooms.get(room)
        return NOWHERE if joined is None else joined.last_told

    async def leave(self, connection: WebSocketConnection, room: str) -> None:
        left = self._rooms.get(room)
        if left is None:
            return
        left.remove(connection)
        if left.is_empty:
            del self._rooms[room]
            await self._subscription.drop(channel_of(room, self._url))

    async def _rest(self) -> None:
        """Close what nobody uses now."""
        await self._caretaker.stop()
        await self._subscription.drop(self._orders)
        await self.presence.stop()
        await self._client.connection_pool.disconnect(inuse_connections=False)

    def _hear(self, channel: str, message: str) -> None:
        if channel == self._orders:
            self._caretaker.obey(message)
        elif room := self._rooms.get(room_of(channel)):
            room.hear(_told(message))

    def _resume(self, channel: str) -> None:
        if channel == self._orders:
            return  # what was ordered meanwhile is stale
        if room := self._rooms.get(room_of(channel)):
            room.pause()
            task = asyncio.create_task(self._catch_up(room))
            self._resuming.add(task)
            task.add_done_callback(self._resuming.discard)

    async def _catch_up(self, room: Room) -> None:
        """Tell a room what it missed while the line was broken."""
        room.resume(*await self._history.since(room.name, room.reached))


def _client(url: str) -> Redis:
    """Return a client for all that a process asks of the broker, on a few connections."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=4,
        timeout=ANSWER_WITHIN,
        decode_responses=True,
        socket_timeout=ANSWER_WITHIN,
        socket_connect_timeout=ANSWER_WITHIN,
        **keepalive_options(url),
    )
    return Redis.from_pool(pool)


def _told(message: str) -> Told:
    """Read what comes from the broker: the place in history, a line feed, the frame."""
    place, _, frame = message.partition("\n")
    if place in (LOSSY, PLACELESS):
        return Told(frame, is_lossy=place == LOSSY)
    return Told(frame, parse(place))
