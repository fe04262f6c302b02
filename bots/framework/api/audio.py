"""Duration and waveform of voice messages."""

import io
from array import array
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from core.lazy import LazyModule

if TYPE_CHECKING:
    import av
else:
    av = LazyModule("av")


BARS = 64
MAX_LEVEL = 31
# Hz, enough for a waveform. An hour of samples needs 58 MB.
RATE = 8000
MAX_SECONDS = 60 * 60
# Formats that cannot refer to other files, which FFmpeg would open.
FORMATS = "aac,flac,mov,mp3,ogg,matroska,wav"


class NotAudio(ValueError):
    """The file is not MP3, AAC, Opus, Vorbis, FLAC or WAV, is empty, or is longer than an hour."""


def voice_facts(content: bytes) -> dict[str, int | str]:
    """Return `duration_ms` and `waveform` of an audio file; raises NotAudio."""
    try:
        samples = _decode(content)
    except (av.FFmpegError, IndexError) as error:
        raise NotAudio(NotAudio.__doc__) from error
    duration_ms = len(samples) * 1000 // RATE
    if duration_ms < 1:
        raise NotAudio(NotAudio.__doc__)
    return {"duration_ms": duration_ms, "waveform": waveform(samples)}


def waveform(samples: Sequence[int]) -> str:
    """Return the levels of the samples for Pachca, such as "4,8,12"; at most 256 characters.

    Levels are 0 to 31, relative to the loudest sample.
    """
    step = max(1, -(-len(samples) // BARS))
    parts = (samples[start : start + step] for start in range(0, len(samples), step))
    peaks = [max(max(part), -min(part)) for part in parts]
    loudest = max(peaks, default=0) or 1
    return ",".join(str(round(peak * MAX_LEVEL / loudest)) for peak in peaks)


def _decode(content: bytes) -> "array[int]":
    """Return 16-bit mono samples. Raises NotAudio if the sound is too long."""
    samples = array("h")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(io.BytesIO(content), "r", options={"format_whitelist": FORMATS}) as container:
        for decoded in chain(container.decode(audio=0), [None]):
            for frame in resampler.resample(decoded):
                samples.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
            if len(samples) > MAX_SECONDS * RATE:
                raise NotAudio(NotAudio.__doc__)
    return samples
