"""What a process could not tell yet: it waits for the broker to come back, in order."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from uuid import uuid4

from realtime.broker import LOSSY, PLACELESS
from realtime.history import refetch_frame

MOST = 10_000

_process = uuid4().hex
_numbers = count()


@dataclass(frozen=True, slots=True)
class Parcel:
    """A frame for a room. What is no part of its history has a mark in the place of an offset."""

    room: str
    frame: str
    mark: str | None = None
    token: str = field(default_factory=lambda: f"{_process}.{next(_numbers)}")


class Backlog:
    """A queue with a thread that empties it, which lives as long as something is queued.

    When it overflows, the oldest are lost, and their rooms are told to fetch anew.
    """

    def __init__(self, send: Callable[[Parcel], bool], wait: Callable[[], float]) -> None:
        self._send = send
        self._wait = wait
        self._parcels: deque[Parcel] = deque()
        self._rooms_with_losses: set[str] = set()
        self._lock = threading.Lock()
        self.is_open = False

    def take_over(self, parcel: Parcel) -> bool:
        """Queue a parcel if others are queued already: it must not overtake them."""
        with self._lock:
            if self.is_open and parcel.mark != LOSSY:
                self._add(parcel)
            return self.is_open

    def open_with(self, parcel: Parcel) -> None:
        """Queue a parcel that could not be sent."""
        with self._lock:
            self._add(parcel)
            if not self.is_open:
                self.is_open = True
                threading.Thread(target=self._drain, name="realtime-backlog", daemon=True).start()

    def lose(self, parcel: Parcel) -> None:
        self._rooms_with_losses.add(parcel.room)

    def _add(self, parcel: Parcel) -> None:
        if len(self._parcels) >= MOST:
            self.lose(self._parcels.popleft())
        self._parcels.append(parcel)

    def _drain(self) -> None:
        while (parcel := self._first()) is not None:
            if self._send(parcel):
                self._remove(parcel)
            else:
                time.sleep(self._wait())

    def _first(self) -> Parcel | None:
        with self._lock:
            if not self._parcels:
                for room in self._rooms_with_losses:
                    self._parcels.append(Parcel(room, refetch_frame(room), PLACELESS))
                self._rooms_with_losses.clear()
            self.is_open = bool(self._parcels)
            return self._parcels[0] if self._parcels else None

    def _remove(self, parcel: Parcel) -> None:
        with self._lock:
            if self._parcels and self._parcels[0] is parcel:  # and has not overflowed meanwhile
                self._parcels.popleft()
