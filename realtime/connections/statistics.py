"""Counts and rates of events of one process."""

import time
from collections.abc import Collection

from realtime.connections.connection import WebSocketConnection


class EventStatistics:
    """Events received and sent: the counts of closed connections, and rates of all.

    An open connection has its own counts, which `totals` adds.
    """

    def __init__(self) -> None:
        self.cut_off = 0
        """Connections closed because their clients read too slowly."""
        self.received_rate = 0.0
        self.sent_rate = 0.0
        self._received = 0
        self._sent = 0
        self._sample = time.monotonic(), 0, 0

    def add_closed(self, connection: WebSocketConnection) -> None:
        """Add the counts of a connection that has closed."""
        self._received += connection.received
        self._sent += connection.sent

    def totals(self, connections: Collection[WebSocketConnection]) -> tuple[int, int]:
        """Return how many events were received and sent, those of open `connections` included."""
        open_now = tuple(connections)
        received = self._received + sum(each.received for each in open_now)
        return received, self._sent + sum(each.sent for each in open_now)

    def sample(self, connections: Collection[WebSocketConnection]) -> None:
        """Compute the rates, in events per second, since the last sample."""
        sampled_at, received_then, sent_then = self._sample
        received, sent = self.totals(connections)
        self._sample = now, _, _ = time.monotonic(), received, sent
        if now > sampled_at:
            self.received_rate = round((received - received_then) / (now - sampled_at), 1)
            self.sent_rate = round((sent - sent_then) / (now - sampled_at), 1)
