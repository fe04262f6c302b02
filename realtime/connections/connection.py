"""A connection as handlers see it, with its outbox."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Protocol
from uuid import uuid4

from realtime.connections.identity import Identity
from realtime.connections.limits import Limits
from realtime.errors import EventError
from realtime.wire.envelope import encode
from realtime.wire.offsets import UNKNOWN, Offset, Position
from realtime.wire.room_names import check_room_name
from realtime.wire.transport import Transport

GONE = 1006  # the connection ended without a close frame (RFC 6455)
TOO_SLOW = 4408
FAILED = 4500  # not 1011, which Daphne cannot send
REASONS = {
    TOO_SLOW: "The client reads too slowly.",
    FAILED: "The server failed; its log says why.",
}
MAX_REASON_LENGTH = 123  # bytes; the limit of close frames

DRAIN_POLL = 0.02  # seconds
ABORT_AFTER = 12.0
"""Seconds after which a closed connection is dropped if the client has not closed it too."""

logger = logging.getLogger(__name__)


class Presence(Protocol):
    """What a connection uses of `rooms.presence`."""

    async def enter(self, room: str, person: str) -> None:
        """Record a connection of a person in a room."""

    async def leave(self, room: str, person: str) -> None:
        """Remove a connection of a person from a room."""

    async def of(self, room: str) -> list[str]:
        """Return the ids of the people in a room."""


class ConnectionHub(Protocol):
    """What a connection uses of the hub of its process."""

    @property
    def presence(self) -> Presence:
        """The presence of people in rooms."""

    async def join(self, connection: "WebSocketConnection", room: str, since: str) -> Position:
        """Add a member; return when it has caught up and the subscription is active."""

    async def leave(self, connection: "WebSocketConnection", room: str) -> None:
        """Remove a member at once; return when its room is unsubscribed, if it is empty."""

    def last_offset(self, room: str) -> Offset:
        """Return the offset of the last event that was delivered in a room."""

    def flush_soon(self, connection: "WebSocketConnection") -> None:
        """Flush the connection's outbox at the end of this iteration of the event loop."""

    def count_cut_off(self) -> None:
        """Count a connection that was closed because its client reads too slowly."""


