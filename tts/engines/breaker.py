"""A circuit breaker for an engine, shared by all processes through the cache."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from django.core.cache import cache
from redis import RedisError

from tts.errors import EngineFailed

logger = logging.getLogger(__name__)

# Seconds.
REFUSAL_PAUSE, FAILURE_PAUSE, MAX_PAUSE = 300.0, 30.0, 3600.0
FAILURE_WINDOW = 60
TRIAL_TIMEOUT = 60
TRIP_TTL = 24 * 3600
MAX_FAILURES = 3


class State(StrEnum):
    """Requests pass (closed), fail at once (open), or one passes as a trial (half-open)."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Refused(EngineFailed):
    """The server refuses requests; `retry_after` is the number of seconds it named, if any."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Trip:
    """Why the breaker is open, until when (Unix time), and for how many seconds in total."""

    reason: str
    until: float
    pause: float


class Breaker:
    """Guards one engine. While the cache does not respond, the state is unknown: it is open."""

    def __init__(self, name: str) -> None:
        self._trip, self._failures, self._trial = (
            f"tts.breaker.{name}.{part}" for part in ("trip", "failures", "trial")
        )

    def state(self) -> State:
        """Return the state; raises `EngineFailed` if the cache does not respond."""
        trip = self.trip()
        if trip is None:
            return State.CLOSED
        return State.OPEN if time.time() < trip.until else State.HALF_OPEN

    def trip(self) -> Trip | None:
        """Return what opened the breaker, None while it is closed; raises `EngineFailed`."""
        with store():
            trip: Trip | None = cache.get(self._trip)
        return trip

    def close(self) -> None:
        """Close the breaker; raises `EngineFailed`."""
        with store():
            cache.delete_many([self._trip, self._failures, self._trial])

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Guard the requests in this block; raises `EngineFailed` while the breaker is open.

        `Refused` opens the breaker at once, another `EngineFailed` after MAX_FAILURES within
        FAILURE_WINDOW. After the pause one trial passes: it closes the breaker, or opens it for
        twice as long.
        """
        trip = self._enter()
        try:
            yield
        except Refused as error:
            self._open(error.reason, error.retry_after or longer(trip, REFUSAL_PAUSE))
            raise
        except EngineFailed as error:
            if trip or self._count_failure() >= MAX_FAILURES:
                self._open(error.reason, longer(trip, FAILURE_PAUSE))
            raise
        finally:
            if trip:
                with store():
                    cache.delete(self._trial)
        if trip:
            self.close()

    def _enter(self) -> Trip | None:
        """Return the trip whose pause is over, None if closed; raises `EngineFailed` if open."""
        trip = self.trip()
        if trip is None:
            return None
        left = trip.until - time.time()
        with store():
            if left > 0 or not cache.add(self._trial, 1, TRIAL_TIMEOUT):
                raise EngineFailed(f"{trip.reason}; the next attempt is in {max(left, 1):.0f} s")
        return trip

    def _count_failure(self) -> int:
        with store():
            cache.add(self._failures, 0, FAILURE_WINDOW)
            try:
                return int(cache.incr(self._failures))
            except ValueError:  # the window has just ended
                return 1

    def _open(self, reason: str, pause: float) -> None:
        pause = min(pause, TRIP_TTL)
        logger.warning("The circuit breaker is open for %.0f s: %s", pause, reason)
        with store():
            cache.set(self._trip, Trip(reason, time.time() + pause, pause), TRIP_TTL)


def longer(trip: Trip | None, first: float) -> float:
    return min(trip.pause * 2, MAX_PAUSE) if trip else first


@contextmanager
def store() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise EngineFailed(f"the cache of the circuit breaker does not respond: {error}") from error
