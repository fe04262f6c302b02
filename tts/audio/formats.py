"""The formats in which speech leaves; an encoder turns samples into bytes as they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

import lameenc

from core.lazy import LazyModule
from tts.audio.frames import LAYOUT, to_frame
from tts.audio.headers import complete_flac, complete_wav, wav_header
from tts.audio.sound import RATE, Samples

if TYPE_CHECKING:
    import av
    from av.audio.stream import AudioStream
else:
    av = LazyModule("av")

MP3_KILOBITS = 64


class Encoder(Protocol):
    """Makes one file of 24 kHz mono samples."""

    def add(self, samples: Samples) -> bytes:
        """Return the next bytes of the file, maybe none."""

    def end(self) -> bytes:
        """Return the last bytes."""


class Mp3Encoder:
    """MP3 at a constant rate, so that players know the length without an index in front."""

    def __init__(self) -> None:
        self._lame = lameenc.Encoder()
        self._lame.silence()
        self._lame.set_bit_rate(MP3_KILOBITS)
        self._lame.set_in_sample_rate(RATE)
        self._lame.set_out_sample_rate(RATE)
        self._lame.set_channels(1)
        self._lame.set_quality(5)

    def add(self, samples: Samples) -> bytes:
        return bytes(self._lame.encode(samples.data))

    def end(self) -> bytes:
        return bytes(self._lame.flush())


class PcmEncoder:
    """The bare samples: 16 bit, little-endian, 24 kHz, mono."""

    def add(self, samples: Samples) -> bytes:
        return samples.data

    def end(self) -> bytes:
        return b""


class WavEncoder:
    """The samples behind a header that leaves their number open, as OpenAI's service does."""

    def __init__(self) -> None:
        self._header = wav_header()

    def add(self, samples: Samples) -> bytes:
        header, self._header = self._header, b""
        return header + samples.data

    def end(self) -> bytes:
        return self._header


class AvEncoder:
    """A container of FFmpeg's, written to memory that is taken away as it fills."""

    def __init__(self, container: str, codec: str, **options: str) -> None:
        self._written = bytearray()
        self._file = av.open(self, "w", format=container, options=options)
        self._stream = cast("AudioStream", self._file.add_stream(codec, rate=RATE))
        self._stream.codec_context.layout = LAYOUT
        self._samples = 0

    def write(self, data: bytes) -> int:
        """Take what FFmpeg writes; without `seek`, it never goes back to mend a header."""
        self._written += data
        return len(data)

    def add(self, samples: Samples) -> bytes:
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


@dataclass(frozen=True)
class Format:
    """A format that can be asked for by `name`.

    `complete` corrects the header of a whole file, for those that begin with their length.
    """

    name: str
    content_type: str
    encoder: Callable[[], Encoder]
    complete: Callable[[BinaryIO], None] | None = None


FORMATS = {
    format.name: format
    for format in (
        Format("mp3", "audio/mpeg", Mp3Encoder),
        Format("opus", "audio/ogg", lambda: AvEncoder("ogg", "libopus", page_duration="100000")),
        Format("aac", "audio/aac", lambda: AvEncoder("adts", "aac")),
        Format("flac", "audio/flac", lambda: AvEncoder("flac", "flac"), complete_flac),
        Format("wav", "audio/wav", WavEncoder, complete_wav),
        Format("pcm", "audio/pcm", PcmEncoder),
    )
}
