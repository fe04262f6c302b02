"""What a native voice message says of itself: how long it plays, and how loud it is where."""

import io
from array import array
from collections.abc import Sequence
from itertools import chain

import av

BARS = 64
LOUDEST = 31
# Enough to see where somebody speaks; an hour of it is 58 MB while the bars are measured.
RATE = 8000
LONGEST = 60 * 60  # seconds
# None of them can name other files, which would then be opened.
FORMATS = "aac,flac,mov,mp3,ogg,matroska,wav"


class NotAudio(ValueError):
    """The file is no MP3, AAC, Opus, Vorbis, FLAC or WAV, holds no sound, or plays over an hour."""


def voice_facts(content: bytes) -> dict[str, int | str]:
    """Return `duration_ms` and `waveform` of an audio file; raises NotAudio."""
    try:
        samples = _decoded(content)
    except (av.FFmpegError, IndexError) as error:
        raise NotAudio(NotAudio.__doc__) from error
    duration_ms = len(samples) * 1000 // RATE
    if duration_ms < 1:
        raise NotAudio(NotAudio.__doc__)
    return {"duration_ms": duration_ms, "waveform": waveform(samples)}


def waveform(samples: Sequence[int]) -> str:
    """Return the loudness of the samples as Pachca draws it: at most 256 characters of "4,8,12".

    The numbers go from 0 to 31, relative to the loudest sample; any scale of samples will do.
    """
    step = max(1, -(-len(samples) // BARS))
    parts = (samples[start : start + step] for start in range(0, len(samples), step))
    peaks = [max(max(part), -min(part)) for part in parts]
    loudest = max(peaks, default=0) or 1
    return ",".join(str(round(peak * LOUDEST / loudest)) for peak in peaks)


def _decoded(content: bytes) -> "array[int]":
    """Return the sound as mono samples of 16 bits; raises NotAudio as soon as it plays too long."""
    samples = array("h")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(io.BytesIO(content), "r", options={"format_whitelist": FORMATS}) as container:
        for decoded in chain(container.decode(audio=0), [None]):
            for frame in resampler.resample(decoded):
                samples.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
            if len(samples) > LONGEST * RATE:
                raise NotAudio(NotAudio.__doc__)
    return samples
