"""The formats in which speech leaves; an encoder takes sound and gives bytes as soon as it can."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast

import av
import lameenc
from av.audio.stream import AudioStream

from tts.audio.frames import LAYOUT, decode, to_frame
from tts.audio.mp3 import frames
from tts.audio.sound import RATE, Mp3, Samples, Silence, Sound

# Constant, so that players know the length without an index in front.
MP3_KILOBITS = 64
FRAME = 576  # samples


class Encoder(Protocol):
    """Makes one file of 24 kHz mono sound."""

    def add(self, sound: Sound) -> bytes:
        """Return the next bytes of the file, maybe none."""

    def end(self) -> bytes:
        """Return the last bytes."""


class Mp3Encoder:
    """MP3 at a constant rate. Ready-made frames are joined as they are, silent ones between."""

    def __init__(self) -> None:
        self._lame: lameenc.Encoder | None = None

    def add(self, sound: Sound) -> bytes:
        if isinstance(sound, Mp3):
            return self.end() + sound.data
        if isinstance(sound, Silence) and not self._lame:
            return silent_frame() * round(sound.seconds * RATE / FRAME)
        self._lame = self._lame or new_lame()
        return bytes(self._lame.encode(to_samples(sound).data))

    def end(self) -> bytes:
        rest = bytes(self._lame.flush()) if self._lame else b""
        self._lame = None
        return rest


def new_lame() -> lameenc.Encoder:
    lame = lameenc.Encoder()
    lame.silence()
    lame.set_bit_rate(MP3_KILOBITS)
    lame.set_in_sample_rate(RATE)
    lame.set_out_sample_rate(RATE)
    lame.set_channels(1)
    lame.set_quality(5)
    return lame


@cache
def silent_frame() -> bytes:
    """Return a frame of silence: the first of a file, which needs none before it."""
    lame = new_lame()
    return next(frames(bytes(lame.encode(bytes(20 * FRAME))) + bytes(lame.flush()))).data


class PcmEncoder:
    """The bare samples: 16 bit, little-endian, 24 kHz, mono."""

    def add(self, sound: Sound) -> bytes:
        return to_samples(sound).data

    def end(self) -> bytes:
        return b""


class AvEncoder:
    """A container of FFmpeg's, written to memory that is taken away as it fills."""

    def __init__(self, container: str, codec: str, **options: str) -> None:
        self._written = bytearray()
        self._file = av.open(self, "w", format=container, options=options)
        self._stream = cast(AudioStream, self._file.add_stream(codec, rate=RATE))
        self._stream.codec_context.layout = LAYOUT
        self._samples = 0

    def write(self, data: bytes) -> int:
        """Take what FFmpeg writes; without `seek`, it never goes back to mend a header."""
        self._written += data
        return len(data)

    def add(self, sound: Sound) -> bytes:
        samples = to_samples(sound)
        if samples.data:
            frame = to_frame(samples)
            frame.pts = self._samples
            self._samples += frame.samples
            self._file.mux(self._stream.encode(frame))
        return self._take()

    def end(self) -> bytes:
        self._file.mux(self._stream.encode(None))
        self._file.close()
        return self._take()

    def _take(self) -> bytes:
        taken, self._written = bytes(self._written), bytearray()
        return taken


def to_samples(sound: Sound) -> Samples:
    if isinstance(sound, Silence):
        return sound.samples()
    return decode(sound.data) if isinstance(sound, Mp3) else sound


@dataclass(frozen=True)
class Format:
    """A format that can be asked for by `name`."""

    name: str
    content_type: str
    encoder: Callable[[], Encoder]


FORMATS = {
    format.name: format
    for format in (
        Format("mp3", "audio/mpeg", Mp3Encoder),
        Format("opus", "audio/ogg", lambda: AvEncoder("ogg", "libopus", page_duration="100000")),
        Format("aac", "audio/aac", lambda: AvEncoder("adts", "aac")),
        Format("flac", "audio/flac", lambda: AvEncoder("flac", "flac")),
        Format("wav", "audio/wav", lambda: AvEncoder("wav", "pcm_s16le")),
        Format("pcm", "audio/pcm", PcmEncoder),
    )
}
