"""Offsets: the places of events in a room's history."""

import re
from dataclasses import dataclass, replace

Offset = tuple[int, int]
NOWHERE: Offset = (0, 0)
"""The place before all events."""


@dataclass(frozen=True, slots=True)
class Position:
    """The place in a room's history of a connection that has just joined.

    `offset` is empty if it is unknown. Unless the position `is_complete`, events after the offset
    that was asked for are lost, and the client must fetch the state anew.
    """

    offset: str
    is_complete: bool = True

    @property
    def at(self) -> Offset:
        return parse(self.offset) if self.offset else NOWHERE

    def not_before(self, offset: Offset) -> "Position":
        """Return the position of a connection that has also received everything up to `offset`."""
        return self if offset <= self.at else replace(self, offset=text_of(offset))


UNKNOWN = Position("", is_complete=False)


def parse(offset: str) -> Offset:
    """Parse an offset as Redis and clients write it, "milliseconds-number"."""
    milliseconds, number = offset.split("-")
    return int(milliseconds), int(number)


def text_of(offset: Offset) -> str:
    return "{}-{}".format(*offset)


def is_offset(text: object) -> bool:
    return isinstance(text, str) and bool(re.fullmatch(r"\d{1,19}-\d{1,19}", text, re.ASCII))
