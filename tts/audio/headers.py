"""Headers that contain the length of a file, filled in when the file is complete."""

import struct
from typing import TYPE_CHECKING, BinaryIO

from core.lazy import LazyModule
from tts.audio.sound import RATE

if TYPE_CHECKING:
    import av
else:
    av = LazyModule("av")

# The size that stands for "until the end" while a WAV file is streamed.
UNKNOWN = 0xFFFFFFFF
WAV = struct.Struct("<4sI4s4sIHHIIHH4sI")
PCM, CHANNELS, BYTES = 1, 1, 2
# Of FLAC's first block: 20 bits of rate, 3 of channels, 5 of sample size, 36 of the length.
FLAC_LENGTH_AT, FLAC_LENGTH_BITS = 18, 36


def wav_header(size: int = UNKNOWN) -> bytes:
    """Return the header of a WAV file with so many bytes of 24 kHz mono samples."""
    whole = size if size == UNKNOWN else size + WAV.size - 8
    rate = (RATE, RATE * CHANNELS * BYTES, CHANNELS * BYTES, 8 * BYTES)
    return WAV.pack(b"RIFF", whole, b"WAVE", b"fmt ", 16, PCM, CHANNELS, *rate, b"data", size)


def complete_wav(file: BinaryIO) -> None:
    """Write the true length into a WAV file that was written as it was made."""
    size = file.seek(0, 2) - WAV.size
    file.seek(0)
    file.write(wav_header(size))


def complete_flac(file: BinaryIO) -> None:
    """Write the true length into a FLAC file that was written as it was made."""
    file.seek(0)
    with av.open(file, "r") as container:
        length = sum(frame.samples for frame in container.decode(audio=0))
    file.seek(FLAC_LENGTH_AT)
    facts = int.from_bytes(file.read(8), "big") >> FLAC_LENGTH_BITS << FLAC_LENGTH_BITS
    file.seek(FLAC_LENGTH_AT)
    file.write((facts | length).to_bytes(8, "big"))
