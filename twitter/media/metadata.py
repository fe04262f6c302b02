"""Removing metadata from image files without decoding them.

Each container is rewritten chunk by chunk, copying only the chunks needed for display; pixels,
frames and timing do not change. EXIF with its location, comments, thumbnails, further images and
data after the end of the image are dropped.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_PROFILE = 4 * 1024 * 1024
"""The maximum size of a decompressed ICC profile in bytes. Larger ones are dropped."""


class Malformed(ValueError):
    """The file violates its format."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """The file without metadata, and its former EXIF block."""

    content: bytes
    exif: bytes = b""


def strip_metadata(content: bytes, format: str) -> Stripped:
    """Remove the metadata of a JPEG, PNG, GIF or WebP file. Raises Malformed."""
    try:
        return STRIPPERS[format](content)
    except (IndexError, struct.error) as error:
        raise Malformed("The file is truncated.") from error


# --- JPEG ----------------------------------------------------------------------------------------

JPEG_START, JPEG_END, JPEG_SCAN = 0xD8, 0xD9, 0xDA
# In compressed data, FF starts a marker unless 00, a fill byte or a restart marker follows.
JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
# Application segments that are needed to decode the colours: JFIF, ICC profile, Adobe.
JPEG_SEGMENTS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
JPEG_EXIF = b"Exif\0\0"
JFIF_HEADER = 14


def strip_jpeg(content: bytes) -> Stripped:
    """Keep the first image only: phones append previews, depth maps and videos."""
    parts, place, exif = [content[:2]], 2, b""
    while True:
        marker, place = _next_marker(content, place)
        if marker == JPEG_END:
            return Stripped(b"".join([*parts, b"\xff\xd9"]), exif)
        (length,) = struct.unpack_from(">H", content, place)
        body, place = content[place + 2 : place + length], place + length
        if length < 2 or place > len(content):
            raise Malformed("A segment is truncated.")
        parts += _filter_segment(marker, body)
        if marker == 0xE1 and body.startswith(JPEG_EXIF):
            exif = exif or body
        if marker == JPEG_SCAN:
            end = JPEG_MARKER.search(content, place)
            if end is None:
                raise Malformed("The end marker is missing.")
            parts.append(content[place : end.start()])
            place = end.start()


def _next_marker(content: bytes, place: int) -> tuple[int, int]:
    place = content.index(0xFF, place)  # some cameras write stray bytes before a marker
    while content[place] == 0xFF:
        place += 1
    return content[place], place + 1


def _filter_segment(marker: int, body: bytes) -> Iterator[bytes]:
    if marker == 0xFE or 0xE0 <= marker <= 0xEF:
        if marker not in JPEG_SEGMENTS or not body.startswith(JPEG_SEGMENTS[marker]):
            return
        if marker == 0xE0:  # drop the thumbnail
            body = body[: JFIF_HEADER - 2] + b"\0\0"
    yield struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


# --- PNG -----------------------------------------------------------------------------------------

PNG_START = 8
PNG_CHUNKS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT".split()
)


def strip_png(content: bytes) -> Stripped:
    parts, place, kind, exif = [content[:PNG_START]], PNG_START, b"", b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, place)
        chunk = content[place : place + length + 12]
        if len(chunk) < length + 12:
            raise Malformed("A chunk is cut off.")
        place += len(chunk)
        if kind in PNG_CHUNKS and not (kind == b"iCCP" and _is_too_large(chunk[8:-4])):
            parts.append(chunk)
        if kind == b"eXIf":
            exif = chunk[8:-4]
    return Stripped(b"".join(parts), exif)


def _is_too_large(profile: bytes) -> bool:
    _name, _zero, compressed = profile.partition(b"\0")
    inflate = zlib.decompressobj()
    try:
        inflate.decompress(compressed[1:], MAX_PROFILE)
    except zlib.error:
        return True
    return not inflate.eof


# --- GIF -----------------------------------------------------------------------------------------

GIF_HEADER = 13
GIF_EXTENSION, GIF_IMAGE, GIF_END = 0x21, 0x2C, 0x3B
GIF_CONTROL, GIF_APPLICATION = 0xF9, 0xFF
GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def strip_gif(content: bytes) -> Stripped:
    """Keep frames with their timing and disposal, and the number of repetitions."""
    place = GIF_HEADER + _colour_table_size(content[10])
    parts = [content[:place]]
    # Many GIFs lack the final byte.
    while place < len(content) and (kind := content[place]) != GIF_END:
        if kind == GIF_EXTENSION:
            start, place = place, _end_of_blocks(content, place + 2)
            parts += _filter_extension(content[start:place])
        elif kind == GIF_IMAGE:
            data = place + 10 + _colour_table_size(content[place + 9])
            start, place = place, _end_of_blocks(content, data + 1)
            parts.append(content[start:place])
        else:
            raise Malformed("A block has an unknown type.")
    return Stripped(b"".join([*parts, bytes([GIF_END])]))


def _colour_table_size(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of_blocks(content: bytes, place: int) -> int:
    while size := content[place]:
        place += size + 1
    return place + 1


def _filter_extension(block: bytes) -> Iterator[bytes]:
    if block[1] == GIF_CONTROL:
        yield block
    elif block[1] == GIF_APPLICATION and block[3:14] in GIF_LOOPS and block[14:16] == b"\3\1":
        yield block[:18] + b"\0"


# --- WebP ----------------------------------------------------------------------------------------

WEBP_HEADER = 12
WEBP_CHUNKS = frozenset([b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"])
WEBP_FRAME_CHUNKS = frozenset([b"VP8 ", b"VP8L", b"ALPH"])
WEBP_FRAME_HEADER = 16
WEBP_HAS_METADATA = 0b1100
"""The flags of VP8X for EXIF and XMP."""


def strip_webp(content: bytes) -> Stripped:
    (size,) = struct.unpack_from("<I", content, 4)
    if size + 8 > len(content):
        raise Malformed("The file is cut off.")
    parts, exif = [], b""
    for kind, body in _webp_chunks(content[WEBP_HEADER : size + 8]):
        if kind == b"VP8X":
            body = bytes([body[0] & ~WEBP_HAS_METADATA]) + body[1:]
        if kind == b"ANMF":
            frame = _webp_chunks(body[WEBP_FRAME_HEADER:])
            chunks = [_webp_chunk(*chunk) for chunk in frame if chunk[0] in WEBP_FRAME_CHUNKS]
            body = body[:WEBP_FRAME_HEADER] + b"".join(chunks)
        if kind in WEBP_CHUNKS:
            parts.append(_webp_chunk(kind, body))
        if kind == b"EXIF":
            exif = body
    whole = b"".join(parts)
    return Stripped(b"RIFF" + struct.pack("<I", len(whole) + 4) + b"WEBP" + whole, exif)


def _webp_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place + 8 <= len(content):
        kind, size = struct.unpack_from("<4sI", content, place)
        body = content[place + 8 : place + 8 + size]
        if len(body) < size:
            raise Malformed("A chunk is cut off.")
        yield kind, body
        place += 8 + size + size % 2


def _webp_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


STRIPPERS: dict[str, Callable[[bytes], Stripped]] = {
    "JPEG": strip_jpeg,
    "PNG": strip_png,
    "GIF": strip_gif,
    "WEBP": strip_webp,
}
