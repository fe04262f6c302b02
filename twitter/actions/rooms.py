"""Real-time rooms of the microblog, and the subjects by which events are retracted."""

from realtime.connections.identity import person_room
from twitter.models import Tweet, User

TWEETS_ROOM = "tweets"
"""The room of all open feeds. Joining requires a sign-in, except with DEBUG."""


def room_of(person: User) -> str:
    """Return the private room of a person."""
    return person_room(person.pk)


def subject_of(thing: Tweet | User) -> str:
    """Return the subject that retracts events about a tweet or by a person."""
    return f"{thing._meta.model_name}.{thing.pk}"


def subjects_of(tweet: Tweet) -> list[str]:
    """Return the subjects of an event that contains a tweet's text."""
    return [subject_of(tweet), subject_of(tweet.author)]
