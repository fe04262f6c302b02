"""Zaptools' connector for FastAPI and Starlette."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from realtime.endpoints.websocket import EventConsumer
from realtime.register import EventRegister


class WebSocket(Protocol):
    """What is used of a Starlette WebSocket that has not been accepted yet."""

    @property
    def scope(self) -> Any:
        """The ASGI scope."""

    @property
    def receive(self) -> Callable[[], Awaitable[Any]]:
        """The ASGI receive function."""

    @property
    def send(self) -> Callable[[Any], Awaitable[None]]:
        """The ASGI send function."""


class FastApiConnector:
    """Serves a WebSocket of a FastAPI endpoint: `await FastApiConnector(register, ws).start()`."""

    def __init__(
        self, register: EventRegister, websocket: WebSocket, connection_id: str | None = None
    ) -> None:
        self.register = register
        self.websocket = websocket
        self.connection_id = connection_id

    async def start(self) -> None:
        """Serve until either side closes the connection."""
        endpoint = EventConsumer.as_asgi(self.register, connection_id=self.connection_id)
        await endpoint(self.websocket.scope, self.websocket.receive, self.websocket.send)
