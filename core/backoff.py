"""Delays between attempts that grow with each failure."""

import random
from dataclasses import dataclass

MAX_EXPONENT = 64  # larger powers of 2 are far beyond any cap, and finally overflow


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff: `first` seconds, then `factor` times as long, up to `cap`.

    `jitter` varies each delay by that fraction in both directions, so that clients that failed
    together do not all retry together.
    """

    first: float
    cap: float = float("inf")
    factor: float = 2.0
    jitter: float = 0.0

    def delay(self, failures: int) -> float:
        """Return the seconds to wait after so many failures in a row; 0 after none."""
        if failures < 1:
            return 0.0
        delay = min(self.first * self.factor ** min(failures - 1, MAX_EXPONENT), self.cap)
        return delay * random.uniform(1 - self.jitter, 1 + self.jitter)  # noqa: S311  no secret
