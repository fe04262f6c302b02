"""Publications that wait, in order, until Redis is available again."""

import threading
import time
from collections import deque
from collections.abc import Callable

from core.backoff import Backoff
from realtime.rooms.history import refetch_frame
from realtime.rooms.publication import Publication
from realtime.wire.keys import LOSSY, NO_OFFSET

MAX_LENGTH = 10_000
BACKOFF = Backoff(first=0.08, cap=4.0, jitter=0.25)


class Backlog:
    """A bounded queue and a thread that empties it, which runs while the queue is not empty.

    When the queue overflows, the oldest publications are lost, and clients in their rooms are sent
    `system.refetch`.
    """

    def __init__(self, send: Callable[[Publication], bool]) -> None:
        self._send = send
        self._publications: deque[Publication] = deque()
        self._rooms_with_losses: set[str] = set()
        self._lock = threading.Lock()
        self.is_open = False

    def queue_behind_others(self, publication: Publication) -> bool:
        """Queue a publication if others are queued already, which it must not overtake.

        Returns whether there were others. A lossy publication is dropped instead of queued.
        """
        with self._lock:
            if self.is_open and publication.mark != LOSSY:
                self._append(publication)
            return self.is_open

    def queue(self, publication: Publication) -> None:
        """Queue a publication that could not be sent, and start to retry."""
        with self._lock:
            self._append(publication)
            if not self.is_open:
                self.is_open = True
                threading.Thread(target=self._drain, name="realtime-backlog", daemon=True).start()

    def discard(self) -> None:
        """Drop everything that is queued; no room is informed. The thread ends after its pause."""
        with self._lock:
            self._publications.clear()
            self._rooms_with_losses.clear()

    def record_loss(self, publication: Publication) -> None:
        """Send `system.refetch` to the publication's room once the queue is empty."""
        self._rooms_with_losses.add(publication.room)

    def _append(self, publication: Publication) -> None:
        if len(self._publications) >= MAX_LENGTH:
            self.record_loss(self._publications.popleft())
        self._publications.append(publication)

    def _drain(self) -> None:
        failures = 0
        while (publication := self._first()) is not None:
            if self._send(publication):
                self._remove(publication)
                failures = 0
            else:
                failures += 1
                time.sleep(BACKOFF.delay(failures))

    def _first(self) -> Publication | None:
        with self._lock:
            if not self._publications:
                for room in self._rooms_with_losses:
                    self._publications.append(Publication(room, refetch_frame(room), NO_OFFSET))
                self._rooms_with_losses.clear()
            self.is_open = bool(self._publications)
            return self._publications[0] if self._publications else None

    def _remove(self, publication: Publication) -> None:
        with self._lock:
            # It may have been lost to an overflow meanwhile.
            if self._publications and self._publications[0] is publication:
                self._publications.popleft()
