"""The shapes in which sound comes to an encoder."""

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
    """Whole frames of 24 kHz mono MP3, without tags, that can stand beside any others."""

    data: bytes
    seconds: float


@dataclass(frozen=True)
class Silence:
    """Nothing, for a while."""

    seconds: float

    def samples(self) -> Samples:
        return Samples(bytes(2 * round(self.seconds * RATE)))


Sound = Samples | Mp3 | Silence
