"""The events that the server itself answers, the same in every register."""

from realtime.connection import WebSocketConnection
from realtime.envelope import Envelope
from realtime.errors import EventError


async def answer(connection: WebSocketConnection, envelope: Envelope) -> None:
    """Answer at once, whatever the connection's handlers are busy with."""
    match envelope.event_name:
        case "system.ping":
            await connection.send("system.pong", envelope.payload, envelope.reply_headers)
        case name:
            raise EventError("unknown_event", f"There is no event {name[:100]}.")
