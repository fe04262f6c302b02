"""Connections by their id, for handlers that speak to one or to all of their process."""

from collections.abc import Iterable
from typing import Any

from realtime.connection import WebSocketConnection
from realtime.envelope import encode


class ConnectionRouter:
    """Holds whatever connections it is given, all of this process; rooms reach beyond it."""

    def __init__(self) -> None:
        self._connections: dict[str, WebSocketConnection] = {}

    def add_connection(self, connection: WebSocketConnection) -> None:
        self._connections[connection.id] = connection

    def remove_connection(self, connection: WebSocketConnection) -> None:
        self._connections.pop(connection.id, None)

    def get_connection(self, id: str) -> WebSocketConnection | None:
        return self._connections.get(id)

    def get_all_connections(self) -> list[WebSocketConnection]:
        return list(self._connections.values())

    async def broadcast(
        self,
        event_name: str,
        payload: Any = None,
        headers: dict[str, Any] | None = None,
        exclude: Iterable[WebSocketConnection] | None = None,
    ) -> None:
        """Send to everyone but `exclude`; nobody waits for anybody, the slowest included."""
        frame = encode(event_name, payload, headers)
        left_out = {connection.id for connection in exclude or ()}
        for connection in self.get_all_connections():
            if connection.id not in left_out:
                connection.write_soon(frame)

    async def send_to_connection(
        self,
        connection_id: str,
        event_name: str,
        payload: Any = None,
        headers: dict[str, Any] | None = None,
    ) -> bool:
        """Return whether the event was put in the outbox of an open connection."""
        connection = self.get_connection(connection_id)
        if connection is None or connection.is_closed:
            return False
        await connection.send(event_name, payload, headers)
        return not connection.is_closed
