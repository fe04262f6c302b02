"""WebSocket text frames (RFC 6455, section 5.2), parsed and encoded without a protocol object."""

from functools import lru_cache

from websockets.frames import apply_mask  # type: ignore[attr-defined]  # in C where it can be

FINAL_TEXT = 0x81
MASKED = 0x80
IN_TWO_BYTES, IN_EIGHT_BYTES = 126, 127
"""Values of the 7-bit length: the length follows in two or in eight bytes."""


def parse_text_frame(data: bytes, start: int, max_length: int) -> tuple[bytes, int] | None:
    """Return the payload of the client's text frame at `start`, unmasked, and the frame's end.

    None for anything else: another kind of frame, an incomplete one, one of 64 KiB or more.
    """
    if len(data) < start + 6 or data[start] != FINAL_TEXT or data[start + 1] < MASKED:
        return None
    length, mask = data[start + 1] - MASKED, start + 2
    if length == IN_EIGHT_BYTES:
        return None
    if length == IN_TWO_BYTES:
        length, mask = int.from_bytes(data[mask : mask + 2], "big"), mask + 2
    body = mask + 4
    end = body + length
    if length > max_length or len(data) < end:
        return None
    return apply_mask(data[body:end], data[mask:body]), end


@lru_cache(maxsize=8)
def encode_frames(texts: tuple[str, ...]) -> bytes:
    """Return a frame for each text. Cached: all members of a room are sent the same texts."""
    return b"".join(part for text in texts for part in _frame(text.encode()))


def _frame(body: bytes) -> tuple[bytes, bytes]:
    length = len(body)
    if length < IN_TWO_BYTES:
        return bytes([FINAL_TEXT, length]), body
    if length < 1 << 16:
        return bytes([FINAL_TEXT, IN_TWO_BYTES]) + length.to_bytes(2, "big"), body
    return bytes([FINAL_TEXT, IN_EIGHT_BYTES]) + length.to_bytes(8, "big"), body
