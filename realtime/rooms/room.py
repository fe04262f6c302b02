"""Fan-out in one room of one process: each member receives each event in order and once."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from realtime.connections.connection import WebSocketConnection
from realtime.rooms.history import refetch_frame
from realtime.wire.offsets import NOWHERE, Offset, Position, text_of


@dataclass(frozen=True, slots=True)
class RoomEvent:
    """An encoded event, and its offset if it is stored in the room's history."""

    frame: str
    offset: Offset | None = None
    is_lossy: bool = False


@dataclass(eq=False, slots=True)
class JoiningMember:
    """A connection that is catching up with the history; events are queued for it meanwhile.

    Once it has caught up to `position`, the subscription may still deliver older events.
    """

    connection: WebSocketConnection
    queued: list[RoomEvent] = field(default_factory=list)
    position: Offset | None = None

    def deliver(self, event: RoomEvent) -> None:
        """Queue the event while catching up; send it afterwards, unless the history had it."""
        if self.position is None:
            self.queued.append(event)
        elif event.offset is None or event.offset > self.position:
            self.connection.write_soon(event.frame, is_lossy=event.is_lossy)

    def discard_recorded(self) -> None:
        """Drop queued events that the next page of the history contains, and lossy ones."""
        self.queued = [event for event in self.queued if not (event.offset or event.is_lossy)]

    def has_caught_up(self, offset: Offset) -> bool:
        """Return whether all events after `offset` are new to the connection."""
        return self.position is not None and offset >= self.position


class Room:
    """The connections of this process that have joined a room."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._members: set[WebSocketConnection] = set()
        self._joining: dict[WebSocketConnection, JoiningMember] = {}
        self._start = NOWHERE
        self._last = NOWHERE
        self._queued: list[RoomEvent] | None = None

    @property
    def last_offset(self) -> Offset:
        """The offset of the last event that was delivered here."""
        return self._last

    @property
    def size(self) -> int:
        return len(self._members) + len(self._joining)

    @property
    def is_empty(self) -> bool:
        return not self.size

    @property
    def reached(self) -> str:
        """The offset up to which all members received everything; empty if there is none."""
        reached = self._last if self._last > NOWHERE else self._start
        return text_of(reached) if reached > NOWHERE else ""

    def begin_join(self, connection: WebSocketConnection) -> JoiningMember:
        """Queue events from now on for a connection that is about to catch up."""
        self._members.discard(connection)
        self._joining[connection] = joining = JoiningMember(connection)
        return joining

    def complete_join(
        self, joining: JoiningMember, position: Position, missed: list[tuple[Offset, str]]
    ) -> Position:
        """Send the connection the events that it missed, and then the queued ones."""
        connection = joining.connection
        if self._joining.get(connection) is not joining:
            return position  # it has left, or joined once more
        for _, frame in missed:
            connection.write_soon(frame)
        joining.position = position.at
        for event in joining.queued:
            joining.deliver(event)
        self._start = min(self._start, position.at) if self._start > NOWHERE else position.at
        self._promote([joining])
        return position

    def remove(self, connection: WebSocketConnection) -> None:
        self._members.discard(connection)
        self._joining.pop(connection, None)

    def deliver(self, event: RoomEvent) -> None:
        """Send an event to all members; queue it while the room itself is catching up."""
        if self._queued is not None:
            self._queued.append(event)
        elif event.offset is None:
            self._send(event)
        elif event.offset > self._last:
            self._last = event.offset
            self._send(event)
            self._promote(tuple(self._joining.values()))

    def pause(self) -> None:
        """Queue events from now on, until `resume`."""
        self._queued = []

    def resume(self, position: Position, missed: list[tuple[Offset, str]]) -> None:
        """Send the events that the room missed, or `system.refetch` if some are lost."""
        queued, self._queued = self._queued or [], None
        if not position.is_complete:
            self._last = position.at
            self._send(RoomEvent(refetch_frame(self.name)))
        for offset, frame in missed:
            self.deliver(RoomEvent(frame, offset))
        for event in queued:
            self.deliver(event)

    def _send(self, event: RoomEvent) -> None:
        for connection in self._members:
            connection.write_soon(event.frame, is_lossy=event.is_lossy)
        for joining in self._joining.values():
            joining.deliver(event)

    def _promote(self, joining: Iterable[JoiningMember]) -> None:
        """Make those that have caught up ordinary members."""
        for each in joining:
            if each.has_caught_up(self._last):
                del self._joining[each.connection]
                self._members.add(each.connection)
