"""One websocket as handlers see it, and the outbox between it and everyone who writes to it."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from realtime.direct import DirectLine
from realtime.envelope import encode
from realtime.errors import EventError
from realtime.history import UNKNOWN, Position
from realtime.identity import Person
from realtime.limits import Limits

if TYPE_CHECKING:
    from realtime.hub import Hub

Send = Callable[[dict[str, Any]], Awaitable[None]]
TOO_SLOW = 4408

logger = logging.getLogger(__name__)


class WebSocketConnection:
    """Writing never waits for the reader: frames go to a bounded outbox that one task empties.

    A reader that lets the outbox overflow is cut off, so it delays nobody. Frames leave in the
    order in which they were written, whoever wrote them.
    """

    def __init__(
        self, hub: "Hub", user: Person, limits: Limits, line: DirectLine | None = None
    ) -> None:
        self.id = f"zpt-{uuid4()}"
        self.user = user
        self.rooms: set[str] = set()
        self._present_in: dict[str, str] = {}
        self.close_code: int | None = None
        self._hub = hub
        self._limits = limits
        self._line = line
        self._outbox: deque[str] = deque()
        self._outbox_size = 0
        self._written = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    @property
    def is_closed(self) -> bool:
        return self.close_code is not None

    async def send(
        self, event: str, payload: Any = None, headers: dict[str, Any] | None = None
    ) -> None:
        """Put an event in the outbox. On a closed connection it is dropped."""
        self.write(encode(event, payload, headers))

    async def close(self, code: int = 1000) -> None:
        """Close when everything written so far has left, or soon if the reader does not read."""
        self.end(code)

    def end(self, code: int) -> None:
        if self.is_closed:
            return
        self.close_code = code
        self._written.set()
        asyncio.get_running_loop().call_later(self._limits.close_within, self.abort)

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
        return position

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

    def write(self, frame: str, *, is_lossy: bool = False) -> None:
        """Put a ready frame in the outbox; cut the connection off if the outbox is full.

        A lossy frame is skipped while the outbox is more than half full.
        """
        if self.is_closed or (is_lossy and self._unread * 2 > self._limits.outbox_size):
            return
        if self._unread + len(frame) > self._limits.outbox_size:
            logger.warning("Closed a websocket that reads too slowly: %s", self.id)
            self.close_code = TOO_SLOW
            self.abort()
            return
        self._outbox.append(frame)
        self._outbox_size += len(frame)
        if self._line is None:
            self._written.set()
        elif len(self._outbox) == 1:
            asyncio.get_running_loop().call_soon(self._flush, self._line)

    def has_room_for(self, frames: list[str]) -> bool:
        """Tell whether all of this may pile up unread, with as much again."""
        return (self._unread + sum(map(len, frames))) * 2 <= self._limits.outbox_size

    def start_writing(self, send: Send) -> asyncio.Task[None]:
        self._writer = asyncio.create_task(self._write_outbox(send))
        return self._writer

    def abort(self) -> None:
        """Stop writing at once and forget what is in the outbox."""
        self._outbox.clear()
        if self._line is not None and self.close_code == TOO_SLOW:
            self._line.abort()  # it reads nothing, so it would not read a goodbye either
        if self._writer is not None:
            self._writer.cancel()

    @property
    def _unread(self) -> int:
        return self._outbox_size + (self._line.unread if self._line else 0)

    def _flush(self, line: DirectLine) -> None:
        """Write everything of this turn of the loop at once."""
        frames = list(self._outbox)
        self._outbox.clear()
        self._outbox_size = 0
        if frames:
            line.write(frames)

    async def _write_outbox(self, send: Send) -> None:
        while self._outbox or not self.is_closed:
            await self._written.wait()
            self._written.clear()
            if self._line is not None:
                self._flush(self._line)
            while self._outbox:
                frame = self._outbox.popleft()
                await send({"type": "websocket.send", "text": frame})
                self._outbox_size -= len(frame)
