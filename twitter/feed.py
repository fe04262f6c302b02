"""Pages of tweets by the tweet that ended the page before: as fast on page 1,000."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from twitter.models import Tweet
from twitter.models.tweets import TweetQuerySet

LONGEST_CURSOR = 200


class BadCursor(ValueError):
    """A cursor that leads nowhere."""

    def __str__(self) -> str:
        return _("There is no such place in the feed.")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place among tweets: right after the one named, by what it has in the field of the order."""

    value: str
    tweet_id: int

    @classmethod
    def after(cls, tweet: Tweet, field: str = "created_at") -> "Cursor":
        return cls.of(getattr(tweet, field), tweet.pk)

    @classmethod
    def of(cls, value: Any, tweet_id: int) -> "Cursor":
        return cls(value.isoformat() if isinstance(value, datetime) else repr(value), tweet_id)

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        try:
            value, _space, tweet_id = urlsafe_b64decode(text.encode()).decode().partition(" ")
        except (ValueError, binascii.Error) as error:
            raise BadCursor from error
        if len(text) > LONGEST_CURSOR or not tweet_id.isdecimal() or len(tweet_id) > 18:
            raise BadCursor
        return cls(value, int(tweet_id))

    def __str__(self) -> str:
        return urlsafe_b64encode(f"{self.value} {self.tweet_id}".encode()).decode()

    def read_as(self, field: Any) -> Any:
        """Return the value as one of a model's field; BadCursor if it is none."""
        try:
            value = field.to_python(self.value)
        except (ValidationError, ValueError) as error:
            raise BadCursor from error
        if (
            value is None
            or (isinstance(value, datetime) and value.tzinfo is None)
            or value != value
        ):
            raise BadCursor
        return value


@dataclass(frozen=True, slots=True)
class Page:
    tweets: list[Tweet]
    next: Cursor | None


def page_after(feed: TweetQuerySet, cursor: Cursor | None, size: int) -> Page:
    """Return the page that follows `cursor`, or the first one, in the order of `feed`.

    BadCursor if the cursor is of a feed in another order.
    """
    rest = feed if cursor is None else rest_after(feed, cursor)
    tweets = list(rest.part(0, size + 1))
    has_more = len(tweets) > size
    return Page(tweets[:size], Cursor.after(tweets[size - 1], order_of(feed)) if has_more else None)


def rest_after(feed: TweetQuerySet, cursor: Cursor) -> TweetQuerySet:
    """Return what of `feed` follows the place of `cursor`."""
    field = feed.query.resolve_ref(order_of(feed)).output_field
    return feed.after(cursor.read_as(field), cursor.tweet_id)


def order_of(feed: TweetQuerySet) -> str:
    """Return the name of the field that tweets are ordered by."""
    return str(feed.query.order_by[0]).lstrip("-")
