"""Names of rooms: valid in the broker, the database and the logs."""

import unicodedata

from realtime.errors import EventError

MAX_ROOM_LENGTH = 200
RULE = (
    f"A room name must have 1 to {MAX_ROOM_LENGTH} characters of valid Unicode,"
    " none of them a control character."
)


class InvalidRoomName(EventError):
    """The name of a room breaks the rules; a client receives it as `bad_payload`."""

    def __init__(self) -> None:
        super().__init__("bad_payload", RULE, fields={"room": [RULE]})


def check_room_name(name: object) -> str:
    """Return the name, or raise InvalidRoomName."""
    if isinstance(name, str) and 0 < len(name) <= MAX_ROOM_LENGTH and is_plain_text(name):
        return name
    raise InvalidRoomName


def is_plain_text(text: str) -> bool:
    """Return whether a text is valid Unicode (no lone surrogates) without control characters."""
    return text.isprintable() or not any(
        unicodedata.category(each) in _REFUSED_CATEGORIES for each in text
    )


_REFUSED_CATEGORIES = {"Cc", "Cs"}
