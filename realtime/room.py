"""One room in one process: who is told what, in order and once."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from realtime.connection import WebSocketConnection
from realtime.history import NOWHERE, Offset, Position, refetch_frame, text_of


@dataclass(frozen=True, slots=True)
class Told:
    """A frame, and its place in the room's history if it has one."""

    frame: str
    offset: Offset | None = None
    is_lossy: bool = False


@dataclass(eq=False, slots=True)
class Newcomer:
    """A connection that still catches up; what is told meanwhile waits for it.

    When it has caught up to `position`, the line may still bring what came before that.
    """

    connection: WebSocketConnection
    waiting: list[Told] = field(default_factory=list)
    position: Offset | None = None

    def hear(self, told: Told) -> None:
        if self.position is None:
            self.waiting.append(told)
        elif told.offset is None or told.offset > self.position:
            self.connection.write_soon(told.frame, is_lossy=told.is_lossy)

    def is_level_with(self, offset: Offset) -> bool:
        """Tell whether the line brings nothing any more that was heard already."""
        return self.position is not None and offset >= self.position


class Room:
    def __init__(self, name: str) -> None:
        self.name = name
        self._members: set[WebSocketConnection] = set()
        self._newcomers: dict[WebSocketConnection, Newcomer] = {}
        self._start = NOWHERE
        self._last = NOWHERE
        self._waiting: list[Told] | None = None

    @property
    def last_told(self) -> Offset:
        """The place of what was told last."""
        return self._last

    @property
    def size(self) -> int:
        return len(self._members) + len(self._newcomers)

    @property
    def is_empty(self) -> bool:
        return not self.size

    @property
    def reached(self) -> str:
        """The offset up to which everybody here was told everything; empty if there is none."""
        reached = self._last if self._last > NOWHERE else self._start
        return text_of(reached) if reached > NOWHERE else ""

    def expect(self, connection: WebSocketConnection) -> Newcomer:
        """Keep what is told from now on for a connection that is about to catch up."""
        self._members.discard(connection)
        self._newcomers[connection] = newcomer = Newcomer(connection)
        return newcomer

    def welcome(
        self, newcomer: Newcomer, position: Position, missed: list[tuple[Offset, str]]
    ) -> Position:
        """Tell a newcomer what it missed, and then what waited for it."""
        connection = newcomer.connection
        if self._newcomers.get(connection) is not newcomer:
            return position  # it left, or joined once more
        if not connection.has_room_for([frame for _, frame in missed]):
            position, missed = Position(position.offset, is_complete=False), []
        for _, frame in missed:
            connection.write_soon(frame)
        newcomer.position = position.at
        for told in newcomer.waiting:
            newcomer.hear(told)
        self._start = min(self._start, position.at) if self._start > NOWHERE else position.at
        self._admit([newcomer])
        return position

    def remove(self, connection: WebSocketConnection) -> None:
        self._members.discard(connection)
        self._newcomers.pop(connection, None)

    def hear(self, told: Told) -> None:
        """Tell everybody here, unless the room itself is catching up."""
        if self._waiting is not None:
            self._waiting.append(told)
        elif told.offset is None:
            self._tell(told)
        elif told.offset > self._last:
            self._last = told.offset
            self._tell(told)
            self._admit(tuple(self._newcomers.values()))

    def pause(self) -> None:
        """Keep what is told from now on until the room has caught up."""
        self._waiting = []

    def resume(self, position: Position, missed: list[tuple[Offset, str]]) -> None:
        """Tell everybody what the room missed, or that something was missed for good."""
        waiting, self._waiting = self._waiting or [], None
        if not position.is_complete:
            self._last = position.at
            self._tell(Told(refetch_frame(self.name)))
        for offset, frame in missed:
            self.hear(Told(frame, offset))
        for told in waiting:
            self.hear(told)

    def _tell(self, told: Told) -> None:
        for connection in self._members:
            connection.write_soon(told.frame, is_lossy=told.is_lossy)
        for newcomer in self._newcomers.values():
            newcomer.hear(told)

    def _admit(self, newcomers: Iterable[Newcomer]) -> None:
        for newcomer in newcomers:
            if newcomer.is_level_with(self._last):
                del self._newcomers[newcomer.connection]
                self._members.add(newcomer.connection)
