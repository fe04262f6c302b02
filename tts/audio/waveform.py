"""How loud a track is where: what players draw."""

from array import array
from itertools import chain
from typing import IO, TYPE_CHECKING

from core.lazy import LazyModule

if TYPE_CHECKING:
    import av
else:
    av = LazyModule("av")


BARS = 64
LOUDEST = 99
# Hertz: enough to see where somebody speaks.
RATE = 4000


def waveform_of(file: IO[bytes]) -> str:
    """Return the loudness of an audio file in at most 64 numbers from 0 to 99, as "4,8,12"."""
    samples = _samples(file)
    step = max(1, -(-len(samples) // BARS))
    parts = (samples[at : at + step] for at in range(0, len(samples), step))
    peaks = [max(max(part), -min(part)) for part in parts]
    loudest = max(peaks, default=0) or 1
    return ",".join(str(round(peak * LOUDEST / loudest)) for peak in peaks)


def _samples(file: IO[bytes]) -> "array[int]":
    samples = array("h")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(file, "r") as container:
        for decoded in chain(container.decode(audio=0), [None]):
            for frame in resampler.resample(decoded):
                samples.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
    return samples
