"""Connections by id, for handlers that send to one or to all connections of their process."""

from collections.abc import Iterable
from typing import Any

from realtime.connections.connection import WebSocketConnection
from realtime.wire.envelope import encode


class ConnectionRouter:
    """A set of connections of this process. To reach other processes too, publish to a room."""

    def __init__(self) -> None:
        self._connections: dict[str, WebSocketConnection] = {}

    def add_connection(self, connection: WebSocketConnection) -> None:
        """Add a connection, usually in a handler of `connected`."""
        self._connections[connection.id] = connection

    def remove_connection(self, connection: WebSocketConnection) -> None:
        """Remove a connection, usually in a handler of `disconnected`; it may be absent."""
        self._connections.pop(connection.id, None)

    def get_connection(self, id: str) -> WebSocketConnection | None:
        """Return the connection with this id, or None."""
        return self._connections.get(id)

    def get_all_connections(self) -> list[WebSocketConnection]:
        """Return all connections, in the order in which they were added."""
        return list(self._connections.values())

    async def broadcast(
        self,
        event_name: str,
        payload: Any = None,
        headers: dict[str, Any] | None = None,
        exclude: Iterable[WebSocketConnection] | None = None,
    ) -> None:
        """Send an event to all connections but `exclude`, without waiting for any client."""
        frame = encode(event_name, payload, headers)
        excluded = {connection.id for connection in exclude or ()}
        for connection in self.get_all_connections():
            if connection.id not in excluded:
                connection.write_soon(frame)

    async def send_to_connection(
        self,
        connection_id: str,
        event_name: str,
        payload: Any = None,
        headers: dict[str, Any] | None = None,
    ) -> bool:
        """Send an event to one connection; return whether it is open and accepted the event."""
        connection = self.get_connection(connection_id)
        if connection is None or connection.is_closed:
            return False
        await connection.send(event_name, payload, headers)
        return not connection.is_closed
