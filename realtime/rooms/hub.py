"""The hub of a process: its connections and rooms, and their one subscription to Redis."""

import asyncio
import logging
from collections import Counter
from weakref import WeakKeyDictionary

from django.conf import settings

from core.redis import async_client
from realtime.connections.connection import DRAIN_POLL, WebSocketConnection
from realtime.connections.statistics import EventStatistics
from realtime.connections.supervisor import ConnectionSupervisor
from realtime.rooms.history import History
from realtime.rooms.lifecycle import Lifecycle
from realtime.rooms.presence import Presence
from realtime.rooms.room import JoiningMember, Room, RoomEvent
from realtime.rooms.subscription import Subscription
from realtime.wire.keys import (
    LOSSY,
    NO_OFFSET,
    control_channel,
    room_channel,
    room_of_channel,
)
from realtime.wire.offsets import NOWHERE, UNKNOWN, Offset, Position, parse

MAX_REDIS_CONNECTIONS = 4
FREE_CONNECTION_TIMEOUT = 2.0  # seconds

logger = logging.getLogger(__name__)

_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


class Hub:
    """The hub of an event loop; a process usually has one. Its rooms share one subscription."""

    def __init__(self, url: str) -> None:
        self.connections: set[WebSocketConnection] = set()
        self.places: Counter[str] = Counter()
        """How many connections each person and address has (see `connections.admission`)."""
        self.statistics = EventStatistics()
        self._rooms: dict[str, Room] = {}
        self._to_flush: list[WebSocketConnection] = []
        self._subscription = Subscription(url, self._receive, self._resume)
        self._client = async_client(
            url, MAX_REDIS_CONNECTIONS, FREE_CONNECTION_TIMEOUT, decode_responses=True
        )
        self._history = History(self._client, url)
        self.presence = Presence(self._client, url)
        self._supervisor = ConnectionSupervisor(self, self._client)
        self._control_channel = control_channel(url)
        self._url = url
        self._resources = Lifecycle(self._start, self._stop)
        self._resuming: set[asyncio.Task[None]] = set()

    @classmethod
    def of_this_loop(cls) -> "Hub":
        """Return the hub of the running event loop."""
        loop = asyncio.get_running_loop()
        if loop not in _hubs:
            _hubs[loop] = cls(settings.REDIS_URL)
        return _hubs[loop]

    @staticmethod
    def of_this_process() -> "list[Hub]":
        """Return the hubs of all event loops of this process."""
        return list(_hubs.values())

    @property
    def room_count(self) -> int:
        return len(self._rooms)

    def largest_rooms(self, limit: int) -> list[tuple[str, int]]:
        """Return the names and numbers of connections of the largest rooms."""
        return Counter({room.name: room.size for room in self._rooms.values()}).most_common(limit)

    @property
    def subscription_restarts(self) -> int:
        return self._subscription.restarts

    @property
    def interrupted_for(self) -> float:
        """For how many seconds events of other processes have not been received; 0 if they are."""
        return self._subscription.interrupted_for

    def add(self, connection: WebSocketConnection) -> None:
        """Add an open connection and start the shared resources; `release` must follow."""
        self.connections.add(connection)
        self._resources.acquire()

    def remove(self, connection: WebSocketConnection) -> None:
        """Remove a closed connection."""
        self.connections.remove(connection)
        self.statistics.add_closed(connection)

    async def release(self) -> None:
        """Stop the shared resources if this was the last connection."""
        await self._resources.release()

    def count_cut_off(self) -> None:
        """Count a connection that was closed because its client reads too slowly."""
        self.statistics.cut_off += 1

    def _start(self) -> None:
        self.presence.start()
        self._subscription.request(self._control_channel)
        self._supervisor.start()

    async def _stop(self) -> None:
        await self._supervisor.stop()
        await self._subscription.unsubscribe(self._control_channel)
        await self.presence.stop()
        await self._client.connection_pool.disconnect(inuse_connections=False)

    def flush_soon(self, connection: WebSocketConnection) -> None:
        """Flush the connection's outbox at the end of this iteration of the event loop."""
        if not self._to_flush:
            asyncio.get_running_loop().call_soon(self._flush)
        self._to_flush.append(connection)

    def _flush(self) -> None:
        connections, self._to_flush = self._to_flush, []
        for connection in connections:
            try:
                connection.flush()
            except Exception:  # of one connection; the others must be flushed
                logger.exception("Writing to a connection failed")
                connection.fail()

    async def join(self, connection: WebSocketConnection, room: str, since: str) -> Position:
        """Add a member; return when it has caught up and the subscription is active."""
        joined = self._rooms.setdefault(room, Room(room))
        joining = joined.begin_join(connection)
        await self._subscription.subscribe(room_channel(room, self._url))
        position, missed = await self._catch_up(joining, room, since)
        return joined.complete_join(joining, position, missed)

    async def _catch_up(
        self, joining: JoiningMember, room: str, since: str
    ) -> tuple[Position, list[tuple[Offset, str]]]:
        """Send the missed events page by page, as the client reads them; return the last page.

        Events received meanwhile are discarded before each further page, which contains them. So
        the queue of a client that reads slowly does not grow.
        """
        connection = joining.connection
        while not connection.is_closed:
            page = await self._history.page(room, since, connection.page_size)
            frames = [frame for _, frame in page.missed]
            if not connection.can_ever_take(frames):
                return Position(page.position.offset, is_complete=False), []
            if not connection.has_room_for(frames):
                await asyncio.sleep(DRAIN_POLL)
            elif page.is_last:
                return page.position, page.missed
            else:
                for frame in frames:
                    connection.write_soon(frame)
                since = page.end
            joining.discard_recorded()
        return UNKNOWN, []

    def last_offset(self, room: str) -> Offset:
        """Return the offset of the last event that this process delivered in a room."""
        joined = self._rooms.get(room)
        return NOWHERE if joined is None else joined.last_offset

    async def leave(self, connection: WebSocketConnection, room: str) -> None:
        """Remove a member at once; unsubscribe after the last one."""
        left = self._rooms.get(room)
        if left is None:
            return
        left.remove(connection)
        if left.is_empty:
            del self._rooms[room]
            await self._subscription.unsubscribe(room_channel(room, self._url))

    def _receive(self, channel: str, message: str) -> None:
        if channel == self._control_channel:
            self._supervisor.execute(message)
        elif room := self._rooms.get(room_of_channel(channel, self._url)):
            try:
                event = _parse(message)
            except ValueError:  # published by something else
                logger.warning("Ignored a malformed message on the channel %r", channel)
            else:
                room.deliver(event)

    def _resume(self, channel: str) -> None:
        if channel == self._control_channel:
            return  # control messages that were missed are out of date
        if room := self._rooms.get(room_of_channel(channel, self._url)):
            room.pause()
            task = asyncio.create_task(self._catch_up_room(room))
            self._resuming.add(task)
            task.add_done_callback(self._resuming.discard)

    async def _catch_up_room(self, room: Room) -> None:
        """Send the events that were published while the subscription was interrupted."""
        try:
            position, missed = await self._history.since(room.name, room.reached)
        except Exception:  # otherwise the room would stay paused
            logger.exception("Reading the history of a room failed; its members must fetch anew")
            position, missed = UNKNOWN, []
        room.resume(position, missed)


def _parse(message: str) -> RoomEvent:
    """Parse a message of a room's channel: the offset or a mark, a line feed, the frame."""
    offset, _, frame = message.partition("\n")
    if offset in (LOSSY, NO_OFFSET):
        return RoomEvent(frame, is_lossy=offset == LOSSY)
    return RoomEvent(frame, parse(offset))
