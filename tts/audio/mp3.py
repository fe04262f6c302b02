"""MP3 as a row of frames (ISO 11172-3, ISO 13818-3), so that files can be joined without loss."""

from collections.abc import Iterator
from dataclasses import dataclass

from tts.audio.sound import RATE, Mp3

ID3_HEADER = 10
# Kilobits per second of layer III by the index in the header: of MPEG 1, and of MPEG 2 and 2.5.
BITRATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
MPEG1, LAYER_3, MONO = 3, 1, 3
# How far the side information reaches after the header: an index stands behind it.
SIDE = {(True, False): 32, (True, True): 17, (False, False): 17, (False, True): 9}
INDEXES = (b"Xing", b"Info")


@dataclass(frozen=True)
class Frame:
    """One frame; `is_index` when it describes the file instead of sounding."""

    data: bytes
    rate: int
    samples: int
    is_mono: bool
    is_index: bool


def frames(data: bytes) -> Iterator[Frame]:
    """Yield the frames of a file, passing over what stands between them."""
    at = after_id3(data)
    while (at := data.find(b"\xff", at)) >= 0:
        frame = frame_at(data, at)
        if frame:
            yield frame
        at += len(frame.data) if frame else 1


def after_id3(data: bytes) -> int:
    """Return where an ID3 tag at the start ends; its size has seven bits in each byte."""
    if not data.startswith(b"ID3") or len(data) < ID3_HEADER:
        return 0
    size = 0
    for byte in data[6:ID3_HEADER]:
        size = size << 7 | byte & 0x7F
    return ID3_HEADER + size


def frame_at(data: bytes, at: int) -> Frame | None:
    """Return the whole frame that begins here, if one does."""
    header = int.from_bytes(data[at : at + 4], "big")
    if header >> 21 != 0x7FF or len(data) < at + 4:
        return None
    version, layer = header >> 19 & 3, header >> 17 & 3
    bitrate_index, rate_index, padding = header >> 12 & 15, header >> 10 & 3, header >> 9 & 1
    if layer != LAYER_3 or version not in RATES or rate_index > 2 or not 0 < bitrate_index < 15:
        return None
    first, rate = version == MPEG1, RATES[version][rate_index]
    length = (144 if first else 72) * BITRATES[not first][bitrate_index] * 1000 // rate + padding
    frame = data[at : at + length]
    if len(frame) < length:
        return None
    is_mono = header >> 6 & 3 == MONO
    index = 4 + SIDE[first, is_mono]
    return Frame(
        data=frame,
        rate=rate,
        samples=1152 if first else 576,
        is_mono=is_mono,
        is_index=frame[index : index + 4] in INDEXES,
    )


def clean(data: bytes) -> Mp3:
    """Return the frames that sound.

    Raises `ValueError` when there are none, or when they are not 24 kHz mono.
    """
    sounding = [frame for frame in frames(data) if not frame.is_index]
    if not sounding:
        raise ValueError("there is no MP3 in it")
    if any(frame.rate != RATE or not frame.is_mono for frame in sounding):
        raise ValueError("it is not 24 kHz mono")
    seconds = sum(frame.samples for frame in sounding) / RATE
    return Mp3(b"".join(frame.data for frame in sounding), seconds)
