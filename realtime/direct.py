"""A uvicorn protocol that reads and writes frames at the socket, bypassing ASGI.

    uvicorn --ws realtime.direct:DirectProtocol --ws-per-message-deflate false

With compression, and under any other protocol or server, connections go through ASGI as usual.
"""

import asyncio
import random
from contextlib import suppress
from typing import Any, cast

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import SecurityError
from websockets.frames import Frame
from websockets.protocol import OPEN, Protocol
from websockets.streams import StreamReader

from realtime.wire.frames import encode_frames, parse_text_frame
from realtime.wire.transport import EXTENSION, ControlCallback, TextCallback

NOT_UTF8, RESTARTING = 1007, 1012
TOO_LONG = 431, "The address or a header is longer than 8 KiB, or there are too many headers."
MALFORMED = 400, "This is no handshake of a websocket."

CLOSES_PER_SECOND = 300
MAX_SPREAD = 3.0  # seconds; the server waits five for its connections to close
CLOSE_TIMEOUT = 1.0  # seconds for a client to read a close frame


class SingleReaderQueue:
    """The part of asyncio.Queue that one reader uses, in a tenth of its memory."""

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


class LazyEvent:
    """The part of asyncio.Event that one writer uses; it allocates a future only when cleared."""

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
    """A WebSocket protocol that offers its transport to the application as an ASGI extension."""

    on_text: TextCallback | None = None
    on_control: ControlCallback | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue = cast("asyncio.Queue[Any]", SingleReaderQueue())
        self.writable = cast("asyncio.Event", LazyEvent())

    async def run_asgi(self) -> None:
        if not self.conn.extensions:
            self.scope["extensions"][EXTENSION] = {"transport": DirectTransport(self)}
        await super().run_asgi()

    async def send(self, message: Any) -> None:
        await super().send(message)
        if self.handshake_complete and message["type"] == "websocket.accept":
            self._release_handshake()

    def _release_handshake(self) -> None:
        """Free the memory of the request, to which the parser refers too: replace the parser."""
        del self.request, self.response
        parser: Any = self.conn.parser
        if self.conn.state is OPEN and is_between_frames(parser.gi_yieldfrom):
            self.conn.parser = Protocol.parse(self.conn)
            next(self.conn.parser)

    def shutdown(self) -> None:
        """Close at a random offset so that reconnects are spread out."""
        spread = min(MAX_SPREAD, len(self.connections) / CLOSES_PER_SECOND)
        self.loop.call_later(random.random() * spread, self._shut_down)  # noqa: S311  no secret

    def _shut_down(self) -> None:
        if not self.transport.is_closing():
            if self.handshake_complete and not self.close_sent:
                self._send_close(RESTARTING, "The server restarts.")
            super().shutdown()
        self.loop.call_later(CLOSE_TIMEOUT, self.transport.abort)

    def _send_close(self, code: int, reason: str) -> None:
        """Send a close frame with a reason, unlike uvicorn, and report it to the application."""
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))

    def keepalive_timeout(self) -> None:
        """Close a connection whose client answers no pings; drop it if the close is not read."""
        super().keepalive_timeout()
        self.loop.call_later(CLOSE_TIMEOUT, self.transport.abort)

    def handle_ping(self) -> None:
        if self.close_sent:
            self.conn.data_to_send()  # a pong after the close frame would only fill the buffer
            return
        super().handle_ping()
        if self.on_control is not None:
            self.on_control()

    def handle_pong(self, event: Frame) -> None:
        super().handle_pong(event)
        if self.on_control is not None:
            self.on_control()

    def handle_cont(self, event: Frame) -> None:
        """Handle a fragment. Empty ones are ignored: uvicorn would collect them without limit."""
        if event.data or event.fin:
            super().handle_cont(event)

    def data_received(self, data: bytes) -> None:
        """Parse complete text frames, as most are; leave the rest to the protocol's own parser."""
        start, end, max_length = 0, len(data), self.config.ws_max_size
        while start < end:
            found = parse_text_frame(data, start, max_length) if self._can_parse_text() else None
            if found is None:
                super().data_received(data[start:])
                self._reject_malformed_handshake()
                return
            text, start = found
            self._pass_on(text)

    def _reject_malformed_handshake(self) -> None:
        """Answer a handshake that could not be parsed, and close; uvicorn would leave it open."""
        error = self.conn.handshake_exc
        if error is None or self.handshake_initiated or self.close_sent:
            return
        self.close_sent = True
        is_too_long = isinstance(error.__cause__, SecurityError)
        self.transport.write(
            self.conn.reject(*(TOO_LONG if is_too_long else MALFORMED)).serialize()
        )
        self.transport.close()

    def send_receive_event_to_app(self) -> None:
        """Pass a text that came in fragments to the callback, too."""
        if self.on_text is None or self.curr_msg_data_type != "text" or self.close_sent:
            super().send_receive_event_to_app()
            return
        frames, self.frames = self.frames, []
        self._pass_on(b"".join(frames))

    def _can_parse_text(self) -> bool:
        conn = self.conn
        is_between_messages = conn.current_size is None and is_between_frames(conn.parser)
        return is_between_messages and conn.state is OPEN and self.on_text is not None

    def _pass_on(self, text: bytes) -> None:
        """Pass a text to the callback, bypassing ASGI's queue and without pausing the reading."""
        assert self.on_text is not None  # noqa: S101  callers have checked
        try:
            decoded = text.decode()
        except UnicodeDecodeError:
            self.conn.send_close(NOT_UTF8, "Text frames must be UTF-8.")
            self.handle_parser_exception()
        else:
            self.on_text(decoded)


def is_between_frames(parser: Any) -> bool:
    """Return whether the parser has read all of the last frame and nothing of the next one."""
    waiting_in = parser.gi_yieldfrom
    return waiting_in is not None and waiting_in.gi_code is StreamReader.at_eof.__code__


class DirectTransport:
    """Writes to asyncio's transport at once, bypassing ASGI's tasks."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: DirectProtocol) -> None:
        self._protocol = protocol

    @property
    def unread(self) -> int:
        return self._protocol.transport.get_write_buffer_size()

    @property
    def is_closing(self) -> bool:
        transport = self._protocol.transport
        return bool(transport.is_closing())

    def listen(self, on_text: TextCallback, on_control: ControlCallback) -> None:
        self._protocol.on_text = on_text
        self._protocol.on_control = on_control

    def write(self, frames: list[str]) -> None:
        protocol = self._protocol
        if not (protocol.disconnected or protocol.close_sent):
            protocol.transport.write(encode_frames(tuple(frames)))

    async def close(self, code: int, reason: str) -> None:
        if not (self._protocol.disconnected or self._protocol.close_sent):
            with suppress(ClientDisconnected):
                message = {"type": "websocket.close", "code": code, "reason": reason}
                await self._protocol.send(message)

    def abort(self) -> None:
        self._protocol.transport.abort()
