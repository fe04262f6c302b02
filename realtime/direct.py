"""Ready-made frames straight to the socket: `uvicorn --ws realtime.direct:DirectProtocol`.

Under any other server, or with compression, connections send through ASGI as usual.
"""

from functools import lru_cache
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION = "realtime.direct"
FINAL_TEXT = 0x81


class DirectProtocol(WebSocketsSansIOProtocol):
    """Offers itself to the application as an ASGI extension."""

    async def run_asgi(self) -> None:
        if not self.conn.extensions:
            self.scope.setdefault("extensions", {})[EXTENSION] = {"line": DirectLine(self)}
        await super().run_asgi()


class DirectLine:
    """What is written here is in the transport's buffer at once, past ASGI's queue and tasks."""

    def __init__(self, protocol: WebSocketsSansIOProtocol) -> None:
        self._protocol = protocol

    @property
    def unread(self) -> int:
        """How many bytes still wait for the reader."""
        return self._protocol.transport.get_write_buffer_size()

    def write(self, frames: list[str]) -> None:
        protocol = self._protocol
        if not (protocol.disconnected or protocol.close_sent):
            protocol.transport.write(b"".join(map(_ready, frames)))

    def abort(self) -> None:
        self._protocol.transport.abort()


def line_of(scope: dict[str, Any]) -> DirectLine | None:
    """Return the direct line of a connection, where its server has one."""
    line: DirectLine | None = scope.get("extensions", {}).get(EXTENSION, {}).get("line")
    return line


@lru_cache(maxsize=8)
def _ready(text: str) -> bytes:
    """Return a text frame as it goes over the wire; for a thousand readers it is made once."""
    body = text.encode()
    if len(body) < 126:
        head = bytes([FINAL_TEXT, len(body)])
    elif len(body) < 1 << 16:
        head = bytes([FINAL_TEXT, 126]) + len(body).to_bytes(2, "big")
    else:
        head = bytes([FINAL_TEXT, 127]) + len(body).to_bytes(8, "big")
    return head + body
