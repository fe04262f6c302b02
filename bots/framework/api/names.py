"""Names of files: for display, and as part of a URL."""

import re
import unicodedata

from core.storable import storable

MAX_BYTES = 255
MAX_EXTENSION_BYTES = 32
# Control characters, and those that reverse the text after them, so that an extension looks other.
INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def shown_name(name: str) -> str:
    """Return the name as Pachca shows it.

    Normalised (NFC), on one line, stripped, and at most MAX_BYTES bytes long. The extension stays
    and is the same as in `key_name`, as Pachca requires.
    """
    name = unicodedata.normalize("NFC", INVISIBLE.sub(" ", storable(name)))
    stem, dot, extension = shorten(name.strip().rstrip(". "), MAX_BYTES).rpartition(".")
    return f"{stem.rstrip()}{dot}{_escape(extension.strip())}" or "file"


def key_name(name: str) -> str:
    """Return the name for a URL: without directories and characters to quote."""
    return _escape(shown_name(name).rpartition("/")[2]).strip(". ") or "file"


def shorten(name: str, most: int) -> str:
    """Shorten the name to `most` bytes, keeping the extension."""
    stem, extension = _split(name)
    room = most - len(extension.encode())
    return f"{stem.encode()[:room].decode(errors='ignore').rstrip('. ')}{extension}"


def _escape(part: str) -> str:
    return re.sub(r"[^\w.\- ()]", "_", part)


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem.strip() or len(extension.encode()) > MAX_EXTENSION_BYTES:
        return name, ""
    return stem, f".{extension}"
