"""The two shapes in which sound comes from an engine."""

from dataclasses import dataclass

# Hertz: of everything that leaves, whatever the engine gave.
RATE = 24_000


@dataclass(frozen=True)
class Samples:
    """16-bit little-endian mono samples."""

    data: bytes
    rate: int = RATE

    @property
    def seconds(self) -> float:
        return len(self.data) / 2 / self.rate


@dataclass(frozen=True)
class Mp3:
    """Whole MP3 frames, as an online engine sent them, without tags between."""

    data: bytes
    seconds: float


Sound = Samples | Mp3


def silence(seconds: float) -> Samples:
    return Samples(bytes(2 * round(seconds * RATE)))
