"""Output of one connection: through ASGI, or straight to the socket (see `realtime.direct`)."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from realtime.connections.sockets import Socket
from realtime.connections.tasks import start
from realtime.wire.transport import EXTENSION, ControlCallback, TextCallback, Transport

Send = Callable[[dict[str, Any]], Awaitable[None]]
DISCONNECTED = (OSError, RuntimeError)
"""What sending to a disconnected client raises: under ASGI, and by Starlette's class."""


class AsgiTransport:
    """Sends through ASGI under any server, in a task that runs while there is output.

    With the `socket` of the connection, `unread` includes the server's own buffer and `abort`
    closes the socket. Without one, only the server can close a connection that is not read.
    """

    __slots__ = ("_frames", "_pending", "_send", "_socket", "_writer")

    def __init__(self, send: Send, socket: Socket | None = None) -> None:
        self._pending = 0
        self._send = send
        self._socket = socket
        self._frames: list[str] = []
        self._writer: asyncio.Task[None] | None = None

    @property
    def unread(self) -> int:
        return self._pending + (self._socket.unread if self._socket else 0)

    @property
    def is_closing(self) -> bool:
        return self._socket is not None and self._socket.is_closing

    def listen(self, on_text: TextCallback, on_control: ControlCallback) -> None:
        """Do nothing: the caller receives through ASGI."""

    def write(self, frames: list[str]) -> None:
        self._frames += frames
        self._pending += sum(map(len, frames))
        if self._writer is None or self._writer.done():
            self._writer = start(self._write())

    async def close(self, code: int, reason: str) -> None:
        if self._writer is not None:
            await asyncio.wait({self._writer})
        with suppress(*DISCONNECTED):
            await self._send({"type": "websocket.close", "code": code, "reason": reason})

    def abort(self) -> None:
        self._frames = []
        self._pending = 0
        if self._writer is not None:
            self._writer.cancel()
        if self._socket is not None:
            self._socket.abort()

    async def _write(self) -> None:
        try:
            while self._frames:
                frames, self._frames = self._frames, []
                for frame in frames:
                    await self._send({"type": "websocket.send", "text": frame})
                    self._pending = max(0, self._pending - len(frame))
        except DISCONNECTED:
            self._frames = []  # the caller learns of it when it receives
            self._pending = 0


def direct_transport(scope: dict[str, Any]) -> Transport | None:
    """Return the transport that `DirectProtocol` offers; None under any other protocol class."""
    transport: Transport | None = scope.get("extensions", {}).get(EXTENSION, {}).get("transport")
    return transport
