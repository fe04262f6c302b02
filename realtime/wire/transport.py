"""What a connection writes to: the interface between the endpoints and `realtime.direct`.

It imports no models: uvicorn imports its protocol class before Django is set up.
"""

from collections.abc import Callable
from typing import Protocol

TextCallback = Callable[[str | None], None]
ControlCallback = Callable[[], None]

EXTENSION = "realtime.direct"
"""The ASGI extension by which `DirectProtocol` offers its transport."""


class Transport(Protocol):
    """Accepts encoded events without waiting for the client to read."""

    @property
    def unread(self) -> int:
        """How much of the output the client has not read yet, in bytes or characters."""

    @property
    def is_closing(self) -> bool:
        """Whether the server is closing the connection without having reported it through ASGI."""

    def listen(self, on_text: TextCallback, on_control: ControlCallback) -> None:
        """Call `on_text` with each text and `on_control` after each ping or pong.

        A transport that receives nothing earlier than ASGI does calls neither.
        """

    def write(self, frames: list[str]) -> None:
        """Send texts in order, as fast as the client reads."""

    async def close(self, code: int, reason: str) -> None:
        """Return when everything written, and the close after it, has been given to the server."""

    def abort(self) -> None:
        """Discard unsent output and drop the connection, as far as the server allows it."""
