"""Models of the microblog."""

from twitter.models.keys import ApiKey
from twitter.models.media import Media
from twitter.models.notifications import Notification
from twitter.models.people import Follow, User
from twitter.models.reactions import Bookmark, Like
from twitter.models.tags import Hashtag, Mention, Tagging
from twitter.models.tweets import Tweet

__all__ = [
    "ApiKey",
    "Bookmark",
    "Follow",
    "Hashtag",
    "Like",
    "Media",
    "Mention",
    "Notification",
    "Tagging",
    "Tweet",
    "User",
]