class WebSocketConnection:
    """A connection, by WebSocket or event stream, with a bounded outbox.

    Writing never waits for the client. A client that reads so slowly that the outbox overflows is
    disconnected; what the server itself has written to the socket, such as pongs, counts too.
    Frames are sent in the order in which they were written, all those of one iteration of the
    event loop at once.
    """

    __slots__ = (
        "__weakref__",
        "_closing",
        "_hub",
        "_limits",
        "_outbox",
        "_outbox_size",
        "_present_in",
        "_transport",
        "_unread_at_flush",
        "address",
        "close_code",
        "credential",
        "id",
        "on_closed",
        "opened_at",
        "received",
        "rooms",
        "sent",
        "user",
    )

    def __init__(
        self,
        hub: ConnectionHub,
        identity: Identity,
        limits: Limits,
        transport: Transport,
        address: str = "",
        id: str | None = None,
    ) -> None:
        self.id = id or f"zpt-{uuid4()}"
        self.user = identity.user
        self.credential = identity.credential
        self.address = address
        self.opened_at = time.time()
        self.rooms: set[str] = set()
        self.close_code: int | None = None
        self.on_closed: Callable[[], object] | None = None
        """Called once the server has closed the connection."""
        self.received = 0
        self.sent = 0
        self._present_in: dict[str, str] = {}
        self._hub = hub
        self._limits = limits
        self._transport = transport
        self._outbox: list[str] = []
        self._outbox_size = 0
        self._unread_at_flush = 0
        self._closing: asyncio.Task[None] | None = None

    @property
    def is_closed(self) -> bool:
        """Whether either side has closed the connection."""
        return self.close_code is not None

    @property
    def unread(self) -> int:
        """How much of the output the client has not read yet, in characters or bytes."""
        return self._outbox_size + self._transport.unread

    @property
    def is_slow(self) -> bool:
        """Whether lossy events are skipped because half of the outbox is unread."""
        return self.unread * 2 > self._limits.outbox_size

    async def send(
        self, event_name: str, payload: Any = None, headers: dict[str, Any] | None = None
    ) -> None:
        """Send an event without waiting for the client; do nothing if the connection is closed.

        `payload` and `headers` are JSON values, or dates and the like that Django can serialize.
        """
        self.write(encode(event_name, payload, headers))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection once everything written has been sent, within seconds in any case.

        Raises ValueError for a code other than 1000 and 3000 to 4999.
        """
        if code != 1000 and not 3000 <= code <= 4999:
            raise ValueError(f"Close with 1000 or a code from 3000 to 4999, not with {code}.")
        self.end(code, reason)

    def end(self, code: int, reason: str = "") -> None:
        """Start to close the connection; the code and the reason are sent to the client."""
        if not self.is_closed:
            reason = reason or REASONS.get(code, "")
            short = reason.encode(errors="replace")[:MAX_REASON_LENGTH].decode(errors="ignore")
            self.close_code = code
            self._closing = asyncio.create_task(self._close(code, short))

    def fail(self) -> None:
        """Close the connection after a failure of the server, which the caller has logged."""
        self.end(FAILED)

    async def wait_closed(self) -> None:
        """Return when the close frame has been sent, or could not be."""
        if self._closing is not None:
            await asyncio.wait({self._closing})

    async def _close(self, code: int, reason: str) -> None:
        """Flush, send the close frame, and drop the connection if that takes too long."""
        try:
            self.flush()
            async with asyncio.timeout(self._limits.close_within):
                await self._transport.close(code, reason)
                while self._transport.unread:
                    await asyncio.sleep(DRAIN_POLL)
        except TimeoutError:
            self._transport.abort()
        except Exception:
            logger.exception("Closing a connection failed; it is dropped")
            self._transport.abort()
        else:
            asyncio.get_running_loop().call_later(ABORT_AFTER, self._transport.abort)
        if self.on_closed is not None:
            self.on_closed()

    async def release_socket(self) -> None:
        """Return when the client has read everything, or has been dropped.

        A server keeps a closing socket open until then: for ever, if the client does not read.
        """
        if not self._transport.unread:
            return
        try:
            async with asyncio.timeout(self._limits.close_within):
                while self._transport.unread:
                    await asyncio.sleep(DRAIN_POLL)
        except TimeoutError:
            self._transport.abort()

    def check_reader(self) -> None:
        """Disconnect a client that does not read what the server itself wrote, such as pongs."""
        if self.is_closed:
            return
        if self.unread > self._limits.outbox_size:
            self._cut_off()
        elif self._transport.is_closing:
            self.end(GONE)

    async def join(self, room: str, since: str = "", *, is_present: bool = False) -> Position:
        """Join a room; return once every event published from now on will reach this connection.

        Events published after the offset `since` are sent first, in order and once, if the history
        still has all of them; otherwise the returned position is not `is_complete`. While Redis is
        unavailable this waits; the handler is cancelled when the connection closes.

        With `is_present` the other members receive `presence.joined`, once per person. Raises
        InvalidRoomName, or EventError for too many rooms; a handler may let both propagate to the
        client.
        """
        check_room_name(room)
        if self.is_closed:
            return UNKNOWN
        if room not in self.rooms and len(self.rooms) >= self._limits.rooms_per_connection:
            raise EventError("too_many_rooms", "Leave another room first.")
        self.rooms.add(room)
        position = await self._hub.join(self, room, since)
        if is_present and self.user.is_authenticated and room not in self._present_in:
            await self._become_present(room)
        return self.now_in(room, position)

    def now_in(self, room: str, position: Position) -> Position:
        """Return the position advanced by the events that have been sent in the room since."""
        return position.not_before(self._hub.last_offset(room))

    async def leave(self, room: str) -> None:
        """Leave a room at once; return when Redis has recorded it.

        A join that is made meanwhile is not undone.
        """
        self.rooms.discard(room)
        person = self._present_in.pop(room, None)
        await self._hub.leave(self, room)
        if person is not None:
            await self._hub.presence.leave(room, person)

    async def leave_all(self) -> None:
        """Leave all rooms."""
        for room in tuple(self.rooms):
            await self.leave(room)

    async def _become_present(self, room: str) -> None:
        if room in self.rooms:  # and has not been left meanwhile
            self._present_in[room] = person = str(self.user.pk)
            await self._hub.presence.enter(room, person)

    async def present_in(self, room: str) -> list[str]:
        """Return the ids, as strings, of the people who are present in a room."""
        return await self._hub.presence.of(room)

    def write(self, frame: str) -> None:
        """Send an encoded event at once, after those in the outbox."""
        self._put(frame)
        self.flush()

    def write_soon(self, frame: str, *, is_lossy: bool = False) -> None:
        """Send an encoded event at the end of this iteration of the loop, together with others.

        Used for fan-out. A lossy event is skipped if the client reads slowly.
        """
        if is_lossy and self.is_slow:
            return
        self._put(frame)
        if len(self._outbox) == 1:
            self._hub.flush_soon(self)

    def _put(self, frame: str) -> None:
        """Add a frame to the outbox; disconnect the client if the outbox is full."""
        if self.is_closed:
            return
        size = self._outbox_size + len(frame)
        if size + self._unread_at_flush > self._limits.outbox_size and not self._has_room_for(size):
            self._cut_off()
            return
        self.sent += 1
        self._outbox_size = size
        self._outbox.append(frame)

    def flush(self) -> None:
        """Give the outbox to the transport."""
        frames, self._outbox, self._outbox_size = self._outbox, [], 0
        if frames:
            self._transport.write(frames)
            self._unread_at_flush = self._transport.unread

    @property
    def page_size(self) -> int:
        """How much of a history to read at once, in bytes."""
        return self._limits.outbox_size // 4

    def has_room_for(self, frames: list[str]) -> bool:
        """Return whether these frames fit into the outbox now."""
        return self.unread + sum(map(len, frames)) <= self._limits.outbox_size

    def can_ever_take(self, frames: list[str]) -> bool:
        """Return whether these frames fit into an empty outbox."""
        return sum(map(len, frames)) <= self._limits.outbox_size

    def _has_room_for(self, size: int) -> bool:
        self._unread_at_flush = self._transport.unread  # the client may have read since
        return size + self._unread_at_flush <= self._limits.outbox_size

    def _cut_off(self) -> None:
        logger.warning("Closed a connection whose client reads too slowly: %s", self.id)
        self._outbox = []
        self._transport.abort()  # a client that does not read would not read a close frame either
        self._hub.count_cut_off()
        self.end(TOO_SLOW)
