"""Where on the live line things are told."""

from realtime.identity import person_room
from twitter.models import User

EVERYBODY = "tweets"
"""The room of all open feeds."""


def room_of(person: User) -> str:
    """Return the room that this person alone may join."""
    return person_room(person.pk)
