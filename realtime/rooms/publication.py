"""An event on its way to a room."""

from dataclasses import dataclass, field
from itertools import count
from uuid import uuid4

_process = uuid4().hex
_numbers = count()


@dataclass(frozen=True, slots=True)
class Publication:
    """An encoded event for a room.

    `mark` is None for an event that is stored in the room's history, and otherwise what is written
    in place of the offset (see `wire.keys`). `about` and `retracts` are subjects as
    `history.subject_list` writes them. The token identifies the publication when it is repeated.
    """

    room: str
    frame: str
    mark: str | None = None
    about: str = ""
    retracts: str = ""
    token: str = field(default_factory=lambda: f"{_process}.{next(_numbers)}")
