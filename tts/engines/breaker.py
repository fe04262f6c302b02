"""A breaker that all processes share: who refused, or failed often, is left alone for a while."""

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
AFTER_REFUSAL, AFTER_FAILURES, LONGEST = 300.0, 30.0, 3600.0
WINDOW = 60
TRIAL = 60
REMEMBERED = 24 * 3600
MOST_FAILURES = 3


class State(StrEnum):
    """Whether the other side may be asked: yes, no, or once to see whether it answers again."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Refused(EngineFailed):
    """The other side does not want to be asked; `retry_after` is what it said, in seconds."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Trip:
    """Why the breaker is open, until when by the system's clock, for how many seconds in all."""

    reason: str
    until: float
    pause: float


class Breaker:
    """Guards one engine. Without its store it is open: nobody knows what the others were told."""

    def __init__(self, name: str) -> None:
        self._trip, self._failures, self._trial = (
            f"tts.breaker.{name}.{part}" for part in ("trip", "failures", "trial")
        )

    def state(self) -> State:
        """Return the state; raises `EngineFailed` when the store does not answer."""
        trip = self.trip()
        if trip is None:
            return State.CLOSED
        return State.OPEN if time.time() < trip.until else State.HALF_OPEN

    def trip(self) -> Trip | None:
        """Return what opened it, until it is closed again; raises `EngineFailed`."""
        with store():
            trip: Trip | None = cache.get(self._trip)
        return trip

    def close(self) -> None:
        """Forget what happened; raises `EngineFailed`."""
        with store():
            cache.delete_many([self._trip, self._failures, self._trial])

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Ask inside of this block; raises `EngineFailed` instead when one must not.

        `Refused` opens the breaker at once, another `EngineFailed` when it comes often. When the
        pause is over one trial is let through: it closes the breaker or opens it for twice as long.
        """
        trip = self._enter()
        try:
            yield
        except Refused as error:
            self._open(error.reason, error.retry_after or longer(trip, AFTER_REFUSAL))
            raise
        except EngineFailed as error:
            if trip or self._count_failure() >= MOST_FAILURES:
                self._open(error.reason, longer(trip, AFTER_FAILURES))
            raise
        finally:
            if trip:
                with store():
                    cache.delete(self._trial)
        if trip:
            self.close()

    def _enter(self) -> Trip | None:
        """Return the trip that is being tried, None when all is well; raises `EngineFailed`."""
        trip = self.trip()
        if trip is None:
            return None
        left = trip.until - time.time()
        with store():
            if left > 0 or not cache.add(self._trial, 1, TRIAL):
                raise EngineFailed(f"{trip.reason}; it is asked again in {max(left, 1):.0f} s")
        return trip

    def _count_failure(self) -> int:
        with store():
            cache.add(self._failures, 0, WINDOW)
            try:
                return int(cache.incr(self._failures))
            except ValueError:  # the minute has just ended
                return 1

    def _open(self, reason: str, pause: float) -> None:
        pause = min(pause, REMEMBERED)
        logger.warning("breaker opened for %.0f s: %s", pause, reason)
        with store():
            cache.set(self._trip, Trip(reason, time.time() + pause, pause), REMEMBERED)


def longer(trip: Trip | None, first: float) -> float:
    return min(trip.pause * 2, LONGEST) if trip else first


@contextmanager
def store() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise EngineFailed(f"the store of the breaker does not answer: {error}") from error
