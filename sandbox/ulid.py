"""ULIDs: ids that sort by creation time, strictly so within a process."""

import os
import threading
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BITS = 80

_lock = threading.Lock()
_latest = 0


def new_ulid() -> str:
    """Return 26 characters: 48 bits of milliseconds and 80 random bits, greater than all before."""
    global _latest
    drawn = time.time_ns() // 1_000_000 << RANDOM_BITS | int.from_bytes(os.urandom(10))
    with _lock:
        _latest = max(drawn, _latest + 1)
        return _encode(_latest)


def _encode(number: int) -> str:
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
