"""Pages of a feed, newest first, by the tweet that ended the page before: as fast on page 1,000."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime

from twitter.models import Tweet
from twitter.models.tweets import TweetQuerySet


class BadCursor(ValueError):
    """There is no such place in the feed."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a feed: right after the tweet that it names."""

    created_at: datetime
    tweet_id: int

    @classmethod
    def after(cls, tweet: Tweet) -> "Cursor":
        return cls(tweet.created_at, tweet.pk)

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        try:
            moment, _, tweet_id = urlsafe_b64decode(text.encode()).decode().partition(" ")
            created_at = datetime.fromisoformat(moment)
            if created_at.tzinfo is None or not tweet_id.isdecimal() or len(tweet_id) > 18:
                raise BadCursor(BadCursor.__doc__)
            return cls(created_at, int(tweet_id))
        except (ValueError, binascii.Error) as error:
            raise BadCursor(BadCursor.__doc__) from error

    def __str__(self) -> str:
        return urlsafe_b64encode(f"{self.created_at.isoformat()} {self.tweet_id}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Page:
    tweets: list[Tweet]
    next: Cursor | None


def page_after(feed: TweetQuerySet, cursor: Cursor | None, size: int) -> Page:
    """Return the page that follows `cursor`, or the first one. Costs one query."""
    rest = feed if cursor is None else feed.after(cursor.created_at, cursor.tweet_id)
    tweets = list(rest[: size + 1])
    has_more = len(tweets) > size
    return Page(tweets[:size], Cursor.after(tweets[size - 1]) if has_more else None)
