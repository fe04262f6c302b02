"""Limits on what a client may use of a server process."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings


def _setting(name: str, default: int) -> Callable[[], int]:
    return lambda: int(getattr(settings, name, default))


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of an endpoint: sizes in characters, times in seconds, connections per process.

    A connection counts towards `connections_per_person` once its user is authenticated, and
    towards `connections_per_address` until then.
    """

    connections: int = field(default_factory=_setting("REALTIME_MAX_CONNECTIONS", 10_000))
    connections_per_person: int = field(
        default_factory=_setting("REALTIME_MAX_CONNECTIONS_PER_PERSON", 50)
    )
    connections_per_address: int = field(
        default_factory=_setting("REALTIME_MAX_CONNECTIONS_PER_ADDRESS", 1_000)
    )
    rooms_per_connection: int = 200
    identify_within: float = 5
    """Time for a client to authenticate."""
    frame_size: int = 64 * 1024
    events_per_second: float = 50
    """Rate of events and control frames that a connection may send, after a burst."""
    events_at_once: int = 200
    """The burst."""
    handlers_at_once: int = 16
    """Handlers of a connection that run concurrently."""
    events_waiting: int = 256
    """Events of a connection that wait for a handler to end."""
    outbox_size: int = 1024 * 1024
    """Unread output at which a connection is closed."""
    offences_at_once: int = 10
    """Protocol violations that do not close the connection."""
    offences_per_second: float = 0.2
    """Rate at which that number recovers."""
    close_within: float = 5
    """Time for a client to read what is left, and for handlers to end."""


class TokenBucket:
    """Allows `burst` events at once and `rate` more per second."""

    __slots__ = ("_burst", "_rate", "_tokens", "_updated_at")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._updated_at = time.monotonic()

    def take(self) -> bool:
        """Take a token; return whether there was one."""
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._updated_at) * self._rate)
        self._updated_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Reservation:
    """The places that one connection occupies in shared counts; all are released together."""

    __slots__ = ("_counts", "_reserved")

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._reserved: list[str] = []

    def reserve(self, name: str, limit: int) -> bool:
        """Occupy a place of `name`; return whether one was free."""
        if self._counts[name] >= limit:
            return False
        self._counts[name] += 1
        self._reserved.append(name)
        return True

    def release(self) -> None:
        """Give all places back."""
        for name in self._reserved:
            self._counts[name] -= 1
            if not self._counts[name]:
                del self._counts[name]
        self._reserved.clear()
