"""People and what they say."""

from twitter.models.keys import ApiKey
from twitter.models.people import User
from twitter.models.tweets import Tweet

__all__ = ["ApiKey", "Tweet", "User"]
