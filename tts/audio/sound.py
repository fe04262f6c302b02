"""Sound as engines give it."""

from dataclasses import dataclass

# Hertz: of everything that leaves, whatever the engine gave.
RATE = 24_000


@dataclass(frozen=True)
class Samples:
    """16-bit little-endian mono samples.

    `gain` is in decibels and yet to be applied, where there is headroom for it.
    """

    data: bytes
    rate: int = RATE
    gain: float = 0.0

    @property
    def seconds(self) -> float:
        return len(self.data) / 2 / self.rate


@dataclass(frozen=True)
class Silence:
    """Nothing, for a while."""

    seconds: float

    def samples(self) -> Samples:
        return Samples(bytes(2 * round(self.seconds * RATE)))


Sound = Samples | Silence
