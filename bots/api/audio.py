"""What a native voice message says of itself: how long it plays, and how loud it is where."""

from array import array
from collections.abc import Sequence

import miniaudio

BARS = 64
LOUDEST = 31
# Enough to see where somebody speaks; an hour of it is 58 MB while the bars are measured.
RATE = 8000
LONGEST_MS = 60 * 60 * 1000


class NotAudio(ValueError):
    """The file is no MP3, WAV, FLAC or Ogg Vorbis, holds no sound, or plays over an hour."""


def voice_facts(content: bytes) -> dict[str, int | str]:
    """Return `duration_ms` and `waveform` of an audio file; raises NotAudio."""
    try:
        samples = _decoded(content)
    except miniaudio.MiniaudioError as error:
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
    """Return the sound as mono samples of 16 bits."""
    told = _told_duration_ms(content)
    if told > LONGEST_MS:
        raise NotAudio(NotAudio.__doc__)
    samples: array[int] = miniaudio.decode(
        content, output_format=miniaudio.SampleFormat.SIGNED16, nchannels=1, sample_rate=RATE
    ).samples
    return samples


def _told_duration_ms(content: bytes) -> float:
    for info in (
        miniaudio.mp3_get_info,
        miniaudio.wav_get_info,
        miniaudio.flac_get_info,
        miniaudio.vorbis_get_info,
    ):
        try:
            return float(info(content).duration * 1000)
        except miniaudio.DecodeError:
            continue
    raise NotAudio(NotAudio.__doc__)
