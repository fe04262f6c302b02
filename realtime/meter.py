"""What a process has heard and told so far, and how much a second lately."""

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from realtime.connection import WebSocketConnection


class Meter:
    """Counts of the connections that have gone; those that are open know theirs themselves."""

    def __init__(self) -> None:
        self.cut_off = 0
        self.heard_rate = 0.0
        self.told_rate = 0.0
        self._heard = 0
        self._told = 0
        self._sampled = time.monotonic(), 0, 0

    def leave(self, connection: "WebSocketConnection") -> None:
        self._heard += connection.heard
        self._told += connection.told

    def totals(self, connections: Collection["WebSocketConnection"]) -> tuple[int, int]:
        """Return how many events have been heard and told, with those of open connections."""
        open_now = tuple(connections)
        heard = self._heard + sum(each.heard for each in open_now)
        return heard, self._told + sum(each.told for each in open_now)

    def sample(self, connections: Collection["WebSocketConnection"]) -> None:
        """Note how much it was since the last sample."""
        then, heard_then, told_then = self._sampled
        heard, told = self.totals(connections)
        self._sampled = now, _, _ = time.monotonic(), heard, told
        if now > then:
            self.heard_rate = round((heard - heard_then) / (now - then), 1)
            self.told_rate = round((told - told_then) / (now - then), 1)
