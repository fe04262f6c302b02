"""The broker's absence: told to the log once, and how long to wait before the next attempt."""

import logging
import random

SHORTEST_WAIT = 0.05
LONGEST_WAIT = 5.0

logger = logging.getLogger(__name__)


class Outage:
    """Counts failures in a row; the first one and the recovery are logged."""

    def __init__(self, loss: str) -> None:
        self._loss = loss
        self._failures = 0

    def failed(self, error: BaseException) -> None:
        if not self._failures:
            logger.error("The broker is away, %s: %s", self._loss, error)
        self._failures += 1

    def ended(self) -> None:
        if self._failures:
            logger.info("The broker is back after %d failed attempts.", self._failures)
        self._failures = 0

    def wait(self) -> float:
        """Return seconds, more after each failure, and spread: not all processes return at once."""
        longest = min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** min(self._failures, 10))
        return random.uniform(longest / 2, longest)  # noqa: S311  no secret
