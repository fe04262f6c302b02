"""Admin of the microblog: people, API keys, tweets, pictures, hashtags."""

from twitter.admin.keys import ApiKeyAdmin
from twitter.admin.people import GroupAdmin, UserAdmin
from twitter.admin.tweets import HashtagAdmin, MediaAdmin, TweetAdmin

__all__ = [
    "ApiKeyAdmin",
    "GroupAdmin",
    "HashtagAdmin",
    "MediaAdmin",
    "TweetAdmin",
    "UserAdmin",
]
