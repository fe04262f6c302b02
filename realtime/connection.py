"""One websocket as handlers see it, and the outbox between it and everyone who writes to it."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from realtime.envelope import encode
from realtime.errors import EventError
from realtime.history import UNKNOWN, Position
from realtime.identity import Guest
from realtime.limits import Limits
from realtime.lines import Line

if TYPE_CHECKING:
    from realtime.hub import Hub

TOO_SLOW = 4408

logger = logging.getLogger(__name__)


class WebSocketConnection:
    """Writing never waits for the reader: frames go to a bounded outbox.

    A reader that lets it overflow is cut off, so it delays nobody. Frames leave in the order in
    which they were written, whoever wrote them, all those of one turn of the loop at once.
    """

    __slots__ = (
        "__weakref__",
        "_hub",
        "_leaving",
        "_limits",
        "_line",
        "_outbox",
        "_outbox_size",
        "_present_in",
        "_unread_at_flush",
        "address",
        "close_code",
        "heard",
        "id",
        "proof",
        "rooms",
        "since",
        "told",
        "user",
        "when_over",
    )

    def __init__(
        self, hub: "Hub", guest: Guest, limits: Limits, line: Line, address: str = ""
    ) -> None:
        self.id = f"zpt-{uuid4()}"
        self.user = guest.person
        self.proof = guest.proof
        self.address = address
        self.since = time.time()
        self.rooms: set[str] = set()
        self.close_code: int | None = None
        self.when_over: Callable[[], object] | None = None
        """Called when the connection was closed from here and everything has been done for it."""
        self.heard = 0
        self.told = 0
        self._present_in: dict[str, str] = {}
        self._hub = hub
        self._limits = limits
        self._line = line
        self._outbox: list[str] = []
        self._outbox_size = 0
        self._unread_at_flush = 0
        self._leaving: asyncio.Task[None] | None = None

    @property
    def is_closed(self) -> bool:
        return self.close_code is not None

    @property
    def unread(self) -> int:
        """How many characters or bytes wait for the reader."""
        return self._outbox_size + self._line.unread

    @property
    def is_slow(self) -> bool:
        """Tell whether lossy frames are skipped, since much waits for the reader already."""
        return self.unread * 2 > self._limits.outbox_size

    async def send(
        self, event: str, payload: Any = None, headers: dict[str, Any] | None = None
    ) -> None:
        """Send an event, or drop it if the connection is closed."""
        self.write(encode(event, payload, headers))

    async def close(self, code: int = 1000) -> None:
        """Close when everything written so far has left, or soon if the reader does not read."""
        self.end(code)

    def end(self, code: int) -> None:
        if not self.is_closed:
            self.close_code = code
            self._leaving = asyncio.create_task(self._leave(code))

    async def _leave(self, code: int) -> None:
        self.flush()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.close_within):
                await self._line.close(code)
        if self.when_over is not None:
            self.when_over()

    async def join(self, room: str, since: str = "", *, is_present: bool = False) -> Position:
        """Return when whatever is published to `room` from now on will reach this connection.

        What was published after the offset `since` is told first, in order and once, if the room
        still has all of it; the returned position says so. While the broker is away this waits;
        the handler ends with the connection in any case.

        Others in the room are told of the person who `is_present` (`presence.joined`).
        """
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
        """Return a position in a room with what has been told there since it was taken."""
        return position.not_before(self._hub.last_told(room))

    async def leave(self, room: str) -> None:
        self.rooms.discard(room)
        if room in self._present_in:
            await self._hub.presence.go(room, self._present_in.pop(room))
        await self._hub.leave(self, room)

    async def leave_all(self) -> None:
        for room in tuple(self.rooms):
            await self.leave(room)

    async def _become_present(self, room: str) -> None:
        if room in self.rooms:  # and has not been left meanwhile
            self._present_in[room] = person = str(self.user.pk)
            await self._hub.presence.enter(room, person)

    async def present_in(self, room: str) -> list[str]:
        """Return the ids of the people who are present in a room."""
        return await self._hub.presence.of(room)

    def write(self, frame: str) -> None:
        """Send a ready frame at once, behind what waits in the outbox."""
        self._put(frame)
        self.flush()

    def write_soon(self, frame: str, *, is_lossy: bool = False) -> None:
        """Send a ready frame at the end of this turn of the loop, with all others until then.

        This is the way for what many are told: a lossy frame is skipped for a slow reader.
        """
        if is_lossy and self.is_slow:
            return
        self._put(frame)
        if len(self._outbox) == 1:
            self._hub.flush_soon(self)

    def _put(self, frame: str) -> None:
        """Put a frame in the outbox; cut the connection off if the outbox is full."""
        if self.is_closed:
            return
        size = self._outbox_size + len(frame)
        if size + self._unread_at_flush > self._limits.outbox_size and not self._has_room_for(size):
            self._cut_off()
            return
        self.told += 1
        self._outbox_size = size
        self._outbox.append(frame)

    def flush(self) -> None:
        """Hand everything of this turn of the loop to the line."""
        frames, self._outbox, self._outbox_size = self._outbox, [], 0
        if frames:
            self._line.write(frames)
            self._unread_at_flush = self._line.unread

    def has_room_for(self, frames: list[str]) -> bool:
        """Tell whether all of this may pile up unread, with as much again."""
        return (self.unread + sum(map(len, frames))) * 2 <= self._limits.outbox_size

    def _has_room_for(self, size: int) -> bool:
        self._unread_at_flush = self._line.unread  # the reader has gone on since
        return size + self._unread_at_flush <= self._limits.outbox_size

    def _cut_off(self) -> None:
        logger.warning("Closed a websocket that reads too slowly: %s", self.id)
        self._outbox = []
        self._line.abort()  # it reads nothing, so it would not read the rest either
        self._hub.meter.cut_off += 1
        self.end(TOO_SLOW)
