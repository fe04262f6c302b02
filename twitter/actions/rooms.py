"""Where on the live line things are told."""

from twitter.models import User

EVERYBODY = "tweets"
"""The room of all open feeds."""


def room_of(person: User) -> str:
    """Return the room that this person alone may join."""
    return f"person.{person.pk}"
