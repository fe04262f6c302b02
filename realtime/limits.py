"""How much one client may ask of a server process."""

import time
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in characters, times in seconds; connections are counted in one process."""

    connections: int = 10_000
    connections_per_person: int = 50
    connections_per_address: int = 1_000
    rooms_per_connection: int = 200
    identify_within: float = 5
    frame_size: int = 64 * 1024
    events_per_second: float = 50
    events_at_once: int = 200
    handlers_at_once: int = 16
    events_waiting: int = 256
    outbox_size: int = 1024 * 1024
    offences_at_once: int = 10
    offences_per_second: float = 0.2
    close_within: float = 5


class Allowance:
    """A token bucket: `at_once` in one go, and `per_second` more as time passes."""

    __slots__ = ("_at_once", "_left", "_per_second", "_seen")

    def __init__(self, per_second: float, at_once: float) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._left = at_once
        self._seen = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(self._at_once, self._left + (now - self._seen) * self._per_second)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Tally:
    """What one connection takes of shared counts, to be given back all at once."""

    __slots__ = ("_counts", "_taken")

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._taken: list[str] = []

    def take(self, name: str, most: int) -> bool:
        if self._counts[name] >= most:
            return False
        self._counts[name] += 1
        self._taken.append(name)
        return True

    def give_back(self) -> None:
        for name in self._taken:
            self._counts[name] -= 1
            if not self._counts[name]:
                del self._counts[name]
        self._taken.clear()
