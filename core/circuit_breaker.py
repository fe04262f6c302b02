"""A circuit breaker: while a server is known to be down, calls to it fail at once."""

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic

from core.backoff import Backoff

logger = logging.getLogger(__name__)

TRIAL = -1


class CircuitBreaker:
    """Shared by all threads of a process that call one server.

    It opens when a call fails and no other call has succeeded since that one began, so a server
    that is merely busy does not open it. While it is open, `begin` raises what `unavailable`
    returns, except for one trial at a time after a delay by `backoff`; a trial that succeeds
    closes it.

    Only exceptions of the classes `failures` count as failures: after any other one the server has
    answered. The first failure and the recovery are logged.
    """

    def __init__(
        self,
        name: str,
        failures: tuple[type[Exception], ...],
        unavailable: Callable[[], Exception],
        backoff: Backoff,
    ) -> None:
        self._name = name
        self._failure_classes = failures
        self._unavailable = unavailable
        self._backoff = backoff
        self._lock = Lock()
        self._successes = 0
        self._failures = 0  # in a row; the breaker is open while there are any
        self._next_trial = 0.0
        self._is_trial_running = False
        self._opened_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether an outage is going on."""
        return self._failures > 0

    def begin(self) -> int:
        """Return a mark for `end`, which is `TRIAL` for a trial; raise during an outage."""
        return self._begin_trial() if self._failures else self._successes

    def end(self, mark: int, error: BaseException | None = None) -> None:
        """Record how the call that `begin` has returned `mark` for ended."""
        if error is not None and isinstance(error, self._failure_classes):
            # A call that began before the outage was known does not postpone the next trial.
            if mark == TRIAL or (mark == self._successes and not self._failures):
                self.open(error)
        elif error is None or isinstance(error, Exception):
            self._successes += 1
            if self._failures:
                self._close()
        if mark == TRIAL:
            self._is_trial_running = False

    def open(self, error: BaseException) -> None:
        """Treat the server as down until a trial succeeds."""
        with self._lock:
            if not self._failures:
                self._opened_at = monotonic()
                logger.error("%s does not answer: %s", self._name, error)
            self._failures += 1
            self._next_trial = monotonic() + self._backoff.delay(self._failures)

    def _begin_trial(self) -> int:
        with self._lock:
            if not self._failures:
                return self._successes
            if self._is_trial_running or monotonic() < self._next_trial:
                raise self._unavailable()
            self._is_trial_running = True
            return TRIAL

    def _close(self) -> None:
        with self._lock:
            if self._failures:
                self._failures = 0
                duration = monotonic() - self._opened_at
                logger.info("%s answers again after %.1f s.", self._name, duration)
