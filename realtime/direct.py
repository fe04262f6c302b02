"""Frames straight from and to the socket: `uvicorn --ws realtime.direct:DirectProtocol`.

Under any other server, or with compression, connections go through ASGI as usual.
"""

import asyncio
import random
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import OPEN, Protocol
from websockets.streams import StreamReader

from realtime.frames import frames_of, text_in
from realtime.lines import Hear

EXTENSION = "realtime.direct"
NOT_UTF8 = 1007

SENT_AWAY_A_SECOND = 300
LONGEST_SPREAD = 3.0  # seconds; the server waits five for its connections to end


class Mailbox:
    """As much of asyncio's Queue as one reader needs, in a tenth of its size."""

    __slots__ = ("_arrived", "_messages")

    def __init__(self) -> None:
        self._messages: list[Any] = []
        self._arrived: asyncio.Future[None] | None = None

    def put_nowait(self, message: Any) -> None:
        self._messages.append(message)
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)

    async def get(self) -> Any:
        if not self._messages:
            self._arrived = asyncio.get_running_loop().create_future()
            await self._arrived
        return self._messages.pop(0)

    def empty(self) -> bool:
        return not self._messages


class Gate:
    """As much of asyncio's Event as a writer needs; it makes room for waiters when they come."""

    __slots__ = ("_opened",)

    def __init__(self) -> None:
        self._opened: asyncio.Future[None] | None = None

    def set(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.set_result(None)

    def clear(self) -> None:
        if self._opened is None:
            self._opened = asyncio.get_running_loop().create_future()

    async def wait(self) -> None:
        if self._opened is not None:
            await asyncio.shield(self._opened)


class DirectProtocol(WebSocketsSansIOProtocol):
    """Offers itself to the application as an ASGI extension; an idle connection is small."""

    hear: Hear | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue = cast("asyncio.Queue[Any]", Mailbox())
        self.writable = cast("asyncio.Event", Gate())

    async def run_asgi(self) -> None:
        if not self.conn.extensions:
            self.scope["extensions"][EXTENSION] = {"line": DirectLine(self)}
        await super().run_asgi()

    async def send(self, message: Any) -> None:
        await super().send(message)
        if self.handshake_complete and message["type"] == "websocket.accept":
            self._forget_the_handshake()

    def _forget_the_handshake(self) -> None:
        """Let go of the request, which the parser keeps too: a new one takes over."""
        del self.request, self.response
        parser: Any = self.conn.parser
        if self.conn.state is OPEN and waits_for_a_frame(parser.gi_yieldfrom):
            self.conn.parser = Protocol.parse(self.conn)
            next(self.conn.parser)

    def shutdown(self) -> None:
        """Send the client away, at another moment than the others: they all come back."""
        spread = min(LONGEST_SPREAD, len(self.connections) / SENT_AWAY_A_SECOND)
        self.loop.call_later(random.random() * spread, self._shut_down)  # noqa: S311  no secret

    def _shut_down(self) -> None:
        if not self.transport.is_closing():
            super().shutdown()

    def data_received(self, data: bytes) -> None:
        """Read texts that came whole, as nearly all do; leave the rest to the parser."""
        start, end, longest = 0, len(data), self.config.ws_max_size
        while start < end:
            found = text_in(data, start, longest) if self._awaits_a_text() else None
            if found is None:
                super().data_received(data[start:])
                return
            text, start = found
            self._hand_over(text)

    def send_receive_event_to_app(self) -> None:
        """Hand over a text too that came in parts."""
        if self.hear is None or self.curr_msg_data_type != "text" or self.close_sent:
            super().send_receive_event_to_app()
            return
        frames, self.frames = self.frames, []
        self._hand_over(b"".join(frames))

    def _awaits_a_text(self) -> bool:
        conn = self.conn
        is_between_messages = conn.current_size is None and waits_for_a_frame(conn.parser)
        return is_between_messages and conn.state is OPEN and self.hear is not None

    def _hand_over(self, text: bytes) -> None:
        """Give a text to whoever listens, past ASGI's queue and without a pause in reading."""
        assert self.hear is not None  # noqa: S101  whoever calls this has looked
        try:
            decoded = text.decode()
        except UnicodeDecodeError:
            self.conn.send_close(NOT_UTF8)
            self.handle_parser_exception()
        else:
            self.hear(decoded)


def waits_for_a_frame(parser: Any) -> bool:
    """Tell whether the parser has read all of the last frame, and nothing of the next one."""
    waits_in = parser.gi_yieldfrom
    return waits_in is not None and waits_in.gi_code is StreamReader.at_eof.__code__


class DirectLine:
    """What is written here is in the transport's buffer at once, past ASGI's tasks."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: DirectProtocol) -> None:
        self._protocol = protocol

    @property
    def unread(self) -> int:
        return self._protocol.transport.get_write_buffer_size()

    def listen(self, hear: Hear) -> None:
        self._protocol.hear = hear

    def write(self, frames: list[str]) -> None:
        protocol = self._protocol
        if not (protocol.disconnected or protocol.close_sent):
            protocol.transport.write(frames_of(tuple(frames)))

    async def close(self, code: int) -> None:
        if not (self._protocol.disconnected or self._protocol.close_sent):
            await self._protocol.send({"type": "websocket.close", "code": code, "reason": None})

    def abort(self) -> None:
        self._protocol.transport.abort()


def line_of(scope: dict[str, Any]) -> DirectLine | None:
    """Return the direct line of a connection, where its server has one."""
    line: DirectLine | None = scope.get("extensions", {}).get(EXTENSION, {}).get("line")
    return line
