"""The ways out to one reader: through ASGI, or straight to the socket (see `direct`)."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol

from realtime.tasks import start

Send = Callable[[dict[str, Any]], Awaitable[None]]
Hear = Callable[[str | None], None]


class Line(Protocol):
    """Takes ready frames without waiting for the reader."""

    @property
    def unread(self) -> int:
        """How much of what was written still waits for the reader."""

    def listen(self, hear: Hear) -> None:
        """Call `hear` with each text that comes, if this line can do so sooner than ASGI."""

    def write(self, frames: list[str]) -> None:
        """Send frames in order, once the reader takes them."""

    async def close(self, code: int) -> None:
        """Return when everything written has left, and the close after it."""

    def abort(self) -> None:
        """Forget what has not left yet."""


class AsgiLine:
    """Sends as any ASGI server has it; a task does so for as long as there is something to send."""

    __slots__ = ("_frames", "_send", "_writer", "unread")

    def __init__(self, send: Send) -> None:
        self.unread = 0
        self._send = send
        self._frames: list[str] = []
        self._writer: asyncio.Task[None] | None = None

    def listen(self, hear: Hear) -> None:
        """Do nothing: whoever serves the connection receives by ASGI."""

    def write(self, frames: list[str]) -> None:
        self._frames += frames
        self.unread += sum(map(len, frames))
        if self._writer is None or self._writer.done():
            self._writer = start(self._write())

    async def close(self, code: int) -> None:
        if self._writer is not None:
            await asyncio.wait({self._writer})
        with suppress(OSError):  # it has gone already
            await self._send({"type": "websocket.close", "code": code})

    def abort(self) -> None:
        self._frames = []
        self.unread = 0
        if self._writer is not None:
            self._writer.cancel()

    async def _write(self) -> None:
        try:
            while self._frames:
                frames, self._frames = self._frames, []
                for frame in frames:
                    await self._send({"type": "websocket.send", "text": frame})
                    self.unread -= len(frame)
        except OSError:
            self._frames = []  # the reader has gone, as whoever receives will hear too
