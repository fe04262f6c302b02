"""What a process has heard and told so far."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from realtime.connection import WebSocketConnection


class Meter:
    """Counts of the connections that have gone; those that are open know theirs themselves."""

    def __init__(self) -> None:
        self.heard = 0
        self.told = 0
        self.cut_off = 0

    def leave(self, connection: "WebSocketConnection") -> None:
        self.heard += connection.heard
        self.told += connection.told
